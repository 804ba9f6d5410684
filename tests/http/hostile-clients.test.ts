import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createAnswerCache } from '../../src/http/answer-cache.ts';
import { renderJson } from '../../src/http/rendered-answers.ts';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';
import { listen, openRawClient, readAnswer, readStatuses } from '../support/raw-client.ts';
import { buildTestApp } from '../support/test-app.ts';

/** What routes.test.ts cannot send, over real sockets. No answer is a 5xx, hangs, or repeats what was forged. */
const app = await buildTestApp({ door: { monotonicMs: () => 0 } });
const port = await listen(app.server);
afterAll(async () => {
  app.server.server.closeAllConnections();
  await app.server.close();
});

const CANARY = 'canaryword';
const ask = async (bytes: string): Promise<string> => (await openRawClient(port, bytes)).answers(1);
const get = async (target: string, headers = ''): Promise<ReturnType<typeof readAnswer>> =>
  readAnswer(await ask(`GET ${target} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`));
const post = (headers: string, body: string): string =>
  `POST /v1/trials/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}\r\n${body}`;

describe('what is not HTTP, or two requests in one (smuggling)', () => {
  const hidden = `GET /${CANARY} HTTP/1.1\r\nhost: x\r\n\r\n`;
  test.each<[string, string]>([
    [
      'Content-Length and Transfer-Encoding',
      post('content-length: 4\r\ntransfer-encoding: chunked\r\n', `0\r\n\r\n${hidden}`),
    ],
    [
      'Transfer-Encoding and Content-Length',
      post('transfer-encoding: chunked\r\ncontent-length: 4\r\n', `0\r\n\r\n${hidden}`),
    ],
    ['two lengths', post('content-length: 2\r\ncontent-length: 2\r\n', `{}${hidden}`)],
    ['two different lengths', post('content-length: 2\r\ncontent-length: 40\r\n', `{}${hidden}`)],
    ['a list of lengths', post('content-length: 2, 2\r\n', `{}${hidden}`)],
    ['a length with a sign', post('content-length: +2\r\n', `{}${hidden}`)],
    ['a negative length', post('content-length: -1\r\n', `{}${hidden}`)],
    ['a length that is no number', post('content-length: 0x2\r\n', `{}${hidden}`)],
    ['an unknown transfer coding', post('transfer-encoding: chunked, x\r\n', `0\r\n\r\n${hidden}`)],
    ['a space before the colon', post('content-length : 2\r\n', `{}${hidden}`)],
    ['a folded header', post('x-folded: a\r\n content-length: 2\r\n', `{}${hidden}`)],
    ['a bare carriage return in a header', post('x-bare: a\rcontent-length: 2\r\n', `{}${hidden}`)],
    ['NUL in a header', post('x-nul: a\0b\r\n', '')],
    [
      'a chunk size that is no number',
      post('transfer-encoding: chunked\r\n', `zz\r\n{}\r\n0\r\n\r\n${hidden}`),
    ],
    ['a chunk size over 64 bits', post('transfer-encoding: chunked\r\n', `${'f'.repeat(17)}\r\n{}\r\n`)],
    ['a chunk longer than its size', post('transfer-encoding: chunked\r\n', `1\r\n{}\r\n0\r\n\r\n${hidden}`)],
    ['no such method', `${CANARY} / HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['no such version', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000'],
    ['a space in the address', `GET /v1/trials?q=${CANARY} x HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['no host', 'GET /v1/trials HTTP/1.1\r\n\r\n'],
    ['a tunnel', `CONNECT ${CANARY}.example:443 HTTP/1.1\r\nhost: x\r\n\r\n`],
  ])('%s is refused in our shape and the connection closed', async (_name, bytes) => {
    const text = await (await openRawClient(port, bytes)).closed;
    const answers = readStatuses(text);
    expect(answers).toEqual([400]);
    const { head, body } = readAnswer(text);
    expect(head).toMatch(/^connection: close$/im);
    expect(head).toContain('content-type: application/problem+json; charset=utf-8');
    expect(head).toContain("content-security-policy: default-src 'none'");
    expect(head).toMatch(/^date: /im);
    expect(JSON.parse(body)).toMatchObject({
      status: 400,
      type: 'https://trials.example/problems/malformed-request',
    });
    expect(text).not.toMatch(new RegExp(`${CANARY}|HPE_|Parse Error`));
  });

  test('garbage behind a request gets one whole answer', async () => {
    const client = await openRawClient(port, 'GET /v1/trials HTTP/1.1\r\nhost: x\r\n\r\n\0garbage');
    const text = await client.closed;
    // The request before it is answered when its answer is at hand; either way the last word is whole.
    const start = text.lastIndexOf('HTTP/1.1 ');
    expect(readStatuses(text).at(-1)).toBe(400);
    expect(JSON.parse(readAnswer(text.slice(start)).body)).toMatchObject({ status: 400 });
  });

  // Behind an answer that was sent while it reads, and is not taken, Node stops reading.
  test.each([
    ['before they are taken', 0],
    ['when they are taken', SERVER_LIMITS.shortTurnMs],
  ])('garbage behind answers does not get between their bytes: read %s', async (_when, shortTurnMs) => {
    const limits = { pipelinedRequests: 100, shortTurnMs };
    const own = await buildTestApp({ door: { monotonicMs: () => 0, limits } });
    const ownPort = await listen(own.server);
    const client = await openRawClient(ownPort);
    client.socket.pause();
    client.socket.write('GET /v1/trials?limit=200 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(100));
    while (!own.logLines.some((line) => line.includes('"route":"/v1/trials"')))
      await new Promise(setImmediate);
    client.socket.write('\0garbage');
    const isRead = (): boolean => own.logLines.some((line) => line.includes('malformed-request'));
    if (shortTurnMs === 0) while (!isRead()) await new Promise(setImmediate);
    client.socket.resume();
    const text = await client.closed;
    const statuses: number[] = [];
    for (let rest = text; rest !== '';) {
      const [head = ''] = rest.split('\r\n\r\n', 1);
      statuses.push(Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]));
      const bytes = head.length + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
      expect(rest.length).toBeGreaterThanOrEqual(bytes);
      rest = rest.slice(bytes);
    }
    expect(statuses[0]).toBe(200);
    // The answer to the garbage, if any, is the last.
    expect(statuses.slice(0, -1).filter((status) => status !== 200)).toEqual([]);
    await own.server.close();
  });

  test('a NUL, a bad escape, brackets and a thousand parameters are wrong values', async () => {
    const thousand = Array.from({ length: 250 }, (_, index) => `a${index}=1`).join('&');
    for (const target of [
      '/v1/trials?q=%00',
      '/v1/trials?q=%ZZ',
      '/v1/trials?q=%C0%AE',
      '/v1/trials?phase[]=1',
      '/v1/trials?phase[$ne]=1',
      `/v1/trials?${thousand}`,
      `/v1/trials?${'phase=1&'.repeat(250)}`,
      `/v1/trials?${'&'.repeat(1_000)}=`,
      '/v1/trials?%',
      '/%',
      '/v1/trials/%E0%A4%A',
    ])
      expect([400, 200], target.slice(0, 40)).toContain((await get(target)).status);
  });
});

