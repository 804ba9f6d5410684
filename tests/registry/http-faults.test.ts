import { createServer } from 'node:http';
import type { Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createRegistryClient, type RegistryLimits } from '../../src/registry/registry-client.ts';
import { RegistryBusy } from '../../src/registry/registry-errors.ts';
import type { Clock } from '../../src/registry/clock.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { failure } from '../support/registry-failure.ts';
import { listen as listenOn } from '../support/listen.ts';
import { REFUSAL_PAGE } from '../support/registry/faults.ts';

const DAY = '2026-11-20';
const VERSION = JSON.stringify({ apiVersion: '2.0.5', dataTimestamp: `${DAY}T09:00:04` });
const NOW = Date.parse('2026-11-24T12:00:00Z');
const query = { name: 'named', parameters: { 'query.cond': '"acute lymphoblastic leukemia"' } };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}
/** What a request of the client asks; `round` counts the requests of its path from 1. */
interface Asked {
  readonly isVersion: boolean;
  readonly offset: number;
  readonly round: number;
}

const study = (number: number, more: Record<string, unknown> = {}): unknown => ({
  protocolSection: { identificationModule: { nctId: `NCT${String(number).padStart(8, '0')}` } },
  derivedSection: { miscInfoModule: { versionHolder: DAY } },
  ...more,
});
const studies = (count: number): unknown[] => Array.from({ length: count }, (_, index) => study(index + 1));
const PAGE_SIZE = 10;
/** A page as the registry would send it: an offset for a token, and the count on the first. */
const pageOf = (found: readonly unknown[], offset: number, more: Record<string, unknown> = {}): Answer => {
  const rows = found.slice(offset, offset + PAGE_SIZE);
  const page = {
    ...(offset === 0 && { totalCount: found.length }),
    studies: rows,
    ...(rows.length === PAGE_SIZE && { nextPageToken: String(offset + PAGE_SIZE) }),
    ...more,
  };
  return { body: JSON.stringify(page) };
};

/** A client of a server that answers `null` like a registry of 25 studies, and anything else as it is given. */
const start = async (
  answer: (asked: Asked) => Answer | null,
  options: { limits?: Partial<RegistryLimits>; clock?: (fake: FakeClock) => Clock } = {},
) => {
  const paths: string[] = [];
  const rounds = { version: 0, studies: 0 };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://registry.test');
    paths.push(url.pathname.replace('/api/v2', ''));
    const isVersion = url.pathname.endsWith('/version');
    const round = isVersion ? ++rounds.version : ++rounds.studies;
    const offset = Number(url.searchParams.get('pageToken') ?? 0);
    const given = answer({ isVersion, offset, round });
    const {
      status = 200,
      headers,
      body = '',
    } = given ?? (isVersion ? { body: VERSION } : pageOf(studies(25), offset));
    response.on('error', () => undefined);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
  const port = await listen(server);
  const clock = createFakeClock(NOW);
  const client = createRegistryClient({
    baseUrl: `http://127.0.0.1:${port}/api/v2`,
    userAgent: 'test/1',
    clock: options.clock?.(clock) ?? clock,
    random: () => 0.5,
    limits: { pageSize: PAGE_SIZE, pages: 10, bodyBytes: 1_000_000, ...options.limits },
  });
  closing.push(async () => client.close());
  return { client, clock, paths, rounds };
};
const listen = async (server: Server): Promise<number> => {
  const { port, close } = await listenOn(server);
  closing.push(close);
  return port;
};
/** Faults of `/studies` alone, from its second page on. */
const onLaterPage =
  (answer: Answer, times = Infinity) =>
  ({ isVersion, offset }: Asked): Answer | null =>
    isVersion || offset === 0 || times-- <= 0 ? null : answer;
const html = { 'content-type': 'text/html' };

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%i to another host is never followed', async (status) => {
    let met = 0;
    const other = createServer((_request, response) => response.end(VERSION));
    other.on('connection', () => met++);
    const location = `http://127.0.0.1:${await listen(other)}/api/v2/studies`;
    const { client, paths } = await start(({ isVersion }) =>
      isVersion ? null : { status, headers: { location } },
    );
    expect(await failure(client.walkStudies([query]))).toMatchObject({ code: 'contract_broken', status });
    expect(paths).toEqual(['/version', '/studies']);
    expect(met).toBe(0);
  });
});

