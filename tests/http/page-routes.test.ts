import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { prefersHtml } from '../../src/http/negotiate.ts';
import { PROBLEM, type ProblemType } from '../../src/http/problem.ts';
import type { SyncStatus } from '../../src/catalog/sync.ts';
import { ENGLISH } from '../../src/web/words/english.ts';
import { fill } from '../../src/web/words/words.ts';
import { buildSnapshot, sampleHarvest, sampleSnapshot } from '../support/sample.ts';
import { snapshotWithText } from '../support/hostile-trial.ts';
import { buildTestApp, CHECKED_AT } from '../support/test-app.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const NCT = 'NCT03959085';
const app = await buildTestApp();
const get = async (url: string, headers: Record<string, string> = BROWSER) =>
  app.server.inject({ url, headers });

describe('/trials/{nctId}', () => {
  test('has a page for every trial, in both languages', async () => {
    for (const { nctId } of sampleSnapshot.trials)
      for (const lang of ['en', 'es']) {
        const { statusCode, body } = await get(`/trials/${nctId}?lang=${lang}`);
        expect([statusCode, body.includes(`<html lang="${lang}">`)]).toEqual([200, true]);
      }
  });

  test.each([
    ['/trials/nct3959085', `https://trials.example/trials/${NCT}`],
    ['/trials/nct3959085?lang=es&utm_source=x', `https://trials.example/trials/${NCT}?lang=es`],
  ])('sends another spelling on: %s', async (url, location) => {
    const { statusCode, headers } = await get(url);
    expect([statusCode, headers.location]).toEqual([308, location]);
  });

  test('sends an alias on', async () => {
    const own = await buildTestApp({ snapshot: snapshotWithText(NCT, '') });
    const { statusCode, headers } = await own.server.inject('/trials/NCT00000001');
    expect([statusCode, headers.location]).toEqual([308, `https://trials.example/trials/${NCT}`]);
  });

  test('says for 90 days that a trial has left, when and why', async () => {
    const own = await buildTestApp();
    own.catalog.publish({
      snapshot: await buildSnapshot({
        ...sampleHarvest,
        studies: sampleHarvest.studies.filter(({ nctId }) => nctId !== NCT),
      }),
      source: 'registry',
      checkedAt: CHECKED_AT,
    });
    const ask = async () => own.server.inject({ url: '/trials/nct3959085', headers: BROWSER });
    const { statusCode, body, headers } = await ask();
    expect([statusCode, headers['cache-control'], headers.vary]).toEqual([410, 'no-store', 'Accept']);
    expect(body).toContain(`${NCT} left our list on Nov 24, 2026.`);
    expect(Object.values(ENGLISH.errors.goneReason).some((reason) => body.includes(reason))).toBe(true);
    own.clock.nowMs += 91 * 86_400_000;
    expect((await ask()).statusCode).toBe(404);
  });

  test.each([
    ['/trials/NCT99999999', 404, 'not-found'],
    ['/trials/hello', 400, 'invalid-parameter'],
  ] as const)('%s is %i', async (url, status, type) => {
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(status);
    expect(body).toContain(`<h1>${ENGLISH.errors.problem[type].title}</h1>`);
  });
});

test('about says the day of the registry as the registry says it', async () => {
  const { body } = await get('/about');
  expect(sampleSnapshot.sourceDataTimestamp).toMatch(/^2026-08-22/);
  expect(body).toContain('made these data on Aug 22, 2026.');
});

test('about says of a list that nobody has checked whether that was tried, and when', async () => {
  const status = { lastError: null as { code: 'unreachable'; at: string } | null };
  const sample = await buildTestApp({ bundled: true, sync: { status: status as SyncStatus } });
  const origin = await sample.server.listen({ host: '127.0.0.1', port: 0 });
  const read = async (): Promise<string> => (await fetch(`${origin}/about`)).text();
  for (let asked = 0; asked < 3; asked++) expect(await read()).toContain(ENGLISH.aboutPage.neverChecked);
  for (const [at, day] of [
    ['2026-11-23T17:00:00.000Z', 'Nov 23, 2026'],
    ['2026-11-25T02:00:00.000Z', 'Nov 24, 2026'],
  ] as const) {
    status.lastError = { code: 'unreachable', at };
    expect(await read()).toContain(fill(ENGLISH.aboutPage.checkFailed, { date: day }));
  }
  sample.catalog.publish({ snapshot: sampleSnapshot, source: 'registry', checkedAt: CHECKED_AT });
  for (let asked = 0; asked < 3; asked++) expect(await read()).toContain('We last checked on Nov 24, 2026.');
  await sample.server.close();
});

