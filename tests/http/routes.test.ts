import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { PROBLEM } from '../../src/http/problem.ts';
import type { TrialList } from '../../src/http/schemas.ts';
import { buildSnapshot, copySampleStudy, sampleHarvest, sampleSnapshot } from '../support/sample.ts';
import { buildTestApp, CHECKED_AT } from '../support/test-app.ts';

type List = z.infer<typeof TrialList>;
const app = await buildTestApp();
const get = async (url: string, headers: Record<string, string> = {}) => app.server.inject({ url, headers });
const list = async (url: string): Promise<List> => (await get(url)).json();
const search = async (
  payload: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) =>
  app.server.inject({
    method: 'POST',
    url: '/v1/trials/search',
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers,
  });

describe('GET /v1/trials', () => {
  test('says what it is, how current, and what it left out', async () => {
    const answer = await list('/v1/trials');
    expect(answer.total).toBe(22);
    expect(answer.hidden).toEqual({ relevance: 4, siteMatch: 1 });
    expect(answer.meta).toMatchObject({
      snapshotId: sampleSnapshot.id,
      source: 'registry',
      checkedAt: CHECKED_AT,
      stale: false,
    });
    expect(answer.query).toEqual({
      siteMatch: ['confirmed', 'network'],
      relevance: ['specific', 'includes'],
      sort: 'availability',
      limit: 50,
    });
  });

  test('equal questions give equal bytes and one tag', async () => {
    const urls = [
      '/v1/trials?phase=2,3&ageGroup=child&q=Leukemia%20acute',
      '/v1/trials?ageGroup=child&phase=3&phase=2&q=acute+leukemia',
      '/v1/trials?q=acute%20leukemia&phase=3,2,2&ageGroup=child,child',
    ];
    const answers = await Promise.all(urls.map(async (url) => get(url)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(1);
  });

  test('each trial says how the asked age fits', async () => {
    const { data } = await list('/v1/trials?age=31');
    expect(data.find(({ nctId }) => nctId === 'NCT03914625')?.ageFit).toBe('edge');
    expect((await list('/v1/trials')).data[0]?.ageFit).toBeNull();
  });

  test('pages follow their links there and back, each trial once', async () => {
    const seen: string[] = [];
    let answer = await list('/v1/trials?limit=5&sort=title');
    for (;;) {
      seen.push(...answer.data.map(({ nctId }) => nctId));
      if (answer.links.next === null) break;
      const { pathname, search: query } = new URL(answer.links.next);
      const response = await get(`${pathname}${query}`);
      expect(response.headers['link']).toContain('rel="prev"');
      answer = response.json();
    }
    expect(new Set(seen).size).toBe(22);
    expect(seen).toHaveLength(22);
    expect(answer.links.prev).not.toBeNull();
  });

  test('nothing found says what dropping each filter would find', async () => {
    const { total, suggestions } = await list('/v1/trials?phase=4&ageGroup=infant');
    expect(total).toBe(0);
    expect(suggestions.map(({ drop }) => drop)).toContain('phase');
  });
});

describe('a cursor', () => {
  const next = async (): Promise<string> => (await list('/v1/trials?limit=2')).cursors.next ?? '';

  test('of another question, or made up, is wrong', async () => {
    const cursor = await next();
    for (const url of [
      `/v1/trials?limit=2&phase=1&cursor=${cursor}`,
      '/v1/trials?cursor=abc',
      `/v1/trials?cursor=${'A'.repeat(100)}`,
    ]) {
      const response = await get(url);
      expect([response.statusCode, response.json<{ type: string }>().type]).toEqual([
        400,
        'https://trials.example/problems/invalid-parameter',
      ]);
    }
  });

  test('lives through one change of the list and expires with the next', async () => {
    const own = await buildTestApp();
    const first = (await own.server.inject('/v1/trials?limit=2')).json<List>();
    const url = `/v1/trials?limit=2&cursor=${first.cursors.next}`;
    const publish = async (dropped: string): Promise<void> =>
      own.catalog.publish({
        snapshot: await buildSnapshot({
          ...sampleHarvest,
          studies: sampleHarvest.studies.filter(({ nctId }) => nctId !== dropped),
        }),
        source: 'registry',
        checkedAt: CHECKED_AT,
      });
    await publish('NCT03959085');
    expect((await own.server.inject(url)).json<List>().meta.snapshotId).toBe(first.meta.snapshotId);
    await publish('NCT03914625');
    expect((await own.server.inject(url)).statusCode).toBe(410);
    expect((await own.server.inject('/v1/trials/NCT03914625')).json()).toMatchObject({
      status: 410,
      title: PROBLEM.gone.title,
    });
  });
});

describe('POST /v1/trials/search', () => {
  test('answers as GET does, keeps nothing, and links to nothing', async () => {
    const response = await search({ age: '8mo', phase: ['3'] });
    const answer: List = response.json();
    expect(response.headers['cache-control']).toBe('no-store');
    expect(answer.links).toEqual({ self: null, next: null, prev: null });
    expect(answer.data.map(({ nctId }) => nctId)).toEqual(
      (await list('/v1/trials?age=8mo&phase=3')).data.map(({ nctId }) => nctId),
    );
  });

  test('goes on by its cursor', async () => {
    const first = (await search({ limit: 5 })).json<List>();
    const second = (await search({ limit: 5, cursor: first.cursors.next })).json<List>();
    expect(second.data).toHaveLength(5);
    expect(second.data[0]?.nctId).not.toBe(first.data[0]?.nctId);
  });

  test.each([
    ['[]', 400],
    ['null', 400],
    ['{"phase":"3"}', 400],
    ['{"phase":["9"]}', 400],
    ['{"age":8}', 400],
    ['{"limit":"5"}', 400],
    ['{"__proto__":{"limit":1}}', 400],
    ['{"constructor":1}', 400],
    ['{', 400],
    ['', 400],
    [`{"q":"${'x'.repeat(5000)}"}`, 413],
  ])('%s is refused with %d', async (payload, status) => {
    const response = await search(payload);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
  });

  test('only JSON', async () => {
    expect((await search('a=1', { 'content-type': 'application/x-www-form-urlencoded' })).statusCode).toBe(
      415,
    );
  });
});

describe('hostile requests', () => {
  test.each<[string, string, number]>([
    ['GET', '/v1/trials?phse=3', 400],
    ['GET', '/v1/trials?phase=9', 400],
    ['GET', '/v1/trials?phase=', 400],
    ['GET', '/v1/trials?phase=1,,2', 400],
    ['GET', '/v1/trials?limit=5&limit=6', 400],
    ['GET', '/v1/trials?limit=0', 400],
    ['GET', '/v1/trials?limit=201', 400],
    ['GET', '/v1/trials?limit=1e2', 400],
    ['GET', '/v1/trials?age=-1', 400],
    ['GET', '/v1/trials?age=%00', 400],
    ['GET', '/v1/trials?q=%F0%9F%98%80', 400],
    ['GET', '/v1/trials?a[]=1', 400],
    ['GET', '/v1/trials?__proto__=1', 400],
    ['GET', `/v1/trials?${'ageGroup=child&'.repeat(100)}x=1`, 400],
    ['GET', `/v1/trials?q=${'(a+)+'.repeat(500)}`, 414],
    ['GET', '/v1/trials/NCT%ZZ', 400],
    ['GET', '/v1/trials/%00', 400],
    ['GET', '/v1/trials/NCT99999999', 404],
    ['GET', `/v1/trials/${'9'.repeat(300)}`, 414],
    ['GET', '/v1/trials/NCT03914625?fields=all', 400],
    ['GET', '/v1/vocabulary?x=1', 400],
    ['GET', '/nowhere', 404],
    ['GET', '/v1/trials/../../etc/passwd', 404],
    ['PUT', '/v1/trials', 405],
    ['DELETE', '/v1/trials/NCT03914625', 405],
    ['GET', '/v1/trials/search', 400],
  ])('%s %s is answered with %d', async (method, url, status) => {
    const response = await app.server.inject({ method: method as 'GET', url });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const problem = response.json<{ type: string; instance: string }>();
    expect(Object.keys(PROBLEM).map((type) => `https://trials.example/problems/${type}`)).toContain(
      problem.type,
    );
    expect(problem.instance).toMatch(/^urn:uuid:/);
    expect(response.body).not.toMatch(/\bat \S+:\d+|node_modules/);
  });

  test('an unknown parameter is told its nearest name', async () => {
    expect((await get('/v1/trials?phse=3')).json()).toMatchObject({
      errors: [{ in: 'query', name: 'phse', detail: 'Unknown; did you mean phase?' }],
    });
  });

  test('a forged host changes no address', async () => {
    expect(
      (await get('/v1/trials', { host: 'evil.example', 'x-forwarded-host': 'evil.example' })).body,
    ).not.toContain('evil');
  });
});

describe('GET /v1/trials/{nctId}', () => {
  test('is the full record', async () => {
    expect((await get('/v1/trials/NCT03914625')).json()).toMatchObject({
      data: { nctId: 'NCT03914625', eligibilityCriteria: { inclusion: expect.any(Array) as unknown } },
      meta: { snapshotId: sampleSnapshot.id },
    });
  });

  test.each(['/v1/trials/nct03914625', '/v1/trials/NCT3914625'])(
    '%s is sent on to the canonical address',
    async (url) => {
      const { statusCode, headers } = await get(url);
      expect([statusCode, headers.location]).toEqual([308, 'https://trials.example/v1/trials/NCT03914625']);
    },
  );

  test('an alias is sent on to the study it was merged into', async () => {
    const study = copySampleStudy('NCT03914625');
    study.protocolSection.identificationModule['nctIdAliases'] = ['NCT00000042'];
    const own = await buildTestApp({
      snapshot: await buildSnapshot({
        ...sampleHarvest,
        studies: [{ study, nctId: 'NCT03914625', foundBy: ['named'] }],
      }),
    });
    const { statusCode, headers } = await own.server.inject('/v1/trials/NCT00000042/provenance');
    expect([statusCode, headers.location]).toEqual([
      308,
      'https://trials.example/v1/trials/NCT03914625/provenance',
    ]);
  });

  test('its provenance says why', async () => {
    expect((await get('/v1/trials/NCT03914625/provenance')).json()).toMatchObject({
      data: { foundBy: ['sample'], sites: [{ key: 'childrens' }], relevance: { tier: 'specific' } },
    });
  });
});

test('what was not kept is listed with its reason', async () => {
  const answer = (await get('/v1/excluded')).json<{ total: number; reasons: Record<string, number> }>();
  expect(answer.total).toBe(20);
  expect(answer.reasons).toEqual({ other_disease: 20 });
});

describe('HTTP', () => {
  test('a tag a representation, and 304 without a body for each', async () => {
    const [plain, br, gzip] = await Promise.all(
      ['identity', 'br', 'gzip'].map(async (encoding) => get('/v1/trials', { 'accept-encoding': encoding })),
    );
    expect(brotliDecompressSync(br?.rawPayload ?? '').toString()).toBe(plain?.body);
    expect(gunzipSync(gzip?.rawPayload ?? '').toString()).toBe(plain?.body);
    const tags = [plain, br, gzip].map((response) => String(response?.headers.etag));
    expect(new Set(tags).size).toBe(3);
    for (const [index, encoding] of ['identity', 'br', 'gzip'].entries())
      for (const condition of [tags[index], `W/${tags[index]}`, `"x", ${tags[index]}`, '*']) {
        const again = await get('/v1/trials', {
          'accept-encoding': encoding,
          'if-none-match': condition ?? '',
        });
        expect([again.statusCode, again.body, again.headers['content-length']]).toEqual([304, '', undefined]);
        expect(again.headers.etag).toBe(tags[index]);
      }
    expect((await get('/v1/trials', { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  test('HEAD is GET without the body', async () => {
    const head = await app.server.inject({ method: 'HEAD', url: '/v1/trials' });
    const full = await get('/v1/trials');
    expect(head.body).toBe('');
    const comparable = ({ headers }: typeof head) => ({ ...headers, date: '', 'x-request-id': '' });
    expect(comparable(head)).toEqual(comparable(full));
  });

  test('headers for caches, other origins and browsers', async () => {
    expect((await get('/v1/trials', { origin: 'https://www.uabmedicine.org' })).headers).toMatchObject({
      'cache-control': 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800',
      vary: 'Accept-Encoding',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'ETag, Link, Retry-After, RateLimit, RateLimit-Policy',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      'referrer-policy': 'no-referrer',
    });
  });

  test('a preflight for the search is granted, without credentials', async () => {
    const { statusCode, headers } = await app.server.inject({
      method: 'OPTIONS',
      url: '/v1/trials/search',
      headers: {
        origin: 'https://x.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(statusCode).toBe(204);
    expect(headers['access-control-allow-methods']).toContain('POST');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  test.each([{}, { origin: 'https://x.example' }, { 'access-control-request-method': 'GET' }])(
    'OPTIONS that is no whole preflight is told the same: %o',
    async (headers) => {
      const answer = await app.server.inject({ method: 'OPTIONS', url: '/v1/trials', headers });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      expect(answer.headers['access-control-allow-methods']).toContain('POST');
      expect(answer.headers['x-request-id']).toBeDefined();
    },
  );

  test('the rate limit counts, says so, and spares the probes', async () => {
    const own = await buildTestApp({ rateLimitPerMinute: 2 });
    const codes: number[] = [];
    for (let request = 0; request < 3; request++)
      codes.push((await own.server.inject('/v1/trials')).statusCode);
    expect(codes).toEqual([200, 200, 429]);
    const refused = await own.server.inject('/v1/trials');
    expect(refused.headers).toMatchObject({
      'ratelimit-policy': '"client";q=2;w=60',
      ratelimit: expect.stringMatching(/^"client";r=0;t=\d+$/) as unknown,
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await own.server.inject('/health/live')).statusCode).toBe(200);
    expect((await own.server.inject('/nowhere')).statusCode).toBe(429);
  });
});

describe('health', () => {
  test('ready with a list, whatever the registry does', async () => {
    expect((await get('/health/live')).json()).toEqual({ status: 'live' });
    expect((await get('/health/ready')).json()).toMatchObject({
      status: 'ready',
      snapshot: { trials: 27, stale: false },
    });
  });

  test('not ready without one, and every data route says when to come back', async () => {
    const own = await buildTestApp({ snapshot: null });
    expect((await own.server.inject('/health/ready')).statusCode).toBe(503);
    for (const url of ['/v1/trials', '/v1/trials/NCT03914625', '/v1/excluded', '/v1/meta']) {
      const { statusCode, headers } = await own.server.inject(url);
      expect([statusCode, headers['retry-after']]).toEqual([503, '30']);
    }
    expect((await own.server.inject('/health/live')).statusCode).toBe(200);
  });

  test('a sample that may not be served is no list; one that may is always stale', async () => {
    const refusing = await buildTestApp({ bundled: true, mayServeSample: false });
    expect((await refusing.server.inject('/health/ready')).statusCode).toBe(503);
    expect((await refusing.server.inject('/v1/trials')).statusCode).toBe(503);
    const serving = await buildTestApp({ bundled: true });
    expect((await serving.server.inject('/v1/trials')).json<List>().meta).toMatchObject({
      source: 'bundled',
      stale: true,
      checkedAt: null,
    });
  });

  test('stale is said as soon as it is true', async () => {
    const own = await buildTestApp();
    const fresh = (await own.server.inject('/v1/trials')).json<List>();
    own.clock.nowMs += 86_400_000;
    const stale = (await own.server.inject('/v1/trials')).json<List>();
    expect([fresh.meta.stale, stale.meta.stale]).toEqual([false, true]);
  });

  test('stopping is not ready', async () => {
    const own = await buildTestApp();
    own.announceStop();
    const ready = await own.server.inject('/health/ready');
    expect([ready.statusCode, ready.json<{ status: string }>().status]).toEqual([503, 'stopping']);
  });
});

test('the documentation may run its own scripts, and nothing else', async () => {
  const { headers, body } = await get('/docs/');
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  expect(body).not.toMatch(/<script(?![^>]*src="\.?\/)|https?:\/\//);
});

test('the documentation says whose it is, and leads to the list for people', async () => {
  expect((await get('/docs/')).body).toContain('<title>UAB ALL trials: API</title>');
  expect((await get('/docs/json')).json()).toHaveProperty('externalDocs.url', '/');
});

test('logs, metrics and answers keep what a caller typed to themselves', async () => {
  const own = await buildTestApp();
  const canary = 'canaryword';
  await own.server.inject({
    url: `/v1/trials?q=${canary}&age=77`,
    headers: { referer: `https://${canary}.example`, 'user-agent': canary },
    remoteAddress: '192.0.2.77',
  });
  await own.server.inject(`/v1/${canary}`);
  await own.server.inject({ method: 'POST', url: '/v1/trials/search', payload: { q: canary, age: '77' } });
  const metrics = (await own.server.inject('/metrics')).body;
  expect(own.logLines.length).toBeGreaterThanOrEqual(3);
  expect(own.logLines.join('\n')).not.toContain(canary);
  expect(own.logLines.join('\n')).not.toContain('192.0.2.77');
  expect(metrics).not.toContain(canary);
  expect(metrics).toContain(
    'uab_all_trials_http_requests_total{route="/v1/trials",method="GET",status="200"} 1',
  );
});
