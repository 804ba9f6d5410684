import { setTimeout as delay } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { PROBLEM, type ProblemType } from '../../src/http/problem.ts';
import { buildTestApp } from '../support/test-app.ts';
import {
  ask,
  CLIENT_ADDRESS,
  startNginx,
  startReplica,
  type Answer,
  type Nginx,
  type Question,
  type Replica,
} from './nginx-process.ts';

const LIST = '/v1/trials?limit=5';
const POLL_MS = 50;
const PATIENCE_MS = 15_000;

const { server: app } = await buildTestApp({ trustProxy: ['127.0.0.1/32'] });
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface World {
  readonly nginx: Nginx;
  readonly replicas: readonly Replica[];
  ask(path: string, question?: Question): Promise<Answer>;
  /** How many requests reached a replica, of all or of one path. */
  reached(path?: string): number;
  /** Asks again until the answer is as wished; an answer ages by nginx's clock, which nobody can turn. */
  askUntil(path: string, wished: (answer: Answer) => boolean): Promise<Answer>;
}

async function startWorld(): Promise<World> {
  const replicas = [await startReplica(app), await startReplica(app), await startReplica(app)];
  cleanups.push(async () => Promise.all(replicas.map(async (one) => one.shut())));
  const nginx = await startNginx(replicas);
  cleanups.push(async () => nginx.stop());
  const askHere: World['ask'] = async (path, question) => ask(nginx.port, path, question);
  return {
    nginx,
    replicas,
    ask: askHere,
    reached: (path) =>
      replicas.flatMap(({ seen }) => seen).filter(({ url }) => path === undefined || url === path).length,
    async askUntil(path, wished) {
      const untilMs = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await askHere(path);
        if (wished(answer)) return answer;
        if (performance.now() > untilMs)
          throw new Error(`still ${answer.status} ${String(answer.headers['x-cache'])}`);
        await delay(POLL_MS);
      }
    },
  };
}

const cacheOf = ({ headers }: Answer): unknown => headers['x-cache'];
const shortenLives = ({ replicas }: World): void => {
  for (const replica of replicas) replica.shortLived = true;
};

function expectProblem({ status, headers, body }: Answer, type: ProblemType): void {
  expect(status).toBe(PROBLEM[type].status);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(headers['cache-control']).toBe('no-store');
  const { title } = PROBLEM[type];
  expect(JSON.parse(body.toString())).toMatchObject({ type: `/problems/${type}`, title, status });
}