describe('methods and bodies', () => {
  test.each([
    ['TRACE', 404],
    ['PROPFIND', 404],
    ['PATCH', 405],
    ['LOCK', 404],
  ])('%s gives no 5xx', async (method) => {
    const { status, body } = readAnswer(
      await ask(`${method} /v1/trials HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`),
    );
    expect([404, 405]).toContain(status);
    expect(body).toContain('/problems/');
  });

  test('a body on GET is read past and changes nothing', async () => {
    const request = 'GET /v1/trials/NCT03914625 HTTP/1.1\r\nhost: x\r\n';
    const client = await openRawClient(
      port,
      `${request}content-length: 12\r\n\r\n{"limit":"x"}`.slice(0, -1),
    );
    expect(readStatuses(await client.answers(1))).toEqual([200]);
    client.socket.write(`${request}connection: close\r\n\r\n`);
    expect(readStatuses(await client.closed)).toEqual([200, 200]);
  });

  test('2 MB are refused before they are read', async () => {
    const client = await openRawClient(port, post(`content-length: ${2 * 1024 * 1024}\r\n`, '{"q":"'));
    const { status, head } = readAnswer(await client.answers(1));
    expect(status).toBe(413);
    expect(head).toMatch(/^connection: close$/im);
    expect(head).not.toMatch(/^keep-alive:/im);
    client.socket.write('x'.repeat(2 * 1024 * 1024 - 6));
    client.socket.end();
    await client.closed;
  });

  test('2 MB without an announced length are refused at the limit', async () => {
    const chunk = `1000\r\n${'x'.repeat(4_096)}\r\n`;
    const client = await openRawClient(port, post('transfer-encoding: chunked\r\n', chunk.repeat(512)));
    expect(readAnswer(await client.answers(1)).status).toBe(413);
    client.socket.destroy();
  });

  test('an unknown expectation is ignored, a known one is granted', async () => {
    expect((await get('/v1/trials', 'expect: the-unexpected\r\n')).status).toBe(200);
    const client = await openRawClient(port, post('expect: 100-continue\r\ncontent-length: 2\r\n', ''));
    expect(readStatuses(await client.answers(1))).toEqual([100]);
    client.socket.write('{}');
    expect(readStatuses(await client.answers(2))).toEqual([100, 200]);
  });
});