test('a sample says of which day its data are', async () => {
  const sample = await buildTestApp({ bundled: true });
  const { body } = await sample.server.inject('/');
  expect(body).toContain(`${ENGLISH.page.sample} Data of Aug 22, 2026.`);
});

describe('search engines', () => {
  const robotsOf = (body: string): boolean => body.includes('<meta name="robots" content="noindex" />');

  test('find every page that lists show, and each names itself and its translation', async () => {
    for (const path of ['/', '/about', `/trials/${NCT}`]) {
      const { body } = await get(`${path}?utm_campaign=x`);
      expect(robotsOf(body)).toBe(false);
      expect(body).toMatch(`rel="canonical"\n      href="https://trials.example${path}"`);
      expect(body).toContain(`hreflang="es" href="https://trials.example${path}?lang=es"`);
    }
  });

  test.each(['/?phase=3', '/?age=8', '/?age=hello', '/?view=clinician&ageGroup=child'])(
    'leave %s aside',
    async (url) => {
      expect(robotsOf((await get(url)).body)).toBe(true);
    },
  );

  test('leave aside trials that lists hide, and everything of a sample', async () => {
    const hidden = sampleSnapshot.trials.find(({ sites }) => sites.every(({ kind }) => kind === 'possible'));
    expect(robotsOf((await get(`/trials/${hidden?.nctId}`)).body)).toBe(true);
    const sample = await buildTestApp({ bundled: true });
    expect(robotsOf((await sample.server.inject(`/trials/${NCT}`)).body)).toBe(true);
    expect((await sample.server.inject('/sitemap.xml')).body).not.toContain('/trials/');
  });

  test('are told of all pages, closed trials too', async () => {
    const { body, headers } = await get('/sitemap.xml');
    expect(headers['content-type']).toBe('application/xml; charset=utf-8');
    const places = [...body.matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, place = '']) => place);
    expect(places).toContain('https://trials.example/?view=clinician&amp;lang=es');
    expect(places).toContain('https://trials.example/trials/NCT03914625');
    expect(places.filter((place) => place.includes('/trials/'))).toHaveLength(2 * 22);
    expect(new Set(places).size).toBe(places.length);
    expect(body.match(/<url>/g)).toHaveLength(places.length);
    expect(body.match(/<\/url>/g)).toHaveLength(places.length);
    expect(body.match(/<xhtml:link [^>]*\/>/g)).toHaveLength(2 * places.length);
    const robots = await get('/robots.txt');
    expect(robots.body).toBe('User-agent: *\nDisallow:\n\nSitemap: https://trials.example/sitemap.xml\n');
  });
});