describe('too much', () => {
  test('a body over the limit ends the walk at once', async () => {
    const { client, paths } = await start(onLaterPage({ body: `{"studies":["${'x'.repeat(1_000_000)}"]}` }));
    expect((await failure(client.walkStudies([query]))).code).toBe('answer_too_large');
    expect(paths).toEqual(['/version', '/studies', '/studies']);
  });

  test('a small gzip body that unfolds is counted by what comes out', async () => {
    const bomb = gzipSync(`{"studies":[${' '.repeat(5_000_000)}]}`);
    expect(bomb.length).toBeLessThan(10_000);
    const { client } = await start(onLaterPage({ headers: { 'content-encoding': 'gzip' }, body: bomb }));
    expect((await failure(client.walkStudies([query]))).code).toBe('answer_too_large');
  });

  test('a bomb within a refusal is not unfolded further than its first words', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    const { client } = await start(() => ({
      status: 400,
      headers: { 'content-encoding': 'gzip' },
      body: bomb,
    }));
    const error = await failure(client.fetchVersion());
    expect([error.code, error.upstreamText?.length]).toEqual(['contract_broken', 200]);
  });
});

describe('429 on a page', () => {
  test.each([
    ['in seconds', { 'retry-after': '17' }, 17_000],
    // Two requests have waited a second each by then, and the date is read against the wall.
    ['as a date', { 'retry-after': 'Tue, 24 Nov 2026 12:00:42 GMT' }, 40_000],
  ])('with Retry-After %s is waited for in full, and the walk goes on', async (_name, headers, waitMs) => {
    const { client, clock } = await start(onLaterPage({ status: 429, headers }, 1));
    expect(await client.walkStudies([query])).toMatchObject({ proposed: { length: 25 }, requests: 6 });
    expect(clock.sleptMs).toContain(waitMs);
  });

  test.each([
    ['without Retry-After', {}],
    ['with one that cannot be read', { 'retry-after': 'soon' }],
  ])('%s is asked again after the usual wait, twice at most', async (_name, headers) => {
    const { client, clock, paths } = await start(onLaterPage({ status: 429, headers }));
    expect((await failure(client.walkStudies([query]))).code).toBe('unreachable');
    expect(paths).toHaveLength(5);
    expect(Math.max(...clock.sleptMs)).toBeLessThanOrEqual(8_000);
  });

  test('that asks for more than a walk may take ends it and holds the next one', async () => {
    const { client, paths } = await start(onLaterPage({ status: 429, headers: { 'retry-after': '600' } }));
    expect(await failure(client.walkStudies([query]))).toMatchObject({ code: 'busy', retryAfterMs: 600_000 });
    expect(await failure(client.walkStudies([query]))).toBeInstanceOf(RegistryBusy);
    expect(paths).toEqual(['/version', '/studies', '/studies']);
  });
});

describe('a page instead of an answer, in the middle of a walk', () => {
  test.each([
    ['403 with HTML', { status: 403, headers: html, body: REFUSAL_PAGE }, 'refused'],
    ['200 with HTML', { headers: html, body: '<!doctype html><title>Maintenance</title>' }, 'refused'],
    ['400', { status: 400, body: 'Too complicated query' }, 'inconsistent'],
    ['404', { status: 404, body: 'Not found' }, 'contract_broken'],
    ['410', { status: 410, body: 'Gone' }, 'contract_broken'],
    ['204', { status: 204 }, 'contract_broken'],
  ])('%s on a later page ends it', async (_name, answer, code) => {
    const { client } = await start(onLaterPage(answer));
    expect((await failure(client.walkStudies([query]))).code).toBe(code);
  });

  test.each([
    ['400', { status: 400, body: 'Too complicated query' }],
    ['404', { status: 404, body: 'Not found' }],
    ['410', { status: 410, body: 'Gone' }],
    ['204', { status: 204 }],
  ])(
    '%s on the first page is a broken contract, never an empty list, and asked once',
    async (_name, answer) => {
      const { client, paths } = await start(({ isVersion }) => (isVersion ? null : answer));
      const error = await failure(client.walkStudies([query]));
      expect(error).toMatchObject({ code: 'contract_broken', status: answer.status });
      expect(paths).toEqual(['/version', '/studies']);
    },
  );

  test('the words of an error page stay in the log and out of the message', async () => {
    const { client } = await start(() => ({ status: 403, headers: html, body: REFUSAL_PAGE }));
    const error = await failure(client.fetchVersion());
    expect(error.message).toBe('The registry answered 403');
    expect(error.upstreamText).toContain('403 Forbidden');
  });
});

