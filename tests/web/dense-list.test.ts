import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchableTexts } from '../../src/catalog/snapshot.ts';
import { COUNTED_FILTERS } from '../../src/trials/counted-values.ts';
import { FACET_FILTERS, FITS } from '../../src/trials/facet-groups.ts';
import { phasesOf } from '../../src/trials/phases.ts';
import { wordsOf } from '../../src/trials/search-words.ts';
import { createTrialFiltersSchema, understandFilters } from '../../src/trials/trial-query.ts';
import { readPageQuery } from '../../src/http/page-query.ts';
import { siteKeysOf } from '../../src/http/service.ts';
import { answerDense, lateFrom, type DenseAnswer } from '../../src/web/dense-list.ts';
import { readSort, understandEntries, writeQuestion } from '../../src/web/dense-question.ts';
import { factsOf } from '../../src/web/find-trials.ts';
import type { TrialFacts } from '../../src/web/trial-facts.ts';
import { createTrialIndex } from '../../src/trials/trial-index.ts';
import {
  FACET_IDS,
  NAMED,
  queryArbitrary,
  trialsArbitrary,
  type MadeUpTrial,
} from '../support/made-up-trials.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

const GROUND = { facetIds: FACET_IDS, newFrom: null };

function factsOfMadeUp(trial: MadeUpTrial): TrialFacts {
  const { texts, verdicts, ...fields } = trial;
  const stated = Object.entries(verdicts).map(([id, verdict]) => [id, { verdict, sentence: 'So it says.' }]);
  return {
    ...fields,
    availability: 'closed',
    phaseKeys: phasesOf(trial.phases),
    dates: { ...trial.dates, firstPosted: null },
    verdicts: Object.fromEntries(stated) as TrialFacts['verdicts'],
    words: [...wordsOf(texts)],
  };
}

/** Counts of the values that the index names. */
function countsOf(
  { counts }: DenseAnswer,
  facets: Readonly<Record<string, Readonly<Record<string, number>>>>,
) {
  return Object.fromEntries(
    [...COUNTED_FILTERS, ...FACET_FILTERS].map((filter) => {
      const mine: Readonly<Record<string, number>> = counts[filter];
      return [
        filter,
        Object.fromEntries(Object.keys(facets[filter] ?? {}).map((value) => [value, mine[value] ?? 0])),
      ];
    }),
  );
}

test('the page counts, hides and orders as the index answers programs', () => {
  fc.assert(
    fc.property(trialsArbitrary({ maxLength: 25 }), queryArbitrary, (trials, asked) => {
      // Pages always ask for verdicts; an empty list of them is a question of programs.
      const query = { ...asked, match: asked.match.length === 0 ? FITS : asked.match, limit: 1_000 };
      const index = createTrialIndex(trials, {
        textsOf: ({ texts }) => texts,
        facetIds: FACET_IDS,
        verdictsOf:
          ({ verdicts }) =>
          (id) =>
            verdicts[id] ?? 'fits',
      });
      const listing = index.list(query, 0, NAMED);
      const answer = answerDense(
        trials.map(factsOfMadeUp),
        { query, isNew: false, isReversed: false },
        GROUND,
      );
      const shown = answer.rows.filter(({ isShown }) => isShown).map(({ facts }) => facts.nctId);
      expect(shown).toEqual(listing.page.map((place) => trials[place]?.nctId));
      expect(countsOf(answer, listing.facets)).toEqual(listing.facets);
      expect(answer.total).toBe(listing.total);
      // What the link to them would add; the service also counts trials that both rules leave out.
      const without = (name: 'relevance' | 'siteMatch'): number =>
        index.list({ ...query, [name]: [] }, 0, NAMED).total - listing.total;
      expect(answer.hidden).toMatchObject({
        relevance: without('relevance'),
        siteMatch: without('siteMatch'),
      });
      expect(answer.counts.match).toEqual(listing.fitCounts ?? answer.counts.match);
    }),
    { numRuns: 150 },
  );
});

const facetIds = FACET_FILTERS.flatMap((group) =>
  pack.facets.facets.filter(({ id }) => id.startsWith(`${group}.`)).map(({ id }) => id),
);
const sample = sampleSnapshot.indexed.map(({ trial, judgeFit }) =>
  factsOf(
    { trial, judgeFit, searchWords: [...wordsOf(searchableTexts(trial))] },
    { view: 'clinician', facetIds },
  ),
);