describe('answers', () => {
  test.each(['/', '/?view=clinician&lang=es', `/trials/${NCT}`, '/about', '/problems/gone'])(
    '%s tells its policy with a 304 and with HEAD as well',
    async (url) => {
      const page = await get(url);
      const { etag = '', 'content-security-policy': policy } = page.headers;
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      const again = await get(url, { ...BROWSER, 'if-none-match': etag });
      expect([again.statusCode, again.headers['content-security-policy']]).toEqual([304, policy]);
      const head = await app.server.inject({ method: 'HEAD', url });
      expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
        200,
        '',
        String(Buffer.byteLength(page.body)),
      ]);
    },
  );

  test('are rendered once for a question, whatever links add to its address', async () => {
    const own = await buildTestApp();
    const addresses = ['/?age=34', '/?age=34y&utm_source=a', '/?utm_source=b&age=%2034', '/?age=34&x=1'];
    const tags = [];
    for (const url of addresses) tags.push((await own.server.inject(url)).headers.etag);
    expect(new Set(tags).size).toBe(1);
    expect(own.logLines.filter((line) => line.includes('"cache":"miss"'))).toHaveLength(1);
  });

  test('of the whole list are prepared when it comes: the first, and those that somebody has asked for', async () => {
    const own = await buildTestApp();
    own.preparation.start();
    await own.preparation.settled();
    const count = (outcome: string): number =>
      own.logLines.filter((line) => line.includes(`"cache":"${outcome}"`)).length;
    for (const url of ['/', '/?view=clinician', '/?lang=es']) await own.server.inject(url);
    expect([count('hit'), count('miss')]).toEqual([1, 2]);
    own.catalog.confirm(new Date(own.clock.nowMs + 60_000).toISOString());
    await own.preparation.settled();
    for (const url of ['/', '/?view=clinician', '/?lang=es']) await own.server.inject(url);
    expect([count('hit'), count('miss')]).toEqual([4, 2]);
    await own.preparation.stop();
  });

  test('have the same bytes on every replica', async () => {
    const other = await buildTestApp();
    other.clock.nowMs += 60_000;
    for (const url of ['/', `/trials/${NCT}`, '/about', '/sitemap.xml'])
      expect((await other.server.inject(url)).headers.etag).toBe((await app.server.inject(url)).headers.etag);
  });
});

test.each([
  ['/', 4],
  ['/?view=clinician&lang=es', 4],
  [`/trials/${NCT}`, 4],
  ['/?age=8', 0],
  ['/?view=clinician&q=blinatumomab', 0],
  [`/compare?trials=${NCT}`, 0],
])('%s is packed with patience only when many ask for it: %i', async (url, quality) => {
  const packed = await get(url, { ...BROWSER, 'accept-encoding': 'br' });
  const { rawPayload } = await get(url);
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
  expect(packed.rawPayload.equals(brotliCompressSync(rawPayload, { params }))).toBe(true);
});

describe('errors', () => {
  test.each([
    [BROWSER.accept, true],
    ['text/html', true],
    ['text/html;q=0.5, application/json;q=0.4', true],
    ['application/json, text/html;q=0.9', false],
    ['text/html;q=0', false],
    ['*/*', false],
    ['', false],
    [undefined, false],
  ])('%s prefers a page: %s', (accepted, expected) => {
    expect(prefersHtml(accepted)).toBe(expected);
  });

  test.each([
    ['/nowhere', BROWSER, 'text/html'],
    ['/nowhere', { accept: '*/*' }, 'application/problem+json'],
    ['/%zz', BROWSER, 'text/html'],
    ['/v1/nowhere', BROWSER, 'application/problem+json'],
    ['/v1/trials?nothing=1', BROWSER, 'application/problem+json'],
  ])('%s for %o is %s', async (url, headers, type) => {
    const answer = await get(url, headers);
    expect(answer.headers['content-type']).toBe(`${type}; charset=utf-8`);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.vary).toBe(url.startsWith('/v1') ? undefined : 'Accept');
  });

  test('are pages too when there is no list yet, and say when to come back', async () => {
    const empty = await buildTestApp({ snapshot: null });
    for (const url of ['/', `/trials/${NCT}`, '/about']) {
      const { statusCode, headers, body } = await empty.server.inject({ url, headers: BROWSER });
      expect([statusCode, headers['retry-after'], headers['cache-control']]).toEqual([503, '30', 'no-store']);
      expect(body).toContain(ENGLISH.errors.problem['not-ready'].title);
      expect(body).not.toContain('role="note"');
    }
    expect((await empty.server.inject('/problems/gone')).statusCode).toBe(200);
  });

  test('are pages too for who asks too much', async () => {
    const own = await buildTestApp({ rateLimitPerMinute: 1 });
    const ask = async () => own.server.inject({ url: '/about?lang=es', headers: BROWSER });
    await ask();
    const { statusCode, headers, body } = await ask();
    expect([statusCode, headers['content-type']]).toEqual([429, 'text/html; charset=utf-8']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(body).toContain('<html lang="es">');
  });

  test('have words for every kind of problem', () => {
    const types = Object.keys(PROBLEM) as ProblemType[];
    expect(Object.keys(ENGLISH.errors.problem)).toEqual(types);
  });
});
