import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RegistryInconsistent, RegistryUnreachable } from '../../src/registry/registry-errors.ts';
import {
  walkStudies,
  type RegistryVersion,
  type StudyPage,
  type StudyQuery,
} from '../../src/registry/walk-studies.ts';

const DAY = '2026-11-20';
const VERSION: RegistryVersion = { apiVersion: '2.0.5', dataTimestamp: `${DAY}T09:00:04`, etag: '"a"' };
const named: StudyQuery = { name: 'named', parameters: { 'query.cond': 'x' } };
const baskets: StudyQuery = { name: 'baskets', parameters: { 'query.cond': 'y' } };

const study = (number: number, versionHolder: string | null = DAY): unknown => ({
  protocolSection: { identificationModule: { nctId: `NCT${String(number).padStart(8, '0')}` } },
  ...(versionHolder !== null && { derivedSection: { miscInfoModule: { versionHolder } } }),
});
const studies = (count: number): unknown[] => Array.from({ length: count }, (_, index) => study(index + 1));

/** A registry in memory; `answer` may bend what it says. */
const walk = async (options: {
  queries?: readonly StudyQuery[];
  found: (condition: string | undefined) => readonly unknown[];
  pageSize?: number;
  pages?: number;
  bend?: (
    page: StudyPage,
    asked: { parameters: Readonly<Record<string, string>>; count: number },
  ) => StudyPage;
  version?: (count: number) => RegistryVersion;
}) => {
  const { queries = [named], found, pageSize = 10, pages = 50, bend = (page) => page } = options;
  const asked: Readonly<Record<string, string>>[] = [];
  let versions = 0;
  const result: unknown = await walkStudies(queries, {
    limits: { pageSize, pages },
    fetchVersion: async () => (options.version ?? (() => VERSION))(++versions),
    fetchPage: async (parameters) => {
      asked.push(parameters);
      const all = found(parameters['query.cond']);
      const offset = Number(parameters['pageToken'] ?? 0);
      const rows = all.slice(offset, offset + pageSize);
      const page: StudyPage = {
        ...(parameters['countTotal'] === 'true' && { totalCount: all.length }),
        studies: rows,
        ...(rows.length === pageSize && { nextPageToken: String(offset + pageSize) }),
      };
      return bend(page, { parameters, count: asked.length });
    },
  }).catch((error: unknown) => error);
  return { result, asked, versions };
};
const reason = (error: unknown): string => String(((error as Error).cause as Error | undefined)?.message);

describe('pages', () => {
  test('any number of studies and any page size bring every study once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 20 }), async (count, pageSize) => {
        const { result, asked } = await walk({ found: () => studies(count), pageSize, pages: 100 });
        const pages = Math.floor(count / pageSize) + 1;
        expect(result).toMatchObject({ queries: [{ name: 'named', totalCount: count, rows: count, pages }] });
        expect((result as { proposed: unknown[] }).proposed).toHaveLength(count);
        expect(asked).toHaveLength(pages);
      }),
    );
  });

  test('after the first differ from it by the token and the count alone', async () => {
    const { asked } = await walk({ found: () => studies(25) });
    const [first, ...rest] = asked.map(({ pageToken, countTotal, ...same }) => ({
      pageToken,
      countTotal,
      same,
    }));
    expect(first).toMatchObject({ pageToken: undefined, countTotal: 'true' });
    expect(rest.map(({ pageToken, countTotal }) => [pageToken, countTotal])).toEqual([
      ['10', undefined],
      ['20', undefined],
    ]);
    for (const { same } of rest) expect(same).toEqual(first?.same);
  });

  test('may be empty in the middle', async () => {
    const { result } = await walk({
      found: () => studies(5),
      bend: (page, { parameters }) =>
        parameters['pageToken'] === undefined ? { totalCount: 5, studies: [], nextPageToken: '0' } : page,
    });
    expect(result).toMatchObject({ queries: [{ rows: 5, pages: 2 }] });
  });
});

