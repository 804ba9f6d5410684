import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FACET_FILTERS, FITS, POLARITIES } from '../../src/trials/facet-groups.ts';
import type { ListedTrial, Trial } from '../../src/trials/trial.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';
import { buildTestApp } from '../support/test-app.ts';

interface List {
  data: ListedTrial[];
  total: number;
  fitCounts: Record<string, number> | null;
  facets: Record<string, Record<string, number>>;
  query: Record<string, unknown>;
  suggestions: { drop: string; total: number }[];
}
const { server } = await buildTestApp();
const list = async (query: string): Promise<List> =>
  (await server.inject(`/v1/trials?${query}`)).json<List>();
const everything = 'relevance=specific,includes,possible&siteMatch=confirmed,network,possible&limit=200';

describe('facet filters', () => {
  test('without one there is no verdict', async () => {
    const { data, fitCounts, query } = await list('limit=5');
    expect(fitCounts).toBeNull();
    expect(query).not.toHaveProperty('match');
    for (const trial of data) expect(trial.fit).toBeNull();
  });

  test('nothing is removed silently: the three verdicts together are all trials', async () => {
    for (const group of FACET_FILTERS)
      for (const { id } of pack.facets.facets.filter((facet) => facet.id.startsWith(`${group}.`))) {
        const asked = `${group}=${id.slice(group.length + 1)}&${everything}`;
        const { fitCounts, total } = await list(asked);
        const all = await list(`${asked}&match=fits,check,does_not_fit`);
        expect(all.total).toBe(sampleSnapshot.trials.length);
        expect(Object.values(fitCounts ?? {}).reduce((sum, count) => sum + count, 0)).toBe(all.total);
        expect(total).toBe((fitCounts?.['fits'] ?? 0) + (fitCounts?.['check'] ?? 0));
      }
  });

  test('every verdict that keeps a trial out quotes a sentence of that trial', async () => {
    const { data } = await list(
      `setting=newly_diagnosed&population=down_syndrome&match=does_not_fit&${everything}`,
    );
    expect(data.length).toBeGreaterThan(3);
    for (const { nctId, fit } of data) {
      const deciding = fit?.reasons.filter(({ verdict }) => verdict === 'does_not_fit') ?? [];
      expect(deciding.length).toBeGreaterThan(0);
      const trial = sampleSnapshot.findTrial(nctId);
      const sentences = trial?.facets.flatMap(({ evidence }) => evidence.map(({ sentence }) => sentence));
      for (const { sentence } of deciding) expect(sentences).toContain(sentence);
    }
  });

  test('POST understands the same and the order of values does not matter', async () => {
    const body = { lineage: ['t', 'b'], setting: ['relapsed'], match: ['check', 'fits'] };
    const posted = (
      await server.inject({ method: 'POST', url: '/v1/trials/search', payload: body })
    ).json<List>();
    const got = await list('setting=relapsed&lineage=b&lineage=t');
    expect(posted.data).toEqual(got.data);
    expect(posted.query).toEqual(got.query);
    const one = await server.inject('/v1/trials?lineage=t,b');
    const other = await server.inject('/v1/trials?lineage=b&lineage=t');
    expect(one.headers.etag).toBe(other.headers.etag);
  });

  test('a count is what asking for that value alone would list', async () => {
    const { facets } = await list('ageGroup=child&genomic=ph_positive');
    for (const value of ['b', 't', 'mpal']) {
      const asked = await list(`ageGroup=child&genomic=ph_positive&lineage=${value}`);
      expect(facets['lineage']?.[value]).toBe(asked.total);
    }
  });

  test('within one availability trials that fit come first', async () => {
    const { data } = await list(
      `setting=newly_diagnosed&availability=closed&match=fits,check,does_not_fit&limit=200`,
    );
    const ranks = data.map(({ fit }) => FITS.indexOf(fit?.verdict ?? 'check'));
    expect(new Set(ranks).size).toBeGreaterThan(1);
    expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
  });

  test.each(['lineage=x', 'lineage=', 'match=maybe', 'disease=all', 'genomic=PH_POSITIVE', 'lineage=b,,t'])(
    '%s is an error',
    async (query) => {
      expect((await server.inject(`/v1/trials?${query}`)).statusCode).toBe(400);
    },
  );

  test('a search that finds nothing says what dropping a facet would find', async () => {
    const { total, suggestions } = await list('q=AALL1732&population=down_syndrome');
    expect(total).toBe(0);
    expect(suggestions).toContainEqual({ drop: 'population', total: 1 });
    expect(suggestions).toContainEqual({ drop: 'match', total: 1 });
  });
});

test('verdicts asked for without a facet: dropping them is suggested', async () => {
  const { total, suggestions } = await list('match=check');
  expect(total).toBe(0);
  expect(suggestions.find(({ drop }) => drop === 'match')?.total).toBeGreaterThan(20);
});

describe('facets of a trial', () => {
  test('a list has id and polarity, the full record the evidence', async () => {
    const { data } = await list('q=AALL1732');
    expect(data[0]?.facets).toContainEqual({ id: 'population.down_syndrome', polarity: 'excluded' });
    const { data: trial } = (await server.inject('/v1/trials/NCT03959085')).json<{ data: Trial }>();
    const facet = trial.facets.find(({ id }) => id === 'population.down_syndrome');
    const [evidence] = facet?.evidence ?? [];
    expect(evidence).toMatchObject({ section: 'exclusion', field: 'EligibilityCriteria' });
    expect(trial.eligibilityCriteria.text.slice(evidence?.start, evidence?.end)).toBe(evidence?.sentence);
    for (const { polarity } of trial.facets) expect(POLARITIES).toContain(polarity);
  });

  test('the vocabulary has them all with their version, codes and relations', async () => {
    const answer = (await server.inject('/v1/vocabulary')).json<{
      facets: { version: string; terms: unknown[] };
    }>();
    expect(answer.facets.version).toBe(pack.facets.version);
    expect(answer.facets.terms).toHaveLength(pack.facets.facets.length);
    expect(answer.facets.terms).toContainEqual(
      expect.objectContaining({
        id: 'lineage.etp',
        value: 'etp',
        kindOf: 'lineage.t',
        contradicts: ['lineage.b'],
      }),
    );
  });
});

test('the quality report counts what it lists', async () => {
  const report = (await server.inject('/v1/quality')).json<{
    data: { code: string }[];
    total: number;
    codes: Record<string, number>;
  }>();
  expect(report.total).toBe(report.data.length);
  for (const [code, count] of Object.entries(report.codes))
    expect(report.data.filter((finding) => finding.code === code)).toHaveLength(count);
});

test('the README shows what the service answers', async () => {
  const body = {
    age: '34',
    genomic: ['ph_positive'],
    setting: ['newly_diagnosed'],
    match: ['fits', 'does_not_fit'],
    limit: 2,
  };
  const answer = (
    await server.inject({ method: 'POST', url: '/v1/trials/search', payload: body })
  ).json<List>();
  const readme = await readFile('README.md', 'utf8');
  expect(readme).toContain(JSON.stringify(body));
  expect(readme).toContain(`\n${JSON.stringify(answer.fitCounts)}\n`);
  for (const { nctId, fit } of answer.data) expect(readme).toContain(`["${nctId}","${fit?.verdict}",`);
});
