import { createServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createRegistryClient, type RegistryLimits } from '../../src/registry/registry-client.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { listen } from '../support/listen.ts';

const VERSION = '{ "apiVersion" : "2.0.5", "dataTimestamp" : "2026-11-20T09:00:04" }';
const PAGE = '{"totalCount":0,"studies":[\n\n]}';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A client of a server made for one test; `paths` are the requests that the server saw. */
const start = async (listener: RequestListener, limits: Partial<RegistryLimits> = {}) => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    listener(request, response);
  });
  const { port, close } = await listen(server);
  closing.push(close);
  const clock = createFakeClock(Date.parse('2026-11-24T12:00:00Z'));
  const client = createRegistryClient({
    baseUrl: `http://127.0.0.1:${port}/api/v2/`,
    userAgent: 'test/1',
    clock,
    random: () => 0.5,
    limits: { headersMs: 2_000, idleBodyMs: 2_000, requestMs: 2_000, ...limits },
  });
  closing.push(async () => client.close());
  return { client, clock, paths };
};
const serve: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(request.url?.startsWith('/api/v2/version') ? VERSION : PAGE);
};
const failing =
  (times: number, status: number, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    if (times-- <= 0) return serve(request, response);
    response.writeHead(status, headers);
    response.end();
  };
const query = { name: 'named', parameters: { 'query.cond': '"acute lymphoblastic leukemia"' } };

describe('Retry-After binds every call of the client', () => {
  test('another call waits as well', async () => {
    const { client, clock } = await start(failing(1, 429, { 'retry-after': '17' }));
    await Promise.all([client.fetchVersion(), client.fetchVersion()]);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(17_000);
  });

  test('a later call sends nothing before the time has come', async () => {
    const { client, clock, paths } = await start(failing(1, 503, { 'retry-after': '3600' }));
    await expect(client.fetchVersion()).rejects.toMatchObject({ code: 'busy', retryAfterMs: 3_600_000 });
    clock.advance(1_800_000);
    await expect(client.fetchVersion()).rejects.toMatchObject({ code: 'busy', retryAfterMs: 1_800_000 });
    expect(paths).toHaveLength(1);
    clock.advance(1_800_000);
    expect(await client.fetchVersion()).toMatchObject({ changed: true });
  });
});

describe('bounds', () => {
  test('a walk counts the requests that it really made', async () => {
    const { client, paths } = await start(failing(2, 500));
    const walk = await client.walkStudies([query]);
    expect(walk.requests).toBe(paths.length);
    expect(walk.requests).toBe(5);
  });

  test('a request may not outlast the walk', async () => {
    const { client } = await start(() => undefined, { walkMs: 100, retries: 0 });
    const before = performance.now();
    await expect(client.walkStudies([query])).rejects.toMatchObject({ code: 'unreachable' });
    expect(performance.now() - before).toBeLessThan(1_500);
  });

  test('a query too long for the registry is our fault and is never sent', async () => {
    const { client, paths } = await start(serve);
    const long = { name: 'long', parameters: { 'query.cond': 'é'.repeat(1_300) } };
    await expect(client.walkStudies([long])).rejects.toThrow(/too long/);
    expect(paths).toEqual(['/api/v2/version']);
  });

  test('calls at the same time share one connection, one after the other', async () => {
    let open = 0;
    let most = 0;
    const { client, clock } = await start((request, response) => {
      most = Math.max(most, ++open);
      response.on('close', () => open--);
      setImmediate(() => serve(request, response));
    });
    await Promise.all([client.fetchVersion(), client.walkStudies([query]), client.fetchVersion()]);
    expect(most).toBe(1);
    expect(clock.monotonicMs()).toBe(4_000);
  });
});

describe('bodies', () => {
  const sending =
    (body: string, type = 'application/json'): RequestListener =>
    (_request, response) => {
      response.setHeader('content-type', type);
      response.end(body);
    };

  test.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a version without its number', '{"dataTimestamp":"2026-11-20T09:00:04"}'],
    ['a date of another kind', '{"apiVersion":"2.0.5","dataTimestamp":20261120}'],
  ])('of another shape (%s) are a broken contract, asked once', async (_name, body) => {
    const { client, paths } = await start(sending(body));
    await expect(client.fetchVersion()).rejects.toMatchObject({ code: 'contract_broken' });
    expect(paths).toHaveLength(1);
  });

  test('that do not claim to be JSON and are not are a broken contract, asked once', async () => {
    const { client, paths } = await start(sending('pong', 'text/plain'));
    await expect(client.fetchVersion()).rejects.toMatchObject({ code: 'contract_broken' });
    expect(paths).toHaveLength(1);
  });

  test('with ten thousand levels or a prototype in them harm nobody', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const page = `{"totalCount":2,"__proto__":{"polluted":1},"studies":[\n${deep},\n{"__proto__":{"polluted":1}}\n]}`;
    const { client } = await start((request, response) => {
      const body = request.url?.startsWith('/api/v2/version') ? VERSION : page;
      sending(body)(request, response);
    });
    const walk = await client.walkStudies([query]);
    expect(walk.proposed.map(({ nctId }) => nctId)).toEqual([null, null]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('of an answer 304 that nobody asked for are a broken contract', async () => {
    const { client } = await start((_request, response) => {
      response.writeHead(304);
      response.end();
    });
    await expect(client.walkStudies([query])).rejects.toMatchObject({ code: 'contract_broken' });
  });
});