// Only `npm run test:deploy` runs them: they need nginx, and `npm test` nothing but Node.
describe.skipIf(process.env['MODE'] !== 'deploy')('nginx in front of the replicas', () => {
  test('keeps an answer and gives it the second time', async () => {
    const world = await startWorld();
    const first = await world.ask(LIST);
    const second = await world.ask(LIST);
    expect([first.status, cacheOf(first), cacheOf(second)]).toEqual([200, 'MISS', 'HIT']);
    expect(second.body).toEqual(first.body);
    expect(second.headers['etag']).toBe(first.headers['etag']);
    expect(second.headers['cache-control']).toContain('stale-if-error=604800');
    expect(world.reached()).toBe(1);
  });

  test('says 304 to who has the answer already, without asking a replica', async () => {
    const world = await startWorld();
    const { headers } = await world.ask(LIST);
    const again = await world.ask(LIST, { headers: { 'if-none-match': String(headers['etag']) } });
    expect([again.status, cacheOf(again), again.body.length]).toEqual([304, 'HIT', 0]);
    expect(again.headers['etag']).toBe(headers['etag']);
    expect(world.reached()).toBe(1);
  });

  test('keeps br, gzip and identity apart, and spellings of one together', async () => {
    const world = await startWorld();
    const asked = async (accepted: string): Promise<Answer> =>
      world.ask(LIST, { headers: { 'accept-encoding': accepted } });
    const [br, gzip, plain] = [await asked('br'), await asked('gzip'), await asked('')];
    expect([br, gzip, plain].map(cacheOf)).toEqual(['MISS', 'MISS', 'MISS']);
    expect([br, gzip, plain].map(({ headers }) => headers['content-encoding'])).toEqual([
      'br',
      'gzip',
      undefined,
    ]);
    expect(new Set([br, gzip, plain].map(({ headers }) => headers['etag'])).size).toBe(3);
    expect(brotliDecompressSync(br.body)).toEqual(plain.body);
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    expect(br.headers['vary']).toBe('Accept-Encoding');
    const spellings: [string, Answer][] = [
      ['gzip, deflate, br, zstd', br],
      ['GZIP;q=0.8,BR;q=1.0', br],
      ['br;q=0, gzip', gzip],
      ['br;q=0.0,gzip;q=0.5', gzip],
      ['deflate, gzip', gzip],
      ['identity', plain],
      ['gzip;q=0', plain],
      ['bread, gzipped', plain],
    ];
    for (const [spelling, same] of spellings) {
      const answer = await asked(spelling);
      expect([cacheOf(answer), answer.headers['etag']], spelling).toEqual(['HIT', same.headers['etag']]);
    }
    expect(world.reached()).toBe(3);
  });

  test('never keeps a search by POST, a state or a probe', async () => {
    const world = await startWorld();
    const search = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"age":"8"}' };
    const asked: [string, Question][] = [
      ['/v1/trials/search', search],
      ['/v1/meta', {}],
      ['/health/live', {}],
      ['/health/ready', {}],
    ];
    for (const [path, question] of asked) {
      const answers = [await world.ask(path, question), await world.ask(path, question)];
      expect(
        answers.map((one) => [one.status, cacheOf(one)]),
        path,
      ).toEqual([
        [200, undefined],
        [200, undefined],
      ]);
      expect(world.reached(path), path).toBe(2);
    }
  });

  test('keeps no error', async () => {
    const world = await startWorld();
    expect((await world.ask('/v1/trials?phase=9')).status).toBe(400);
    expect((await world.ask('/v1/trials?phase=9')).status).toBe(400);
    expect(world.reached('/v1/trials?phase=9')).toBe(2);
  });

  test('hides the metrics, however they are spelled', async () => {
    const world = await startWorld();
    for (const path of ['/metrics', '/%6detrics', '//metrics', '/v1/../metrics', '/metrics/', '/metrics?x=1'])
      expectProblem(await world.ask(path), 'not-found');
    expect(world.reached()).toBe(0);
  });

  test('tells the replicas whose request it is, and nothing that a client claims', async () => {
    const world = await startWorld();
    await world.ask(LIST, {
      headers: {
        'x-forwarded-for': '203.0.113.9, 127.0.0.1',
        forwarded: 'for=203.0.113.9',
        'x-forwarded-host': 'evil.example',
        cookie: 'session=1',
        authorization: 'Bearer secret',
        referer: 'https://hospital.example/?age=34',
        'user-agent': 'somebody',
      },
    });
    const [request] = world.replicas.flatMap(({ seen }) => seen);
    expect(request?.headers['x-forwarded-for']).toBe(CLIENT_ADDRESS);
    expect(Object.keys(request?.headers ?? {}).toSorted()).toEqual([
      'host',
      'x-forwarded-for',
      'x-forwarded-proto',
    ]);
  });

  test('asks by its tag whether what has aged is still right', async () => {
    const world = await startWorld();
    shortenLives(world);
    const first = await world.ask(LIST);
    const aged = await world.askUntil(LIST, (answer) => cacheOf(answer) !== 'HIT');
    expect([aged.status, cacheOf(aged)]).toEqual([200, 'REVALIDATED']);
    expect(aged.body).toEqual(first.body);
    const questions = world.replicas.flatMap(({ seen }) =>
      seen.map(({ headers }) => headers['if-none-match']),
    );
    expect(questions.filter((tag) => tag !== undefined)).toEqual([first.headers['etag']]);
  });

  test('goes on with the last answer while every replica is down', async () => {
    const world = await startWorld();
    shortenLives(world);
    const first = await world.ask(LIST);
    for (const replica of world.replicas) await replica.shut();
    const stale = await world.askUntil(LIST, (answer) => cacheOf(answer) !== 'HIT');
    expect([stale.status, cacheOf(stale)]).toEqual([200, 'STALE']);
    for (let count = 0; count < 20; count++) expect((await world.ask(LIST)).body).toEqual(first.body);
    const unknown = await world.ask('/v1/trials?limit=6');
    expectProblem(unknown, 'overloaded');
    expect(unknown.headers['retry-after']).toBe('5');
  });

  test('shows no trial that has left the list: its 410 goes through', async () => {
    const world = await startWorld();
    shortenLives(world);
    await world.ask(LIST);
    for (const { overrides } of world.replicas) overrides.set(LIST, 410);
    const gone = await world.askUntil(LIST, (answer) => cacheOf(answer) !== 'HIT');
    expect(gone.status).toBe(410);
    expect((await world.ask(LIST)).status).toBe(410);
  });

  test('lets nobody notice that one replica is down', async () => {
    const world = await startWorld();
    await world.replicas[1]?.shut();
    const search = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"age":"8"}' };
    for (let limit = 1; limit <= 30; limit++) {
      expect((await world.ask(`/v1/trials?limit=${limit}`)).status).toBe(200);
      expect((await world.ask('/v1/trials/search', search)).status).toBe(200);
    }
    expect(world.replicas.map(({ seen }) => seen.length > 5)).toEqual([true, false, true]);
  });

  test('asks another replica where one is not ready', async () => {
    const world = await startWorld();
    const paths = Array.from({ length: 6 }, (_, index) => `/v1/trials?limit=${index + 1}`);
    for (const path of paths) world.replicas[0]?.overrides.set(path, 503);
    for (const path of paths) expect((await world.ask(path)).status).toBe(200);
    expect(world.replicas[0]?.seen.length).toBeGreaterThan(0);
  });

  test('refuses a large body in the shape of the service', async () => {
    const world = await startWorld();
    const body = JSON.stringify({ q: 'x'.repeat(20_000) });
    const question = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    expectProblem(await world.ask('/v1/trials/search', question), 'payload-too-large');
    expect(world.reached()).toBe(0);
  });

  test('writes nothing of a client into its logs, also where something goes wrong', async () => {
    const world = await startWorld();
    const headers = { 'user-agent': 'canary-agent', referer: 'https://canary-referrer.example/' };
    await world.ask('/v1/trials?age=34&q=canary', { headers });
    for (const replica of world.replicas) await replica.shut();
    expect((await world.ask('/v1/trials?age=35&q=canary', { headers })).status).toBe(503);
    await world.ask('/metrics?canary', { headers });
    const logs = await world.nginx.readLogs();
    expect(logs).toContain('"path":"/v1/trials","status":503');
    expect(logs).not.toMatch(/canary|age=|127\.0\.0\.2/);
  });
});