describe('server errors', () => {
  test.each([500, 502, 503, 504])('two answers %i in a row are waited through', async (status) => {
    const { client, paths } = await start(onLaterPage({ status, headers: html, body: '<html>' }, 2));
    expect(await client.walkStudies([query])).toMatchObject({ proposed: { length: 25 } });
    expect(paths).toHaveLength(7);
  });

  test.each([500, 502, 503, 504])('a longer burst of %i ends the walk after two retries', async (status) => {
    const { client, paths } = await start(onLaterPage({ status }));
    expect((await failure(client.walkStudies([query]))).code).toBe('unreachable');
    expect(paths).toEqual(['/version', '/studies', '/studies', '/studies', '/studies']);
  });

  test('a registry that flaps at every other request is walked to the end', async () => {
    let asked = 0;
    const { client, paths } = await start(() => (++asked % 2 === 1 ? { status: 502 } : null));
    const walk = await client.walkStudies([query]);
    expect(walk.proposed).toHaveLength(25);
    expect([walk.requests, paths.length]).toEqual([10, 10]);
  });
});

describe('an answer of nothing', () => {
  test.each([
    ['no byte', ''],
    ['white space', ' \r\n '],
    ['a byte order mark', '\ufeff'],
  ])('%s is no empty list: it is asked again, twice at most', async (_name, body) => {
    const { client, paths } = await start(({ isVersion }) => (isVersion ? null : { body }));
    expect((await failure(client.walkStudies([query]))).code).toBe('unreachable');
    expect(paths).toHaveLength(4);
  });

  test.each([
    ['an object without studies', '{"totalCount":0}'],
    ['studies that are none', '{"totalCount":0,"studies":null}'],
    ['a text', '"studies"'],
  ])('%s is a broken contract', async (_name, body) => {
    const { client } = await start(({ isVersion }) => (isVersion ? null : { body }));
    expect((await failure(client.walkStudies([query]))).code).toBe('contract_broken');
  });
});

describe('characters', () => {
  const titled = (title: string) => study(1, { title });
  const titleOf = (walk: { proposed: readonly { study: unknown }[] }): unknown =>
    (walk.proposed[0]?.study as { title: string } | undefined)?.title;

  test('a byte order mark before a page is no obstacle', async () => {
    const page = `\ufeff${String(pageOf([titled('é')], 0).body)}`;
    const { client } = await start(({ isVersion }) =>
      isVersion ? { body: `\ufeff${VERSION}` } : { body: page },
    );
    expect(titleOf(await client.walkStudies([query]))).toBe('é');
  });

  test.each(['ISO-8859-1', 'utf-16', 'no-such-charset', '"'])(
    'a charset of %s is not believed',
    async (charset) => {
      const { client } = await start(({ isVersion, offset }) => ({
        ...(isVersion ? { body: VERSION } : pageOf([titled('naïve é')], offset)),
        headers: { 'content-type': `application/json; charset=${charset}` },
      }));
      expect(titleOf(await client.walkStudies([query]))).toBe('naïve é');
    },
  );

  test('bytes that are not UTF-8 cost their study a character, and no other', async () => {
    const body = Buffer.from(
      String(pageOf([titled('caf\u0001'), study(2)], 0).body).replace('\\u0001', '\u0001'),
    );
    body[body.indexOf(1)] = 0xe9;
    const { client } = await start(({ isVersion }) => (isVersion ? null : { body }));
    const walk = await client.walkStudies([query]);
    expect([titleOf(walk), walk.proposed.length]).toEqual(['caf\ufffd', 2]);
  });

  test('a body that really is UTF-16 is no answer', async () => {
    const { client } = await start(() => ({ body: Buffer.from(VERSION, 'utf16le') }));
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
  });
});