describe('a study', () => {
  test('that two queries returned is proposed once, with both names in the order of the queries', async () => {
    const { result } = await walk({
      queries: [named, baskets],
      found: (condition) => (condition === 'x' ? [study(1), study(2)] : [study(2), study(3)]),
    });
    expect((result as { proposed: { nctId: string; foundBy: string[] }[] }).proposed).toMatchObject([
      { nctId: 'NCT00000001', foundBy: ['named'] },
      { nctId: 'NCT00000002', foundBy: ['named', 'baskets'] },
      { nctId: 'NCT00000003', foundBy: ['baskets'] },
    ]);
  });

  test('without a readable id is proposed all the same, to be set aside with its reason', async () => {
    const { result } = await walk({ found: () => [study(1), null, 'text', {}] });
    expect((result as { proposed: { nctId: string | null }[] }).proposed.map(({ nctId }) => nctId)).toEqual([
      'NCT00000001',
      null,
      null,
      null,
    ]);
  });

  test('on two pages is counted as two rows and proposed once', async () => {
    const { result } = await walk({
      found: () => studies(5),
      bend: (page) => ({ ...page, studies: [...page.studies, study(1)] }),
    });
    expect(result).toMatchObject({ queries: [{ totalCount: 5, rows: 6 }] });
    expect((result as { proposed: unknown[] }).proposed).toHaveLength(5);
  });

  test('on two pages in the place of another is a walk that lost one', async () => {
    const { result } = await walk({
      found: () => studies(5),
      bend: (page) => ({ ...page, studies: [...page.studies.slice(0, 4), study(1)] }),
    });
    expect(result).toBeInstanceOf(RegistryInconsistent);
  });
});

describe('one dataset', () => {
  test('studies of another day are noticed even when a query before had returned them', async () => {
    const { result } = await walk({
      queries: [named, baskets],
      found: (condition) => [study(1, condition === 'x' ? DAY : '2026-11-23')],
    });
    expect(result).toBeInstanceOf(RegistryInconsistent);
    expect(reason(result)).toMatch(/different days/);
  });

  test('a uniform day that is not the day of the version is another dataset', async () => {
    const { result } = await walk({ found: () => [study(1, '2026-11-19')] });
    expect(result).toBeInstanceOf(RegistryInconsistent);
  });

  test('studies that do not say their day do not disagree', async () => {
    const { result } = await walk({ found: () => [study(1, null), study(2)] });
    expect(result).toMatchObject({ version: VERSION });
  });

  test('without a timestamp of the version the days must still agree', async () => {
    const version = () => ({ ...VERSION, dataTimestamp: null });
    expect((await walk({ found: () => [study(1), study(2)], version })).result).toMatchObject({
      proposed: [{}, {}],
    });
    const mixed = await walk({ found: () => [study(1), study(2, '2026-11-19')], version });
    expect(mixed.result).toBeInstanceOf(RegistryInconsistent);
  });

  test.each<[string, Partial<RegistryVersion>]>([
    ['timestamp', { dataTimestamp: `${DAY}T10:00:00` }],
    ['tag', { etag: '"b"' }],
  ])('a %s that changes once costs one more walk', async (_name, change) => {
    const { result, versions } = await walk({
      found: () => studies(3),
      version: (count) => (count === 1 ? VERSION : { ...VERSION, ...change }),
    });
    expect(result).toMatchObject({ version: change, proposed: [{}, {}, {}] });
    expect(versions).toBe(4);
  });

  test('a version that changes always ends the third walk', async () => {
    const { result, versions } = await walk({
      found: () => studies(3),
      version: (count) => ({ ...VERSION, etag: `"${count}"` }),
    });
    expect(result).toBeInstanceOf(RegistryInconsistent);
    expect(versions).toBe(6);
  });
});

describe('walks without an end', () => {
  test('stop when there are more rows than were announced, long before the limit of pages', async () => {
    const { result, asked } = await walk({
      found: () => studies(20),
      bend: (page, { count }) => ({ ...page, studies: studies(10), nextPageToken: `fresh ${count}` }),
    });
    expect(result).toBeInstanceOf(RegistryInconsistent);
    expect(reason(result)).toMatch(/more studies/);
    expect(asked).toHaveLength(3 * 3);
  });

  test('stop at the limit of pages when the pages are empty', async () => {
    const { result, asked } = await walk({
      found: () => [],
      pages: 4,
      bend: (page, { count }) => ({ ...page, nextPageToken: `fresh ${count}` }),
    });
    expect(result).toBeInstanceOf(RegistryInconsistent);
    expect(asked).toHaveLength(3 * 4);
  });
});

test('a failure of the network during the second walk is told as it is', async () => {
  const lost = new RegistryUnreachable('no');
  const { result } = await walk({
    found: () => studies(3),
    version: (count) => {
      if (count > 2) throw lost;
      return { ...VERSION, etag: `"${count}"` };
    },
  });
  expect(result).toBe(lost);
});