describe('headers', () => {
  test.each([
    'if-none-match: \r\n',
    'if-none-match: "\r\n',
    'if-none-match: W/\r\n',
    `if-none-match: ${'"a",'.repeat(1_500)}\r\n`,
    'if-none-match: "a"\r\nif-none-match: "b"\r\n',
    'if-match: "a"\r\n',
    'if-modified-since: yesterday\r\n',
    'if-unmodified-since: Thu, 01 Jan 1970 00:00:00 GMT\r\n',
    'if-range: "a"\r\nrange: bytes=0-1\r\n',
    'range: bytes=0-0\r\n',
    'range: bytes=9999999999-\r\n',
    `range: bytes=${'0-0,'.repeat(1_000)}0-0\r\n`,
    'accept-encoding: br;q=x, gzip;q=9, *;q=0\r\n',
    `accept-encoding: ${'gzip,'.repeat(1_000)}\r\n`,
    'accept: image/png\r\n',
    'accept-version: 2.x\r\n',
    'upgrade: websocket\r\nconnection: upgrade\r\n',
    'upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAA\r\n',
  ])('%j gets the whole list', async (headers) => {
    const { status, head, body } = await get('/v1/trials', `${headers}connection: close\r\n`);
    expect([status, head.match(/^content-range/im)]).toEqual([200, null]);
    expect(Number(/^content-length: (\d+)$/im.exec(head)?.[1])).toBeGreaterThan(1_000);
    expect(body.length).toBeGreaterThan(0);
  });

  test('no forged address is repeated, anywhere', async () => {
    const forged = [
      'host',
      'x-forwarded-host',
      'x-forwarded-for',
      'x-forwarded-proto',
      'forwarded',
      'x-original-url',
      'x-rewrite-url',
      'x-http-method-override',
      'origin',
      'referer',
      'x-request-id',
    ];
    const headers = forged.map((name) => `${name}: ${CANARY}\r\n`).join('');
    for (const target of [
      '/v1/trials?limit=2',
      '/v1/trials/nct03914625',
      '/nowhere',
      '/v1/meta',
      '/',
      '/docs',
      '/problems/',
      '/openapi.json',
      '/%',
      `http://${CANARY}.example/v1/trials?limit=1`,
    ]) {
      const text = await (
        await openRawClient(port, `GET ${target} HTTP/1.1\r\n${headers}connection: close\r\n\r\n`)
      ).closed;
      expect(readAnswer(text).status).toBeLessThan(500);
      expect(text, target).not.toContain(CANARY);
    }
  });
});

test('patterns that make regular expressions explode are words like any other', async () => {
  const bombs = [
    '(a+)+$',
    '(a|aa)+$',
    '([a-zA-Z]+)*$',
    '^(.*?,){11}P',
    `${'a'.repeat(60)}!`,
    '\\',
    '[',
    '(?=',
    ' '.repeat(80),
    '.*'.repeat(40),
  ];
  for (const bomb of bombs) {
    const target = `/v1/trials?q=${encodeURIComponent(bomb)}`;
    expect([200, 400]).toContain((await get(target)).status);
  }
});