describe('tokens', () => {
  /** How often each path was asked by walks that all fail. */
  const roundsOf = async (bend: (asked: Asked) => Answer | null) => {
    const { client, rounds } = await start(bend, { limits: { walkMs: 3_600_000 } });
    expect((await failure(client.walkStudies([query]))).code).toBe('inconsistent');
    return rounds;
  };

  test('a token that repeats after another one is a circle, and left at once', async () => {
    const circle = ({ isVersion, offset }: Asked): Answer | null =>
      isVersion
        ? null
        : pageOf(offset === 0 ? studies(25) : [], offset, { nextPageToken: offset === 10 ? '20' : '10' });
    expect(await roundsOf(circle)).toEqual({ version: 3, studies: 9 });
  });

  test('fresh tokens without an end stop at the limit of pages', async () => {
    const endless = ({ isVersion, offset }: Asked): Answer | null =>
      isVersion
        ? null
        : pageOf(offset === 0 ? studies(5) : [], offset, { nextPageToken: String(offset + 1) });
    expect(await roundsOf(endless)).toEqual({ version: 3, studies: 30 });
  });

  test('a token that is always expired is tried in three walks, and no more', async () => {
    const expired = onLaterPage({ status: 400, body: 'Invalid page token' });
    expect(await roundsOf(expired)).toEqual({ version: 3, studies: 6 });
  });

  test.each([
    ['a number', 10],
    ['empty', ''],
    ['longer than a request may be', 'x'.repeat(8_000)],
    ['of other characters', 'é\r\n'],
  ])('one that is %s is the registry’s fault, and is never sent', async (_name, nextPageToken) => {
    const { client, paths } = await start(({ isVersion }) =>
      isVersion ? null : pageOf(studies(25), 0, { nextPageToken }),
    );
    expect((await failure(client.walkStudies([query]))).code).toBe('contract_broken');
    expect(paths).toEqual(['/version', '/studies']);
  });
});

describe('studies that move while they are read', () => {
  /** The list changes between the first page and the second of the first walk. */
  const changing = async (before: readonly unknown[], after: readonly unknown[]) => {
    const started = await start(({ isVersion, offset, round }) =>
      isVersion ? null : pageOf(round === 1 ? before : after, offset),
    );
    return { walk: await started.client.walkStudies([query]), ...started };
  };

  test('one that vanishes from a later page costs one more walk', async () => {
    const { walk, rounds } = await changing(studies(25), studies(24));
    expect(walk.proposed).toHaveLength(24);
    expect(rounds).toEqual({ version: 3, studies: 6 });
  });

  test('one that vanishes from a page already read hides another, which one more walk finds', async () => {
    const { walk, rounds } = await changing(studies(25), studies(25).slice(1));
    expect(walk.proposed.map(({ nctId }) => nctId)).toContain('NCT00000011');
    expect(walk.proposed).toHaveLength(24);
    expect(rounds.version).toBe(3);
  });

  test('one that comes on two pages, because a new one pushed it there, is taken once and no other is lost', async () => {
    const { walk, rounds } = await changing(studies(25), [study(99), ...studies(25)]);
    expect(walk.proposed.map(({ study }) => study)).toEqual(studies(25));
    expect(walk.queries).toMatchObject([{ totalCount: 25, rows: 26 }]);
    expect(rounds.version).toBe(2);
  });
});

