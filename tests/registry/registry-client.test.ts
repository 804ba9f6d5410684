import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRegistryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryBusy } from '../../src/registry/registry-errors.ts';
import { buildStudyQueries } from '../../src/registry/study-query.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { failure } from '../support/registry-failure.ts';
import { startRegistryStandIn, type RegistryStandIn } from '../support/registry-stand-in.ts';
import type { Fault } from '../support/registry/faults.ts';
import { pack, sampleStudies } from '../support/sample.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const queries = buildStudyQueries(pack);
let registry: RegistryStandIn;
let clock: FakeClock;
let client: RegistryClient;

const createClient = (limits = {}): RegistryClient =>
  createRegistryClient({
    baseUrl: registry.baseUrl,
    userAgent: 'uab-all-trials/test (+https://trials.example)',
    clock,
    random: () => 0.5,
    limits: { headersMs: 200, idleBodyMs: 200, requestMs: 400, bodyBytes: 4 * 1024 * 1024, ...limits },
  });

beforeEach(async () => {
  registry = await startRegistryStandIn({ studies: sampleStudies });
  clock = createFakeClock(NOW);
  client = createClient();
});
afterEach(async () => {
  await client.close();
  await registry.close();
});

const versions = (): number => registry.requests.filter(({ path }) => path.endsWith('/version')).length;

describe('requests', () => {
  test('say who we are, ask for gzip, and come one a second', async () => {
    const walk = await client.walkStudies(queries);
    expect(walk.requests).toBe(registry.requests.length);
    for (const { headers, method } of registry.requests) {
      expect(method).toBe('GET');
      expect(headers['user-agent']).toBe('uab-all-trials/test (+https://trials.example)');
      expect(headers['accept-encoding']).toBe('gzip');
    }
    expect(clock.sleptMs).toHaveLength(registry.requests.length - 1);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual((registry.requests.length - 1) * 1000);
  });

  test('the version answers 304 for its own tag', async () => {
    const first = await client.fetchVersion();
    expect(first).toMatchObject({
      changed: true,
      version: { apiVersion: '2.0.5', dataTimestamp: '2026-11-20T09:00:04' },
    });
    const etag = first.changed ? first.version.etag : null;
    expect(await client.fetchVersion({ etag })).toEqual({ changed: false });
  });
});

describe('failures that pass are tried again', () => {
  test.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500, times: 2 }],
    ['502', { kind: 'status', status: 502, times: 1 }],
    ['408', { kind: 'status', status: 408, times: 1 }],
    ['429 without a word', { kind: 'status', status: 429, times: 1 }],
    ['a reset', { kind: 'reset', times: 1 }],
    ['a reset in the body', { kind: 'reset-in-body', times: 1 }],
    ['a cut-off body', { kind: 'truncated', times: 1 }],
    ['an empty body', { kind: 'empty', times: 1 }],
    ['silence', { kind: 'silence', times: 1 }],
    ['silence in the body', { kind: 'silence-in-body', times: 1 }],
  ])('%s', async (_name, fault) => {
    registry.faults.add({ ...fault, path: '/studies' });
    const walk = await client.walkStudies(queries.slice(0, 1));
    expect(walk.proposed).toHaveLength(23);
  });

  test('twice at most', async () => {
    registry.faults.add({ kind: 'status', status: 503 });
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
    expect(registry.requests).toHaveLength(3);
  });

  test('a byte order mark is no obstacle', async () => {
    registry.faults.add({ kind: 'bom', times: 1 });
    expect(await client.fetchVersion()).toMatchObject({ changed: true });
  });
});

describe('Retry-After is honoured in full', () => {
  test('in seconds', async () => {
    registry.faults.add({ kind: 'status', status: 429, retryAfter: '17', times: 1 });
    await client.fetchVersion();
    expect(clock.sleptMs).toContain(17_000);
  });

  test('as a date', async () => {
    registry.faults.add({
      kind: 'status',
      status: 503,
      retryAfter: 'Tue, 24 Nov 2026 12:00:40 GMT',
      times: 1,
    });
    await client.fetchVersion();
    expect(clock.sleptMs).toContain(40_000);
  });

  test('and left to the caller when it is longer than a walk may take', async () => {
    registry.faults.add({ kind: 'status', status: 429, retryAfter: '3600' });
    const error = await failure(client.fetchVersion());
    expect(error).toBeInstanceOf(RegistryBusy);
    expect((error as RegistryBusy).retryAfterMs).toBe(3_600_000);
    expect(registry.requests).toHaveLength(1);
  });
});