test('a flood of questions that were never asked keeps the cache of answers within its bytes', () => {
  const answer = { text: 'x'.repeat(10_000) };
  const rules = { cacheControl: 'no-store' };
  const cache = createAnswerCache({ maxBytes: 1_000_000 });
  for (let question = 0; question < 1_000; question++)
    cache.getOrRender(`question ${question}`, () => renderJson(answer, rules));
  const kept = Array.from({ length: 1_000 }, (_, question) =>
    cache.getOrRender(`question ${question}`, () => renderJson({}, rules)),
  ).filter(({ hit }) => hit);
  expect(kept.length).toBeLessThanOrEqual(1_000_000 / 20_000);
  expect(cache.getOrRender('question 999', () => renderJson({}, rules)).hit).toBe(true);
});

test('clients who go in the middle of an answer leave nothing behind', async () => {
  const connections = async (): Promise<number> =>
    new Promise((resolve) => {
      app.server.server.getConnections((_error, count) => resolve(count));
    });
  for (let round = 0; round < 50; round++) {
    const client = await openRawClient(
      port,
      'GET /v1/trials?limit=200 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(10),
    );
    if (round % 2 === 0) await once(client.socket, 'data');
    client.socket.resetAndDestroy();
  }
  const unfinished = await openRawClient(port, post('content-length: 100\r\n', '{"q":'));
  unfinished.socket.resetAndDestroy();
  expect((await get('/v1/trials')).status).toBe(200);
  app.server.server.closeIdleConnections();
  while ((await connections()) > 0) await new Promise(setImmediate);
  expect(app.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test('clients who leave the reader of the document early leave nothing behind', async () => {
  await get('/docs');
  for (let round = 0; round < 20; round++) {
    const client = await openRawClient(
      port,
      'GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n',
    );
    if (round % 2 === 0) await new Promise(setImmediate);
    client.socket.resetAndDestroy();
  }
  expect((await get('/docs/static/swagger-ui-bundle.js')).status).toBe(200);
  expect(app.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test.each([
  ['/docs/static/swagger-ui.css', 'range: bytes=99999999-\r\n', 200],
  ['/docs/static/swagger-ui.css', 'if-match: "x"\r\n', 200],
  ['/docs/static/%00', '', 404],
  ['/docs/static/nothing.js', '', 404],
])('%s with %j is answered with %i', async (path, header, status) => {
  const client = await openRawClient(
    port,
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${header}\r\n`,
  );
  expect(readStatuses(await client.closed)).toEqual([status]);
});

test('who asks for a tunnel and resets it hurts nobody', async () => {
  const asked = once(app.server.server, 'connect') as Promise<[unknown, Socket]>;
  const client = await openRawClient(port, 'CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n');
  const [, connection] = await asked;
  // An error that nobody hears is thrown here, and would end the process anywhere else.
  expect(() => connection.emit('error', new Error('write ECONNRESET'))).not.toThrow();
  await client.closed;
});

test('whatever is sent, no answer is a 5xx and the next caller is served', { timeout: 30_000 }, async () => {
  const word = fc.constantFrom(
    'GET',
    'POST',
    'HEAD',
    '/v1/trials',
    '?q=a',
    'HTTP/1.1',
    'HTTP/1.0',
    'host: x',
    'content-length: 5',
    'transfer-encoding: chunked',
    'content-type: application/json',
    'connection: close',
    '{"age":"8"}',
    ':',
    '5\r\nhello',
    '0',
  );
  const gap = fc.constantFrom(' ', '\r\n', '\r\n\r\n', '\n', '\r', '');
  const bytes = fc.array(fc.tuple(fc.oneof(word, fc.string({ maxLength: 8, unit: 'binary' })), gap), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(bytes, async (parts) => {
      const client = await openRawClient(port, Buffer.from(`${parts.flat().join('')}\r\n\r\n`, 'latin1'));
      client.socket.end();
      const text = await client.closed;
      expect(readStatuses(text).filter((status) => status >= 500)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect((await get('/v1/trials')).status).toBe(200);
});

test('a flood of garbage writes one line, and nothing of what was sent', async () => {
  for (let round = 0; round < 20; round++)
    await (
      await openRawClient(port, `${CANARY} /${CANARY} HTTP/1.1\r\n\r\n`)
    ).closed;
  expect(app.logLines.join('\n')).not.toContain(CANARY);
  expect(app.logLines.filter((line) => line.includes('"kind":"malformed-request"'))).toHaveLength(1);
});
