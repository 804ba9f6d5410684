import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRegistryStandIn, type RegistryStandIn } from './registry-stand-in.ts';
import { sampleStudies } from './sample.ts';

let registry: RegistryStandIn;
beforeAll(async () => {
  registry = await startRegistryStandIn({ studies: sampleStudies, dataTimestamp: '2026-09-11T09:00:04' });
});
afterAll(async () => registry.close());

const get = async (path: string, query: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(`${registry.baseUrl}${path}?${new URLSearchParams(query).toString()}`, {
    headers,
    redirect: 'manual',
  });
const body = async (path: string, query: Record<string, string> = {}) => (await get(path, query)).text();
const count = async (expression: string): Promise<unknown> => {
  const page = JSON.parse(
    await body('/studies', { 'filter.advanced': expression, countTotal: 'true', fields: 'NCTId' }),
  ) as { totalCount: number };
  return page.totalCount;
};

describe('bytes', () => {
  test('of the version, as recorded', async () => {
    expect(await body('/version')).toBe(
      '{\n  "apiVersion" : "2.0.5",\n  "dataTimestamp" : "2026-09-11T09:00:04"\n}',
    );
    const etag = (await get('/version')).headers.get('etag') ?? '';
    const again = await get('/version', {}, { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('of nothing found, as recorded', async () => {
    expect(
      await body('/studies', { 'query.cond': 'zzqxnotacondition987654', pageSize: '3', countTotal: 'true' }),
    ).toBe('{"totalCount":0,"studies":[\n\n]}');
  });

  test('of pages: a line a study, the count first and once, the token last', async () => {
    const query = { fields: 'NCTId', pageSize: '2', 'query.cond': '"acute lymphoblastic leukemia"' };
    const first = await body('/studies', { ...query, countTotal: 'true' });
    expect(first).toMatch(
      /^\{"totalCount":\d+,"studies":\[\n\{.*\},\n\{.*\}\n\],"nextPageToken":"ZVt07cGHkvI2wRk2CJf6_LL[\w-]+"\}$/,
    );
    const { nextPageToken } = JSON.parse(first) as { nextPageToken: string };
    expect(await body('/studies', { ...query, pageToken: nextPageToken })).toMatch(/^\{"studies":\[\n/);
  });
});

describe('errors, in the registry’s words', () => {
  test.each([
    ['/studies', { 'query.bogus': '1' }, 400, '`query.bogus` is unknown parameter'],
    ['/studies', { 'filter.phase': 'PHASE2' }, 400, '`filter.phase` is unknown parameter'],
    [
      '/studies',
      { 'filter.overallStatus': 'BOGUS' },
      400,
      'Invalid value in parameter `overallStatus`: `BOGUS`',
    ],
    [
      '/studies',
      { fields: 'StudyDesign' },
      400,
      "Parameter 'fields' contains invalid field name: 'StudyDesign'",
    ],
    ['/studies', { sort: 'BriefTitle' }, 400, 'Unsupported sort field type: text'],
    [
      '/studies',
      { 'filter.advanced': 'AREA[NoSuchArea]x' },
      400,
      'Error parsing query in advanced filter: Unknown area name: `NoSuchArea`',
    ],
    [
      '/studies',
      { 'filter.advanced': '"' },
      400,
      "Error parsing query in advanced filter: token recognition error at: '\"'",
    ],
    [
      '/studies',
      { 'query.cond': '(leukemia' },
      400,
      "Error parsing query in Conditions or disease: missing ')' at '<EOF>'",
    ],
    [
      '/studies',
      { 'query.term': 'foo bar [' },
      400,
      "Error parsing query in Other terms: no viable alternative at input 'foo bar ['",
    ],
    [
      '/studies',
      { 'query.cond': Array(13).fill('"x y"').join(' OR ') },
      400,
      'Error parsing query in Conditions or disease: Too complicated query',
    ],
    [
      '/studies',
      { 'filter.advanced': 'AREA[Phase]COVERAGE[FullMatch]x' },
      400,
      'Error parsing query in advanced filter: the stand-in does not implement COVERAGE',
    ],
    ['/studies/NCT99999999', {}, 404, 'NCT number NCT99999999 not found'],
  ])('%s %j', async (path, query, status, words) => {
    const response = await get(path, query);
    expect([response.status, await response.text()]).toEqual([status, words]);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
  });

  test('an enumeration names its values', async () => {
    expect(await body('/studies', { 'filter.advanced': 'AREA[Phase]PHASE9' })).toContain(
      'Allowed values for enum field `protocolSection.designModule.phases` are `NA`, ',
    );
  });

  test('a very long address, and a preflight', async () => {
    expect((await get('/studies', { 'filter.ids': 'NCT00000001,'.repeat(800) })).status).toBe(414);
    expect((await fetch(`${registry.baseUrl}/studies`, { method: 'OPTIONS' })).status).toBe(403);
  });
});

describe('expressions', () => {
  test('city, state and status must hold for one location', async () => {
    const nested = 'SEARCH[Location](AREA[LocationCity]Birmingham AND AREA[LocationCountry]"United Kingdom")';
    expect(await count(`AREA[NCTId]NCT05521087 AND ${nested}`)).toBe(1);
    expect(
      await count(
        'AREA[NCTId]NCT05521087 AND SEARCH[Location](AREA[LocationState]Alabama AND AREA[LocationCountry]"United Kingdom")',
      ),
    ).toBe(0);
    expect(
      await count(
        'AREA[NCTId]NCT05521087 AND AREA[LocationState]Alabama AND AREA[LocationCountry]"United Kingdom"',
      ),
    ).toBe(1);
  });

  test('a range never finds a study without the value', async () => {
    const all = Number(await count('ALL'));
    const bounded = Number(await count('AREA[MaximumAge]RANGE[MIN, MAX]'));
    const missing = Number(await count('AREA[MaximumAge]MISSING'));
    expect(missing).toBeGreaterThan(0);
    expect(bounded + missing).toBe(all);
    expect(await count('NOT AREA[MaximumAge]MISSING')).toBe(bounded);
    expect(await count('AREA[MinimumAge]RANGE[MIN, 6 months]')).toBeLessThan(all);
  });

  test('operators are upper case only', async () => {
    expect(await count('AREA[Phase](PHASE2 OR PHASE3)')).toBeGreaterThan(
      Number(await count('AREA[Phase](PHASE2 AND PHASE3)')),
    );
    expect(await count('AREA[BriefTitle](leukemia or nothinglikethis)')).toBe(0);
  });

  test('only NCT numbers in a query make filters be ignored', async () => {
    const page = await body('/studies', {
      'query.term': 'NCT05521087',
      'filter.overallStatus': 'WITHDRAWN',
      fields: 'NCTId',
    });
    expect(page).toContain('NCT05521087');
  });
});

test('one study by its number, in any spelling, or by an alias', async () => {
  expect((await get('/studies/nct5521087')).status).toBe(200);
  const alias = (await get('/studies/NCT01182896')).headers.get('location');
  expect(alias).toBe('/api/v2/studies/NCT00939770');
});

test('a token with another query silently gives wrong data, as the registry does', async () => {
  const first = JSON.parse(await body('/studies', { fields: 'NCTId', pageSize: '5' })) as {
    nextPageToken: string;
  };
  const wrong = await get('/studies', {
    fields: 'NCTId',
    pageSize: '5',
    'query.cond': '"lymphoblastic lymphoma"',
    pageToken: first.nextPageToken,
  });
  expect(wrong.status).toBe(200);
});