test('rows of the sample give the verdicts of the judge', () => {
  const query = understandFilters({ lineage: ['b'], setting: ['relapsed'], match: [...FITS] });
  const { rows } = answerDense(
    sample,
    { query, isNew: false, isReversed: false },
    { facetIds, newFrom: null },
  );
  const judged = new Map(sampleSnapshot.indexed.map(({ trial, judgeFit }) => [trial.nctId, judgeFit(query)]));
  for (const { facts, fit, reasons } of rows) {
    const expected = judged.get(facts.nctId);
    expect(fit, facts.nctId).toBe(expected?.verdict);
    expect(reasons).toEqual(
      expected?.reasons.map(({ id, verdict, sentence }) => ({ id, verdict, sentence })),
    );
  }
  expect(new Set(rows.map(({ fit }) => fit)).size).toBe(3);
});

test('an order turned around keeps its ties', () => {
  const ids = (isReversed: boolean): string[] =>
    answerDense(
      sample,
      { query: understandFilters({ sort: 'title' }), isNew: false, isReversed },
      { facetIds, newFrom: null },
    )
      .rows.filter(({ isShown }) => isShown)
      .map(({ facts }) => facts.nctId);
  expect(ids(true)).toEqual(ids(false).toReversed());
});

test('lately is counted from the day of the data, and a trial without a day is not new', () => {
  expect(lateFrom('2026-08-22')).toBe('2026-05-24');
  expect(lateFrom(null)).toBeNull();
  const [first] = sample;
  if (first === undefined) throw new Error('no sample');
  const posted = (firstPosted: string | null, newFrom: string | null): number =>
    answerDense(
      [{ ...first, dates: { ...first.dates, firstPosted } }],
      { query: understandFilters({}), isNew: true, isReversed: false },
      { facetIds, newFrom },
    ).total;
  expect(posted('2026-05-24', '2026-05-24')).toBe(1);
  expect(posted('2026-05-23', '2026-05-24')).toBe(0);
  expect(posted(null, '2026-05-24')).toBe(0);
  expect(posted('2026-05-24', null)).toBe(0);
});

test('an empty list says what dropping each filter would find', () => {
  const query = understandFilters({ q: 'zzzz', age: '4' });
  const answer = answerDense(sample, { query, isNew: false, isReversed: false }, { facetIds, newFrom: null });
  expect(answer.total).toBe(0);
  const without = answerDense(
    sample,
    { query: { ...query, q: [] }, isNew: false, isReversed: false },
    { facetIds, newFrom: null },
  );
  expect(answer.suggestions).toEqual([{ drop: 'q', total: without.total }]);
  expect(without.total).toBeGreaterThan(0);
});

test.each([
  '',
  'age=34&setting=relapsed&setting=refractory&genomic=ph_positive',
  'ageGroup=child,aya&phase=2&phase=early_1&availability=open',
  'q=CAR-T+Blinatumomab&sort=title&sex=FEMALE&siteMatch=possible&relevance=possible,specific',
  'age=8mo&match=does_not_fit&site=uab&studyType=OBSERVATIONAL',
])('a form is understood as the service understands it: %s', (text) => {
  const schema = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);
  const entries = [...new URLSearchParams(text)];
  const given: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    const isOne = ['age', 'q', 'sort', 'sex'].includes(name);
    const before = given[name] as string[] | undefined;
    given[name] = isOne ? value : [...(before ?? []), ...value.split(',')];
  }
  const { query } = understandEntries(entries);
  expect({ ...query, limit: 50 }).toEqual(understandFilters(schema.parse(given)));
});

test.each(['34 yo', '34 años', '1,5', '8 months old', '1 year 3 months', 'old'])(
  'care teams may write an age with a script as without one: %s',
  (age) => {
    const schema = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);
    const text = new URLSearchParams({ view: 'clinician', age }).toString();
    const { asked } = readPageQuery(text, schema);
    expect(understandEntries([['age', age]]).query.age).toEqual(asked.query.age);
    expect(asked.ageIsUnreadable).toBe(age === 'old');
  },
);

test('a question survives its own address', () => {
  const question = understandEntries(
    new URLSearchParams('age=8mo&phase=2,1&setting=relapsed&match=fits&new=90&sort=-title&q=Car-T x'),
  );
  const address = writeQuestion(question, { age: '8mo', q: 'Car-T x' });
  expect(understandEntries(Object.entries(address))).toEqual(question);
  expect(address).not.toHaveProperty('relevance');
});

test('what is unknown is left aside', () => {
  const usual = understandEntries([]);
  expect(understandEntries(new URLSearchParams('phase=9&age=old&sort=-best&new=1&match=&x=y'))).toEqual(
    usual,
  );
  expect(readSort('-updated')).toEqual({ sort: 'updated', isReversed: true });
});
