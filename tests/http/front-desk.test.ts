import { setImmediate } from 'node:timers';
import { afterEach, describe, expect, test } from 'vitest';
import { findCommonFilters } from '../../src/http/common-lists.ts';
import { listen, openRawClient, readStatuses } from '../support/raw-client.ts';
import { formatRequest, readAnswer, sendBytes, type RawRequest } from '../support/raw-request.ts';
import { buildSnapshot, sampleHarvest, sampleSnapshot } from '../support/sample.ts';
import { buildTestApp, NOW, type TestApp } from '../support/test-app.ts';

/** What was asked before is answered ahead of the router; nobody may be able to tell, but by a clock. */

const started: TestApp[] = [];
afterEach(async () => {
  for (const app of started.splice(0)) {
    await app.preparation.stop();
    app.server.server.closeAllConnections();
    await app.server.close();
  }
});

async function start(options: Omit<NonNullable<Parameters<typeof buildTestApp>[0]>, 'door'> = {}) {
  let turns = 0;
  const atNextTurn = (callback: () => void): void => {
    turns++;
    setImmediate(callback);
  };
  const app = await buildTestApp({ ...options, door: { atNextTurn } });
  started.push(app);
  const port = await listen(app.server);
  /** Asks, and says whether the router had to answer: who waits for it takes turns. */
  const ask = async (target: string, { method = 'GET', ...rest }: Partial<RawRequest> = {}) => {
    const before = turns;
    // Who stays closes his half, or we would wait for the end of his time. The desk has answered before that is seen.
    const isWhole = rest.headers?.['connection'] !== 'keep-alive';
    const text = await sendBytes(port, formatRequest({ method, target, ...rest }), { isWhole });
    const bytes = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');
    return { ...readAnswer(text), bytes, routed: turns > before };
  };
  return { app, port, ask };
}

/** Nobody is told the same id, time or allowance twice. */
const OWN = new Set(['x-request-id', 'date', 'ratelimit', 'connection', 'keep-alive']);
const comparable = (headers: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(headers)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) => `${name}: ${String(value)}`)
    .toSorted();

const TARGETS = [
  '/v1/trials',
  '/v1/trials?ageGroup=child&phase=3',
  '/v1/trials?limit=1&sort=title',
  '/v1/trials?age=8&q=blinatumomab',
  '/v1/trials?genomic=ph_positive&match=fits,check,does_not_fit&age=34',
  '/v1/trials/NCT03914625',
  '/v1/trials/NCT03914625/provenance',
  '/v1/quality',
];
const tagOf = async (target: string, encoding: string, app: TestApp): Promise<string> =>
  String((await app.server.inject({ url: target, headers: { 'accept-encoding': encoding } })).headers.etag);

