import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer, type Server } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { fetchText, type TextAnswer } from '../../src/registry/fetch-text.ts';
import { RegistryError } from '../../src/registry/registry-errors.ts';
import { listen as listenOn } from '../support/listen.ts';

const LIMITS = { headersMs: 300, idleBodyMs: 300, requestMs: 600, bodyBytes: 100_000 };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const listen = async (server: Server): Promise<string> => {
  const { port, close } = await listenOn(server);
  closing.push(close);
  return `http://127.0.0.1:${port}`;
};
const fetchFrom = async (
  origin: string,
  more: { limits?: object; signal?: AbortSignal } = {},
): Promise<TextAnswer> => {
  const dispatcher = new Pool(origin, { connections: 1, allowH2: false });
  closing.push(async () => dispatcher.destroy());
  return fetchText({
    dispatcher,
    origin,
    path: '/version',
    headers: { 'user-agent': 'test/1' },
    nowMs: () => Date.parse('2026-11-24T12:00:00Z'),
    signal: more.signal,
    limits: { ...LIMITS, ...more.limits },
  });
};
const fetchAnswer = async (listener: RequestListener) => fetchFrom(await listen(createServer(listener)));
/** A server that sends these bytes and hangs up, which `node:http` would be too well-behaved for. */
const fetchRaw = async (...bytes: (string | Buffer)[]) =>
  fetchFrom(
    await listen(
      createRawServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(Buffer.concat(bytes.map((part) => Buffer.from(part)))));
      }),
    ),
  );
const codeOf = async (answer: Promise<TextAnswer>): Promise<string> => {
  const error: unknown = await answer.then(
    ({ text }) => new Error(`unexpected answer: ${text}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof RegistryError) return error.code;
  throw error;
};

const JSON_TYPE = 'content-type: application/json\r\n';

describe('a good answer', () => {
  test('is unzipped, whatever the case of the word', async () => {
    const answer = await fetchAnswer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-encoding': 'GZIP',
        etag: '"a"',
      });
      response.end(gzipSync('{"a":"é"}'));
    });
    expect(answer).toEqual({
      status: 200,
      etag: '"a"',
      type: 'application/json',
      text: '{"a":"é"}',
    });
  });

  test('is UTF-8 whatever its charset says, for JSON has no other (RFC 8259, section 8.1)', async () => {
    const answer = await fetchAnswer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=ISO-8859-1' });
      response.end('{"a":"é"}');
    });
    expect(answer.text).toBe('{"a":"é"}');
  });

  test('may come in pieces that split a character', async () => {
    const bytes = Buffer.from('"é"');
    const answer = await fetchAnswer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(bytes.subarray(0, 2), () => setImmediate(() => response.end(bytes.subarray(2))));
    });
    expect(answer.text).toBe('"é"');
  });

  test('may be exactly as long as the limit, and no byte longer', async () => {
    const send = (length: number) =>
      fetchAnswer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('1'.repeat(length));
      });
    expect((await send(LIMITS.bodyBytes)).text).toHaveLength(LIMITS.bodyBytes);
    expect(await codeOf(send(LIMITS.bodyBytes + 1))).toBe('answer_too_large');
  });
});

describe('an incomplete answer', () => {
  test('shorter than announced', async () => {
    expect(await codeOf(fetchRaw(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 50\r\n\r\n{"a":1}`))).toBe(
      'unreachable',
    );
  });

  test('cut in its zipped body, though nothing announced a length', async () => {
    const zipped = gzipSync(`{"a":"${'x1y2'.repeat(100)}"}`);
    const head = `HTTP/1.1 200 OK\r\n${JSON_TYPE}content-encoding: gzip\r\nconnection: close\r\n\r\n`;
    expect(await codeOf(fetchRaw(head, zipped.subarray(0, -6)))).toBe('unreachable');
  });

  test('zipped wrongly', async () => {
    const head = `HTTP/1.1 200 OK\r\n${JSON_TYPE}content-encoding: gzip\r\nconnection: close\r\n\r\n`;
    expect(await codeOf(fetchRaw(head, '{"a":1}'))).toBe('unreachable');
  });

  test('that is not HTTP', async () => {
    expect(await codeOf(fetchRaw('SSH-2.0-OpenSSH_9.9\r\n'))).toBe('unreachable');
  });
});