describe('totalCount', () => {
  test.each([-2, -1, 1, 2, 5])('%i from the truth is inconsistent, by however little', async (off) => {
    const { client, rounds } = await start(({ isVersion, offset }) =>
      isVersion ? null : pageOf(studies(25), offset, offset === 0 ? { totalCount: 25 + off } : {}),
    );
    expect((await failure(client.walkStudies([query]))).code).toBe('inconsistent');
    expect(rounds.version).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ['a text', '25'],
    ['negative', -1],
    ['a fraction', 2.5],
    ['beyond all numbers', 1e300],
    ['null', null],
  ])('that is %s is a broken contract', async (_name, totalCount) => {
    const { client } = await start(({ isVersion }) =>
      isVersion ? null : pageOf(studies(2), 0, { totalCount }),
    );
    expect((await failure(client.walkStudies([query]))).code).toBe('contract_broken');
  });

  test('missing is a broken contract', async () => {
    const { client } = await start(({ isVersion }) => (isVersion ? null : { body: '{"studies":[]}' }));
    expect((await failure(client.walkStudies([query]))).code).toBe('contract_broken');
  });
});

describe('the version', () => {
  const timed = (dataTimestamp: string): Answer => ({
    body: JSON.stringify({ apiVersion: '2.0.5', dataTimestamp }),
  });

  test('that changes during every walk is walked again twice at most', async () => {
    const { client, rounds } = await start(({ isVersion, round }) =>
      isVersion ? timed(`${DAY}T09:00:${String(round).padStart(2, '0')}`) : null,
    );
    expect((await failure(client.walkStudies([query]))).code).toBe('inconsistent');
    expect(rounds.version).toBe(6);
  });

  test('of a study that changes during a walk costs one more walk', async () => {
    const other = study(25, { derivedSection: { miscInfoModule: { versionHolder: '2026-11-21' } } });
    const { client, rounds } = await start(({ isVersion, offset, round }) =>
      isVersion ? null : pageOf(round === 3 ? [...studies(24), other] : studies(25), offset),
    );
    expect(await client.walkStudies([query])).toMatchObject({ proposed: { length: 25 } });
    expect(rounds.version).toBe(4);
  });

  test('of a study that is no day costs nobody the walk', async () => {
    const odd = study(25, { derivedSection: { miscInfoModule: { versionHolder: '<b>soon</b>' } } });
    const { client, rounds } = await start(({ isVersion, offset }) =>
      isVersion ? null : pageOf([...studies(24), odd], offset),
    );
    expect(await client.walkStudies([query])).toMatchObject({ proposed: { length: 25 } });
    expect(rounds.version).toBe(2);
  });

  test.each([
    ['a word', 'soon'],
    ['markup', '<script>'],
    ['a day that no calendar has', '2026-02-31T09:00:04'],
    ['a day without its time', '2026-11-20'],
    ['empty', ''],
    ['very long', 'x'.repeat(100_000)],
  ])('whose time is %s is a broken contract, for every answer of ours shows it', async (_name, time) => {
    const { client } = await start(() => timed(time));
    expect((await failure(client.fetchVersion())).code).toBe('contract_broken');
  });

  test('older than before comes as it is, and says its day: what to do with it is for the caller', async () => {
    const { client } = await start(({ isVersion, round }) =>
      isVersion ? timed(round === 1 ? '2026-11-21T09:00:04' : `${DAY}T09:00:04`) : null,
    );
    await client.fetchVersion();
    const walk = await client.walkStudies([query]);
    expect(walk.version.dataTimestamp).toBe(`${DAY}T09:00:04`);
  });
});

test.each([
  ['ahead', 86_400_000],
  ['back', -86_400_000],
])(
  'a wall clock that jumps a day %s changes neither the pace nor the deadline of a walk',
  async (_name, jumpMs) => {
    const { client, clock } = await start(() => null, {
      clock: (fake) => ({ ...fake, nowMs: () => fake.nowMs() + (fake.monotonicMs() > 1_500 ? jumpMs : 0) }),
    });
    expect(await client.walkStudies([query])).toMatchObject({ proposed: { length: 25 } });
    expect(clock.sleptMs).toEqual([1_000, 1_000, 1_000, 1_000]);
  },
);