describe('the desk and the router give the same', () => {
  test.each(TARGETS)('%s', async (target) => {
    const { app, ask } = await start({ rateLimitPerMinute: 1_000 });
    expect((await ask(target)).routed).toBe(true);
    for (const encoding of ['identity', 'gzip', 'br', 'gzip, deflate, br, zstd', '*;q=0']) {
      const tag = await tagOf(target, encoding, app);
      // Who stays is answered past the response, who goes through it.
      for (const [method, connection] of [
        ['GET', 'keep-alive'],
        ['HEAD', 'keep-alive'],
        ['GET', 'close'],
      ] as const)
        for (const condition of [null, tag, `W/${tag}, "other"`, '*', '"other"']) {
          const headers = {
            connection,
            'accept-encoding': encoding,
            ...(condition !== null && { 'if-none-match': condition }),
          };
          const fromDesk = await ask(target, { method, headers });
          const fromRouter = await app.server.inject({ method, url: target, headers });
          expect(fromDesk.routed).toBe(false);
          expect(fromDesk.statusCode).toBe(fromRouter.statusCode);
          expect(fromDesk.bytes.equals(fromRouter.rawPayload)).toBe(true);
          expect(comparable(fromDesk.headers)).toEqual(comparable(fromRouter.headers));
          expect(fromDesk.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
          expect(fromDesk.headers['connection']).toBe(connection);
        }
    }
  });
});

describe('a list that nobody asked for before', () => {
  const NEW = [
    '/v1/trials?age=8y&limit=3&phase=2,3',
    '/v1/trials?phase=3&phase=2',
    '/v1/trials?limit=1&q=acute+leukemia',
    '/v1/trials?q=%C3%A9t%C3%A9&sort=updated',
    '/v1/trials?genomic=ph_positive&match=fits,does_not_fit',
    '/v1/trials?',
    '/v1/trials?phase=9',
    '/v1/trials?age=8&age=9',
    '/v1/trials?nobody=1',
    '/v1/trials??phase=3',
    `/v1/trials?q=${'a'.repeat(3_000)}`,
  ];
  test.each(NEW.map((target) => [target.slice(0, 60), target] as const))(
    'is answered as the router answers it, right or wrong: %s',
    async (_title, target) => {
      for (const encoding of ['identity', 'gzip', 'br'])
        for (const method of ['GET', 'HEAD'] as const) {
          const headers = { 'accept-encoding': encoding };
          const { ask, app } = await start({ rateLimitPerMinute: 1_000 });
          const other = await start({ rateLimitPerMinute: 1_000 });
          const first = await ask(target, { method, headers });
          const fromRouter = await other.app.server.inject({ method, url: target, headers });
          expect(first.statusCode).toBe(fromRouter.statusCode);
          expect(comparable(first.headers)).toEqual(comparable(fromRouter.headers));
          // A problem names its request.
          const isAnswered = first.statusCode === 200;
          expect(!isAnswered || first.bytes.equals(fromRouter.rawPayload)).toBe(true);
          expect(first.routed).toBe(true);
          const told = (lines: readonly string[]) =>
            lines
              .map(
                (line) => JSON.parse(line) as { msg: string; route: string; status: number; cache: string },
              )
              .filter(({ msg }) => msg === 'answered')
              .map(({ route, status, cache }) => ({ route, status, cache }));
          expect(told(app.logLines)).toEqual(told(other.app.logLines));
          const counted = ({ clientCounts }: TestApp) =>
            clientCounts.takeNews().counts.map(({ more }) => more);
          expect(counted(app)).toEqual(counted(other.app));
        }
    },
  );

  test('has one tag and the same bytes, whoever asks first and in whatever words', async () => {
    const headers = { 'accept-encoding': 'br' };
    const [one, other] = [await start(), await start()];
    const early = await one.ask('/v1/trials?phase=3,2&age=8', { headers });
    await other.ask('/v1/trials?age=8y&phase=2&phase=3');
    const late = await other.ask('/v1/trials?age=8y&phase=2&phase=3', { headers });
    expect(late.headers['etag']).toBe(early.headers['etag']);
    expect(late.bytes.equals(early.bytes)).toBe(true);
  });
});

describe('the desk leaves to the router', () => {
  test('what nobody asked before, and the same question in other words', async () => {
    const { ask } = await start();
    for (let time = 0; time < 2; time++)
      expect((await ask('/v1/trials?phase=3&ageGroup=child&limit=3')).routed).toBe(true);
    for (const target of [
      '/v1/trials?ageGroup=child&limit=3&phase=3',
      '/v1/trials?phase=3&ageGroup=child&limit=3#x',
    ])
      expect((await ask(target)).routed).toBe(true);
    expect((await ask('/v1/trials?phase=3&ageGroup=child&limit=3')).routed).toBe(false);
  });

  test('once alone, what many ask for', async () => {
    const { ask } = await start();
    for (const target of ['/v1/trials?phase=3&ageGroup=child', '/v1/trials/NCT03914625'])
      for (const routed of [true, false]) expect((await ask(target)).routed).toBe(routed);
  });

  test('other methods, and requests with a body', async () => {
    const { ask } = await start();
    await ask('/v1/trials');
    expect(await ask('/v1/trials', { method: 'POST' })).toMatchObject({ statusCode: 405, routed: true });
    expect(await ask('/v1/trials', { method: 'OPTIONS' })).toMatchObject({ routed: true });
    expect(await ask('/v1/trials', { body: 'x' })).toMatchObject({ routed: true });
  });

  test('errors: they are never remembered', async () => {
    const { ask } = await start();
    for (const target of ['/v1/trials?nobody=1', '/v1/trials/NCT00000000', '/v1/trials/nct3914625', '/x'])
      for (let time = 0; time < 2; time++) {
        const answer = await ask(target);
        expect(answer.routed).toBe(true);
        expect(answer.statusCode).toBeGreaterThan(300);
      }
  });

  test('a request that would be too many: it is refused with all that a refusal says, and counted once', async () => {
    const { app, ask } = await start({ rateLimitPerMinute: 3 });
    const answers = [];
    for (let time = 0; time < 5; time++) answers.push(await ask('/v1/trials'));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429, 429]);
    expect(answers.map(({ routed }) => routed)).toEqual([true, false, false, true, true]);
    expect(answers.map(({ headers }) => String(headers['ratelimit']).split(';')[1])).toEqual([
      'r=2',
      'r=1',
      'r=0',
      'r=0',
      'r=0',
    ]);
    expect(app.clientCounts.takeNews().counts.map(({ more }) => more)).toEqual([5]);
    expect(answers[3]?.headers['retry-after']).toMatch(/^\d+$/);
  });

  test('what cannot be rendered, which it tries once', async () => {
    const { index } = sampleSnapshot;
    let tried = 0;
    const tally = (): never => {
      tried++;
      throw new Error('no list can be made');
    };
    const { app, port, ask } = await start({
      snapshot: { ...sampleSnapshot, index: { ...index, tally } },
    });
    // A turn in which a connection comes has no room beside the line.
    const formatGet = (target: string): string => `GET ${target} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const client = await openRawClient(port, formatGet('/v1/meta'));
    await client.answers(1);
    client.socket.write(formatGet('/v1/trials?age=17.3'));
    expect(readStatuses(await client.answers(2))).toEqual([200, 500]);
    expect([tried, (await ask('/health/live')).statusCode]).toEqual([2, 200]);
    expect(await app.metrics.format()).toContain('http_faults_total{kind="front-desk"} 1');
  });

  test('everything, once a stop is announced', async () => {
    const { app, ask } = await start();
    await ask('/v1/trials');
    app.announceStop();
    const answer = await ask('/v1/trials');
    expect([answer.statusCode, answer.headers['connection'], answer.routed]).toEqual([200, 'close', true]);
  });
});

describe('no answer outlives its list', () => {
  test('a new list, its confirmation and its getting stale are seen at once', async () => {
    const { app, ask } = await start();
    const read = async () => {
      for (let time = 0; time < 2; time++) await ask('/v1/trials?limit=1');
      const answer = await ask('/v1/trials?limit=1');
      expect(answer.routed).toBe(false);
      return JSON.parse(answer.body) as {
        total: number;
        meta: { snapshotId: string; checkedAt: string; stale: boolean };
      };
    };
    const first = await read();
    app.catalog.confirm('2026-11-24T11:59:00.000Z');
    expect((await read()).meta.checkedAt).toBe('2026-11-24T11:59:00.000Z');
    app.clock.nowMs = NOW + 7 * 3_600_000;
    expect((await read()).meta.stale).toBe(true);
    const fewer = await buildSnapshot({ ...sampleHarvest, studies: sampleHarvest.studies.slice(4) });
    app.catalog.publish({ snapshot: fewer, source: 'registry', checkedAt: '2026-11-24T18:59:00.000Z' });
    const last = await read();
    expect(last.meta).toMatchObject({ snapshotId: fewer.id, stale: false });
    expect(last.total).not.toBe(first.total);
  });

  test('a walk through the list before goes on after the swap, past the desk', async () => {
    const { app, ask } = await start();
    const page = JSON.parse((await ask('/v1/trials?limit=2')).body) as { cursors: { next: string } };
    const target = `/v1/trials?limit=2&cursor=${page.cursors.next}`;
    for (let time = 0; time < 2; time++) await ask(target);
    expect((await ask(target)).routed).toBe(false);
    const fewer = await buildSnapshot({ ...sampleHarvest, studies: sampleHarvest.studies.slice(4) });
    app.catalog.publish({ snapshot: fewer, source: 'registry', checkedAt: '2026-11-24T11:59:00.000Z' });
    for (let time = 0; time < 2; time++) {
      const answer = await ask(target);
      expect([answer.statusCode, answer.routed]).toEqual([200, true]);
      expect(answer.body).toContain(sampleSnapshot.id);
    }
  });

  test('a sample that may not be served is not', async () => {
    const { app, ask } = await start();
    await ask('/v1/trials');
    const { snapshot } = app.catalog.current as { snapshot: typeof sampleSnapshot };
    const refusing = await start({ bundled: true, mayServeSample: false, snapshot });
    for (let time = 0; time < 2; time++) expect((await refusing.ask('/v1/trials')).statusCode).toBe(503);
  });
});

test('what is answered at the desk is in the log and in the metrics like anything else', async () => {
  const { app, ask } = await start();
  for (let time = 0; time < 4; time++) await ask('/v1/trials?age=8');
  const lines = app.logLines
    .filter((line) => line.includes('"answered"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ cache }) => cache)).toEqual(['miss', 'miss', 'hit', 'hit']);
  expect(new Set(lines.map((line) => Object.keys(line).join())).size).toBe(1);
  for (const line of lines)
    expect(line).toMatchObject({ level: 30, route: '/v1/trials', status: 200, msg: 'answered' });
  const metrics = await app.metrics.format();
  expect(metrics).toContain(
    'uab_all_trials_http_requests_total{route="/v1/trials",method="GET",status="200"} 4',
  );
  expect(metrics).toContain('uab_all_trials_rendered_answers_total{outcome="hit"} 2');
  expect(metrics).toContain('uab_all_trials_http_request_seconds_count{route="/v1/trials"} 4');
});

test.each(['close', 'keep-alive'])(
  'what cannot be told is answered all the same, once: %s',
  async (connection) => {
    const { app, ask, port } = await start();
    await ask('/v1/trials?limit=1');
    const { push } = app.logLines;
    app.logLines.push = () => {
      app.logLines.push = push;
      throw new Error('the log is full');
    };
    const request = `GET /v1/trials?limit=1 HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\n\r\n`;
    const client = await openRawClient(port, request);
    client.socket.end();
    const text = await client.closed;
    expect(text.match(/^HTTP\/1.1 200 OK/gm)).toHaveLength(1);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toContain(`content-length: ${body.length}`);
    expect(await app.metrics.format()).toContain('http_faults_total{kind="front-desk"} 1');
  },
);

test('answers keep their order on a connection that does not wait for them', async () => {
  const { port, ask } = await start();
  await ask('/v1/trials?limit=1');
  const request = (target: string): string => `GET ${target} HTTP/1.1\r\nhost: x\r\n\r\n`;
  const client = await openRawClient(
    port,
    request('/v1/trials?limit=2') + request('/v1/trials?limit=1') + request('/v1/trials?limit=3'),
  );
  const text = await client.answers(3);
  const limits = [...text.matchAll(/"query":\{[^}]*"limit":(\d+)/g)].map(([, limit]) => Number(limit));
  expect(limits.slice(0, 2)).toEqual([2, 1]);
});

describe('the common answers', () => {
  const common = findCommonFilters();

  test('are the whole list, each value and each pair', () => {
    expect(common).toHaveLength(1 + 5 + 7 + 6 + 5 * 7 + 5 * 6 + 7 * 6);
    expect(new Set(common.map((filters) => JSON.stringify(filters))).size).toBe(common.length);
  });

  test('are at the desk before anybody asks, and again after each change', async () => {
    const { app, ask } = await start();
    app.preparation.start();
    await app.preparation.settled();
    const targets = [
      '/v1/trials',
      '/v1/trials?ageGroup=child',
      '/v1/trials?ageGroup=child&phase=3',
      '/v1/trials?phase=early_1&availability=open',
      ...sampleSnapshot.trials.map(({ nctId }) => `/v1/trials/${nctId}`),
    ];
    for (const target of targets)
      expect(await ask(target), target).toMatchObject({ statusCode: 200, routed: false });
    app.catalog.confirm('2026-11-24T11:59:00.000Z');
    app.catalog.confirm('2026-11-24T11:59:30.000Z');
    await app.preparation.settled();
    const answer = await ask('/v1/trials?ageGroup=child&phase=3');
    expect(answer.routed).toBe(false);
    expect(answer.body).toContain('2026-11-24T11:59:30.000Z');
  });
});
