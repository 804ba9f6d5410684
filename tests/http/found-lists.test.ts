import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/catalog/snapshot.ts';
import { bytesOf, weighOwn } from '../../src/http/answer-bodies.ts';
import { createListFinder, findList } from '../../src/http/found-lists.ts';
import { createFirstPage, type FoundList } from '../../src/http/list-trials.ts';
import { packBegin } from '../../src/http/packed-pieces.ts';
import { renderParts, represent } from '../../src/http/rendered-answers.ts';
import { facetValuesOf, siteKeysOf } from '../../src/http/service.ts';
import { understandFilters, type TrialFilters } from '../../src/trials/trial-query.ts';
import { AGE_GROUPS, PHASES } from '../../src/trials/vocabulary.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';
import { buildTestApp, CHECKED_AT } from '../support/test-app.ts';

/** What was found for one age is told to the next patient of its class: it must be what would be found for this one. */

const named = { siteKeys: siteKeysOf(pack), facetValues: facetValuesOf(pack) };
const editionOf = (snapshot: Snapshot) => ({ snapshot, source: 'registry', checkedAt: CHECKED_AT }) as const;
const pageOf = (snapshot: Snapshot, filters: TrialFilters) =>
  createFirstPage(editionOf(snapshot), understandFilters(filters));

/** Body and tag. */
function write({ begin }: FoundList): { body: string; etag: string } {
  const { body, etag } = represent(renderParts([begin], { cacheControl: 'no-store' }), 'identity');
  return { body: bytesOf(body).toString(), etag };
}

/** The sample, and how often its index was asked. */
function countTallies() {
  const asked = { count: 0 };
  const { index } = sampleSnapshot;
  const tally: typeof index.tally = (...question) => {
    asked.count++;
    return index.tally(...question);
  };
  return { asked, snapshot: { ...sampleSnapshot, index: { ...index, tally } } };
}

const ages = fc
  .tuple(fc.integer({ min: 0, max: 1_200 }), fc.constantFrom('d', 'w', 'mo', 'y'))
  .map(([tenths, unit]) => `${tenths / 10}${unit}`);
const filters: fc.Arbitrary<TrialFilters> = fc.record(
  {
    age: ages,
    ageMin: fc.constantFrom('1', '18'),
    ageMax: fc.constantFrom('8mo', '30'),
    ageGroup: fc.subarray([...AGE_GROUPS], { minLength: 1, maxLength: 2 }),
    phase: fc.subarray([...PHASES], { minLength: 1, maxLength: 2 }),
    genomic: fc.subarray([...named.facetValues.genomic], { minLength: 1, maxLength: 1 }),
    q: fc.constantFrom('leukemia', 'age 8y', 'blinatumomab'),
    limit: fc.constantFrom(1, 3, 50),
  },
  { requiredKeys: ['age'] },
);

test('whatever was found for other ages before, a list is the one that is found afresh', () => {
  const find = createListFinder(named);
  fc.assert(
    fc.property(filters, fc.constantFrom(0, 1, 3), (asked, offset) => {
      const page = { ...pageOf(sampleSnapshot, asked), offset };
      const [kept, fresh] = [find(page), findList(page, named)];
      expect(kept.total).toBe(fresh.total);
      expect(write(kept)).toEqual(write(fresh));
    }),
    { numRuns: 300 },
  );
});

test('a walk through a list for an age shows every trial once', async () => {
  const { server } = await buildTestApp();
  const ask = async (url: string) =>
    (await server.inject(url)).json<{ data: { nctId: string }[]; links: { next: string | null } }>();
  const whole = await ask('/v1/trials?age=8&limit=200');
  const walked: string[] = [];
  for (let url: string | null = '/v1/trials?age=8&limit=2'; url !== null;) {
    const { data, links } = await ask(url);
    walked.push(...data.map(({ nctId }) => nctId));
    url = links.next?.replace(/^https:\/\/[^/]+/, '') ?? null;
  }
  expect(walked.length).toBeGreaterThan(4);
  expect(walked).toEqual(whole.data.map(({ nctId }) => nctId));
  await server.close();
});

describe('the index is asked', () => {
  test('once for ages that no trial tells apart, and again at a bound: NCT03914625 takes up to 31 years', () => {
    const { asked, snapshot } = countTallies();
    const find = createListFinder(named);
    for (const age of ['31.1', '31.5y', '11400d']) find(pageOf(snapshot, { age }));
    expect(asked.count).toBe(1);
    find(pageOf(snapshot, { age: '32' }));
    expect(asked.count).toBe(2);
    find(pageOf(snapshot, { age: '31.1', limit: 1 }));
    find(pageOf(snapshot, { age: '31.1', phase: ['3'] }));
    expect(asked.count).toBe(4);
  });

  test('once where no age is asked', () => {
    const { asked, snapshot } = countTallies();
    const find = createListFinder(named);
    for (const phase of ['3', '3'] as const) find(pageOf(snapshot, { phase: [phase] }));
    expect(asked.count).toBe(1);
  });

  test('each time for what people type, which would drive out the rest', () => {
    const { asked, snapshot } = countTallies();
    const find = createListFinder(named);
    for (const typed of [{ q: 'blinatumomab' }, { ageMin: '5' }, { ageMax: '8y' }])
      for (let time = 0; time < 2; time++) find(pageOf(snapshot, typed));
    expect(asked.count).toBe(6);
  });

  test('again for lists that had to go, their packed forms counted', () => {
    const { asked, snapshot } = countTallies();
    const pages = PHASES.map((phase) => pageOf(snapshot, { phase: [phase], sort: 'title' }));
    const sizes = pages.map((page) => {
      const { begin } = findList(page, named);
      return weighOwn(begin) + packBegin(Buffer.from(write({ total: 0, begin }).body), 'br').bytes.length;
    });
    const keptBytes = sizes.reduce((sum, size) => sum + size, 0);
    asked.count = 0;
    const find = createListFinder(named, keptBytes);
    for (let time = 0; time < 2; time++) for (const page of pages) find(page);
    expect(asked.count).toBe(2 * pages.length);
  });

  test('each time for what is asked in a body, of which nothing is kept', async () => {
    const { asked, snapshot } = countTallies();
    const { server } = await buildTestApp({ snapshot });
    const search = async (age: string) =>
      server.inject({ method: 'POST', url: '/v1/trials/search', payload: { age } });
    const before = asked.count;
    for (const age of ['34', '34']) expect((await search(age)).statusCode).toBe(200);
    expect(asked.count - before).toBe(2);
    await server.close();
  });
});