describe('failures that do not pass are not tried again', () => {
  test.each<[string, Fault, string]>([
    ['403 with a page', { kind: 'refused' }, 'refused'],
    ['200 with a page', { kind: 'html' }, 'refused'],
    ['400', { kind: 'status', status: 400 }, 'contract_broken'],
    ['404', { kind: 'status', status: 404 }, 'contract_broken'],
    ['an unfolding body', { kind: 'gzip-bomb' }, 'answer_too_large'],
  ])('%s', async (_name, fault, code) => {
    registry.faults.add(fault);
    const error = await failure(client.fetchVersion());
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('<');
    expect(registry.requests).toHaveLength(1);
  });

  test('a redirect is not followed, and the other host sees nothing', async () => {
    let met = 0;
    const other = createServer((_request, response) => {
      met++;
      response.end();
    });
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    registry.faults.add({
      kind: 'redirect',
      location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/`,
    });
    expect((await failure(client.fetchVersion())).code).toMatch(/contract_broken|refused/);
    expect(met).toBe(0);
    other.close();
  });

  test('a slow drip meets the deadline of the whole request', async () => {
    registry.faults.add({ kind: 'drip' });
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
  });

  test('a registry that is not there', async () => {
    const gone = await startRegistryStandIn({ studies: [] });
    await gone.close();
    const alone = createRegistryClient({
      baseUrl: gone.baseUrl,
      userAgent: 'test/1',
      clock,
      limits: { connectMs: 200 },
    });
    expect((await failure(alone.fetchVersion())).code).toBe('unreachable');
    await alone.close();
  });
});

describe('a walk', () => {
  test('brings every study once, with all queries that found it', async () => {
    const walk = await client.walkStudies(queries);
    const ids = walk.proposed.map(({ nctId }) => nctId);
    expect(new Set(ids).size).toBe(ids.length);
    const found = walk.proposed.find(({ nctId }) => nctId === 'NCT05521087');
    expect(found?.foundBy).toEqual(['named', 'baskets']);
  });

  test('goes on until no token is left, over an empty last page', async () => {
    client = createClient({ pageSize: 23 });
    const walk = await client.walkStudies(queries.slice(0, 1));
    expect(walk.queries).toEqual([{ name: 'named', totalCount: 23, rows: 23, pages: 2 }]);
    const [, first, second] = registry.requests;
    const same = (query: URLSearchParams | undefined) => [
      query?.get('query.cond'),
      query?.get('sort'),
      query?.get('fields'),
      query?.get('pageSize'),
    ];
    expect(same(second?.query)).toEqual(same(first?.query));
    expect(second?.query.has('countTotal')).toBe(false);
  });

  test.each<Fault['kind']>(['repeated-token', 'endless-tokens', 'wrong-total', 'mixed-days'])(
    'that does not fit together (%s) is walked again, twice at most',
    async (kind) => {
      registry.faults.add({ kind } as Fault);
      client = createClient({ pages: 4, walkMs: 3_600_000 });
      expect((await failure(client.walkStudies(queries.slice(0, 1)))).code).toBe('inconsistent');
      expect(versions()).toBeGreaterThanOrEqual(3);
    },
  );

  test('across a refresh is walked again', async () => {
    registry.faults.add({ kind: 'refresh-in-walk', times: 1 });
    const walk = await client.walkStudies(queries.slice(0, 1));
    expect(walk.version.dataTimestamp).toBe('2026-11-21T09:00:04');
    expect(versions()).toBe(4);
  });

  test('whose token has expired is walked again', async () => {
    client = createClient({ pageSize: 10 });
    registry.faults.add({ kind: 'no-total', path: '/nothing' });
    registry.faults.add({ kind: 'expired-token', times: 2 });
    const walk = await client.walkStudies(queries.slice(0, 1));
    expect(walk.proposed).toHaveLength(23);
    expect(versions()).toBe(3);
  });

  test('with a study on two pages counts it once', async () => {
    registry.faults.add({ kind: 'doubled-study', times: 1 });
    const walk = await client.walkStudies(queries.slice(0, 1));
    expect(walk.queries[0]).toMatchObject({ totalCount: 23, rows: 24 });
    expect(walk.proposed).toHaveLength(23);
  });

  test('of more studies than it may bring ends at its first page', async () => {
    client = createClient({ pageSize: 10, pages: 2 });
    expect((await failure(client.walkStudies(queries))).code).toBe('answer_too_large');
    expect(registry.requests).toHaveLength(2);
  });

  test('without a count is a broken contract', async () => {
    registry.faults.add({ kind: 'no-total' });
    expect((await failure(client.walkStudies(queries))).code).toBe('contract_broken');
  });

  test('ends when the caller aborts', async () => {
    const abort = new AbortController();
    const walk = client.walkStudies(queries, {
      signal: abort.signal,
      onPage: () => abort.abort(new Error('enough')),
    });
    await expect(walk).rejects.toThrow('enough');
    expect(registry.requests).toHaveLength(2);
  });
});