describe('the deadline of a request', () => {
  const endless: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  };

  test('ends a drip that never idles', async () => {
    const before = performance.now();
    expect(await codeOf(fetchAnswer(endless))).toBe('unreachable');
    expect(performance.now() - before).toBeGreaterThanOrEqual(LIMITS.requestMs - 5);
  });

  test('an abort by the caller passes through with its own reason, during the body too', async () => {
    const abort = new AbortController();
    const origin = await listen(
      createServer((request, response) => {
        endless(request, response);
        setTimeout(() => abort.abort(new Error('enough')), 30);
      }),
    );
    await expect(fetchFrom(origin, { signal: abort.signal })).rejects.toThrow('enough');
  });
});

describe('a status decides, whatever the body does', () => {
  const answering =
    (status: number, headers: Record<string, string>, body = ''): RequestListener =>
    (_request, response) => {
      response.writeHead(status, headers);
      response.end(body);
    };
  const page = '<html><body>Moved</body></html>';

  test.each<[string, number, Record<string, string>, string, string]>([
    [
      'a redirect of the same host, with a page',
      302,
      { location: '/studies', 'content-type': 'text/html' },
      page,
      'contract_broken',
    ],
    [
      'an address too long, with the page of the front server',
      414,
      { 'content-type': 'text/html' },
      page,
      'contract_broken',
    ],
    ['a server error with a page, which passes', 502, { 'content-type': 'text/html' }, page, 'unreachable'],
    ['403 in plain text', 403, { 'content-type': 'text/plain' }, 'no', 'refused'],
    ['403 that asks to wait', 403, { 'retry-after': '1' }, '', 'refused'],
    ['nothing at all', 204, {}, '', 'contract_broken'],
    [
      '200 with a page under the name of JSON',
      200,
      { 'content-type': 'application/json' },
      ` \n${page}`,
      'refused',
    ],
    ['200 with a page in capitals', 200, { 'content-type': 'TEXT/HTML' }, 'Maintenance', 'refused'],
    ['200 in a coding that we did not ask for', 200, { 'content-encoding': 'br' }, '', 'contract_broken'],
  ])('%s', async (_name, status, headers, body, code) => {
    const sent = headers['content-encoding'] === 'br' ? brotliCompressSync('{}').toString('latin1') : body;
    expect(await codeOf(fetchAnswer(answering(status, headers, sent)))).toBe(code);
  });

  test('a refusal whose page is cut off stays a refusal, and is not tried again', async () => {
    expect(await codeOf(fetchRaw('HTTP/1.1 403 Forbidden\r\ncontent-length: 134\r\n\r\n<!doc'))).toBe(
      'refused',
    );
  });

  test('a long page of an error is not read to its end', async () => {
    let written = 0;
    const answer = fetchAnswer((_request, response) => {
      response.writeHead(400, { 'content-type': 'text/plain' });
      response.on('error', () => undefined);
      const more = (): void => {
        while (!response.destroyed && written < 50_000_000) {
          written += 50_000;
          if (!response.write('x'.repeat(50_000))) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    });
    expect(await codeOf(answer)).toBe('contract_broken');
    expect(written).toBeLessThan(50_000_000);
  });
});

test('a fault of ours is not blamed on the registry', async () => {
  const origin = await listen(createServer((_request, response) => response.end('{}')));
  const dispatcher = new Pool(origin, { connections: 1, allowH2: false });
  closing.push(async () => dispatcher.destroy());
  const broken = fetchText({
    dispatcher,
    origin,
    path: '/version',
    headers: { 'if-none-match': 'two\r\nlines' },
    limits: LIMITS,
    nowMs: () => 0,
  });
  await expect(broken).rejects.toThrow('invalid');
  await expect(broken).rejects.not.toBeInstanceOf(RegistryError);
});
