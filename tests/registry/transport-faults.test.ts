import { readFileSync } from 'node:fs';
import { createServer as createWebServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryLimits,
} from '../../src/registry/registry-client.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { listen as listenOn } from '../support/listen.ts';
import { failure } from '../support/registry-failure.ts';
import { startTcpFaultProxy, type TcpFaultProxy } from '../support/tcp-fault-proxy.ts';

const VERSION = '{ "apiVersion" : "2.0.5", "dataTimestamp" : "2026-11-20T09:00:04" }';
const PAGE = '{"totalCount":0,"studies":[\n\n]}';
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const query = { name: 'named', parameters: { 'query.cond': '"acute lymphoblastic leukemia"' } };
/** Long enough for loopback, short enough for a test that waits for it; undici's own timers are a second late. */
const SHORT: Partial<RegistryLimits> = {
  connectMs: 2_000,
  headersMs: 5_000,
  idleBodyMs: 5_000,
  requestMs: 150,
  bodyBytes: 100_000,
  retries: 0,
};
const PATIENT: Partial<RegistryLimits> = { ...SHORT, requestMs: 5_000 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0).toReversed()) await close();
});

const listen = async (server: Server): Promise<number> => {
  const { port, close } = await listenOn(server);
  closing.push(close);
  return port;
};

interface Started {
  readonly client: RegistryClient;
  readonly clock: ReturnType<typeof createFakeClock>;
}
const createClient = (
  port: number,
  limits: Partial<RegistryLimits>,
  more: { lookup?: LookupFunction; origin?: string } = {},
): Started => {
  const clock = createFakeClock(Date.parse('2026-11-24T12:00:00Z'));
  const { origin = 'http://127.0.0.1', ...rest } = more;
  const client = createRegistryClient({
    baseUrl: `${origin}:${port}/api/v2`,
    userAgent: 'test/1',
    clock,
    random: () => 0.5,
    limits,
    ...rest,
  });
  closing.push(async () => client.close());
  return { client, clock };
};

const serve = (request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('content-type', 'application/json');
  response.end(request.url?.startsWith('/api/v2/version') ? VERSION : PAGE);
};
/** A registry that works, behind a line that may not. */
const startBehindProxy = async (
  limits: Partial<RegistryLimits>,
  onRequest: (round: number) => unknown = () => undefined,
): Promise<Started & { proxy: TcpFaultProxy; paths: string[] }> => {
  const paths: string[] = [];
  const server = createWebServer((request, response) => {
    onRequest(paths.push(request.url ?? ''));
    serve(request, response);
  });
  const proxy = await startTcpFaultProxy({ upstream: { port: await listen(server) } });
  closing.push(async () => proxy.close());
  return { ...createClient(proxy.port, limits), proxy, paths };
};
/** A server that answers the bytes of each request as a test wants it, which `node:http` is too well-behaved for. */
const startRaw = async (
  limits: Partial<RegistryLimits>,
  answer: (socket: Socket, round: number) => void,
): Promise<Started & { rounds: () => number }> => {
  let rounds = 0;
  const server = createRawServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => answer(socket, ++rounds));
  });
  return { ...createClient(await listen(server), limits), rounds: () => rounds };
};

const codeOfCause = (error: Error): unknown => (error.cause as { code?: unknown } | undefined)?.code;
const fresh = { changed: true, version: { dataTimestamp: '2026-11-20T09:00:04' } };

describe('slow pages', () => {
  test('within the limit of a request are waited for', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('downstream', { kind: 'latency', latencyMs: 15, jitterMs: 10 });
    expect(await client.walkStudies([query])).toMatchObject({ requests: 3 });
  });

  test('beyond it are given up, asked again, and had when the line recovers', async () => {
    const { client, proxy, paths } = await startBehindProxy(
      { ...SHORT, requestMs: 500, retries: 1 },
      (round) => round === 2 && proxy.clear(),
    );
    proxy.add('downstream', { kind: 'latency', latencyMs: 60_000 });
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect(paths).toHaveLength(2);
  });

  test('that take 20 s each end a walk at its 120 s, with what was asked until then', async () => {
    const server = createWebServer((request, response) => {
      started.clock.advance(20_000);
      response.setHeader('content-type', 'application/json');
      const token = `"nextPageToken":"${started.clock.nowMs()}"`;
      response.end(
        request.url?.startsWith('/api/v2/version') ? VERSION : `{"totalCount":9,"studies":[],${token}}`,
      );
    });
    const started = createClient(await listen(server), PATIENT);
    let pages = 0;
    const error = await failure(started.client.walkStudies([query], { onPage: () => pages++ }));
    expect(error).toMatchObject({ code: 'unreachable', message: 'The registry took more than 120000 ms' });
    expect(pages).toBe(5);
  });

  test('over a narrow line come whole', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('downstream', { kind: 'bandwidth', bytesPerSecond: 4_000 });
    expect(await client.fetchVersion()).toMatchObject(fresh);
  });

  test('in pieces of a few bytes come whole', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('downstream', { kind: 'slicer', averageBytes: 3, variationBytes: 2, delayMs: 0 });
    expect(await client.walkStudies([query])).toMatchObject({ requests: 3 });
  });
});

describe('silence', () => {
  test('before the headers meets the deadline of the request', async () => {
    const { client, proxy, paths } = await startBehindProxy(SHORT);
    proxy.add('downstream', { kind: 'timeout' });
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
    expect(paths).toHaveLength(1);
  });

  test('on the way there meets it too, and the registry has heard nothing', async () => {
    const { client, proxy, paths } = await startBehindProxy(SHORT);
    proxy.add('upstream', { kind: 'timeout' });
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
    expect(paths).toEqual([]);
  });

  test.each([
    ['before the headers meets their own limit', '', { headersMs: 100 }, 'UND_ERR_HEADERS_TIMEOUT'],
    [
      'in the body meets the limit of an idle body',
      `${HEAD}\r\n{`,
      { idleBodyMs: 100 },
      'UND_ERR_BODY_TIMEOUT',
    ],
  ])('%s, long before the deadline of the request', async (_name, sent, limits, cause) => {
    const { client } = await startRaw({ ...PATIENT, requestMs: 60_000, ...limits }, (socket) =>
      socket.write(sent),
    );
    const error = await failure(client.fetchVersion());
    expect([error.code, codeOfCause(error)]).toEqual(['unreachable', cause]);
  });

  test('in the body meets the deadline of the request', async () => {
    const { client } = await startRaw(SHORT, (socket) =>
      socket.write(`${HEAD}content-length: 50\r\n\r\n{"studies":[`),
    );
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
  });

  test('of a line that comes back within the limit costs nothing', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT, () => proxy.clear());
    proxy.add('downstream', { kind: 'timeout' });
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect(proxy.accepted).toBe(1);
  });

  test('that ends with the connection is no answer', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('downstream', { kind: 'timeout', closeAfterMs: 20 });
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
  });
});

describe('one byte at a time', () => {
  const drip = { kind: 'slicer', averageBytes: 1, delayMs: 10 } as const;

  test('never idles, and only the deadline of the request ends it', async () => {
    const { client, proxy } = await startBehindProxy({ ...SHORT, idleBodyMs: 5_000 });
    proxy.add('downstream', drip);
    const error = await failure(client.fetchVersion());
    expect(error.code).toBe('unreachable');
    expect((error.cause as Error).name).toBe('TimeoutError');
  });

  test('in the body too', async () => {
    const { client } = await startRaw(SHORT, (socket) => {
      socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
      const timer = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const error = await failure(client.fetchVersion());
    expect((error.cause as Error).name).toBe('TimeoutError');
  });
});

describe('a cut connection', () => {
  const long = `${HEAD}content-length: 5000\r\n\r\n${' '.repeat(5_000 - VERSION.length)}${VERSION}`;

  test('reset in the body is asked again', async () => {
    let removeFault = (): void => undefined;
    let rounds = 0;
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        if (++rounds === 2) removeFault();
        socket.write(long);
      });
    });
    const proxy = await startTcpFaultProxy({ upstream: { port: await listen(server) } });
    closing.push(async () => proxy.close());
    const { client } = createClient(proxy.port, { ...PATIENT, retries: 1 });
    removeFault = proxy.add('downstream', { kind: 'reset_peer', delayMs: 0, afterBytes: 2_000 });
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect([rounds, proxy.accepted]).toEqual([2, 2]);
  });

  test('reset before the headers is no answer, and its cause is kept for the log', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('upstream', { kind: 'reset_peer', delayMs: 0, afterBytes: 10 });
    const error = await failure(client.fetchVersion());
    expect(error.code).toBe('unreachable');
    expect(String(codeOfCause(error))).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
  });

  test('closed in good order before the announced length is no answer', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('downstream', { kind: 'limit_data', bytes: 250 });
    expect((await failure(client.walkStudies([query]))).code).toBe('unreachable');
  });

  test('that had announced no length leaves JSON that cannot be read, and is asked again', async () => {
    const { client, rounds } = await startRaw({ ...PATIENT, retries: 1 }, (socket, round) =>
      socket.end(`${HEAD}connection: close\r\n\r\n${round === 1 ? VERSION.slice(0, -10) : VERSION}`),
    );
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect(rounds()).toBe(2);
  });

  test('whose page still parses is noticed by the count, and walked again twice at most', async () => {
    let versions = 0;
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const asksVersion = bytes.toString('latin1').startsWith('GET /api/v2/version');
        if (asksVersion) versions++;
        const body = asksVersion ? VERSION : '{"totalCount":3,"studies":[{},{}]}';
        socket.end(`${HEAD}connection: close\r\n\r\n${body}`);
      });
    });
    const { client } = createClient(await listen(server), PATIENT);
    const error = await failure(client.walkStudies([query]));
    expect(error.code).toBe('inconsistent');
    expect((error.cause as Error).message).toBe('2 studies of 3 announced');
    expect(versions).toBeGreaterThanOrEqual(3);
  });

  test('that closes slowly after a whole answer costs nothing', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    proxy.add('downstream', { kind: 'slow_close', delayMs: 60_000 });
    expect(await client.fetchVersion()).toMatchObject(fresh);
  });
});

describe('no connection', () => {
  test('refused, then back: the next call has the answer', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    await proxy.down();
    const error = await failure(client.fetchVersion());
    expect([error.code, codeOfCause(error)]).toEqual(['unreachable', 'ECONNREFUSED']);
    await proxy.up();
    expect(await client.fetchVersion()).toMatchObject(fresh);
  });

  test('a line that goes down in the middle of a walk ends it, and the next walk is whole', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    let down: Promise<void> = Promise.resolve();
    const walk = client.walkStudies([query], {
      onPage: () => {
        down = proxy.down();
      },
    });
    expect((await failure(walk)).code).toBe('unreachable');
    await down;
    await proxy.up();
    expect(await client.walkStudies([query])).toMatchObject({ requests: 3 });
  });

  test('a name that is not found, and then is', async () => {
    const server = createWebServer(serve);
    let looked = 0;
    const lookup: LookupFunction = (host, options, callback) => {
      looked++;
      if (looked <= 2)
        return callback(
          Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }),
          '',
          0,
        );
      return options.all
        ? callback(null, [{ address: '127.0.0.1', family: 4 }])
        : callback(null, '127.0.0.1', 4);
    };
    const { client } = createClient(
      await listen(server),
      { ...PATIENT, retries: 1 },
      { lookup, origin: 'http://registry.test' },
    );
    const error = await failure(client.fetchVersion());
    expect([error.code, codeOfCause(error)]).toEqual(['unreachable', 'ENOTFOUND']);
    expect(looked).toBe(2);
    expect(await client.fetchVersion()).toMatchObject(fresh);
  });

  test('a name that is never answered for meets the limit of a connection', async () => {
    const lookup: LookupFunction = () => undefined;
    const { client } = createClient(
      1,
      { ...PATIENT, connectMs: 100, requestMs: 60_000 },
      { lookup, origin: 'http://registry.test' },
    );
    const error = await failure(client.fetchVersion());
    expect([error.code, codeOfCause(error)]).toEqual(['unreachable', 'UND_ERR_CONNECT_TIMEOUT']);
  });
});

describe('a certificate that nobody vouches for', () => {
  const startTls = async (): Promise<Started & { requests: () => number }> => {
    let requests = 0;
    const folder = new URL('../support/tls/', import.meta.url);
    const server = createTlsServer(
      {
        key: readFileSync(new URL('self-signed.key.pem', folder)),
        cert: readFileSync(new URL('self-signed.cert.pem', folder)),
      },
      (request, response) => {
        requests++;
        serve(request, response);
      },
    );
    const started = createClient(await listen(server), PATIENT, { origin: 'https://127.0.0.1' });
    return { ...started, requests: () => requests };
  };

  test('is refused before a byte of the request is sent', async () => {
    const { client, requests } = await startTls();
    const error = await failure(client.fetchVersion());
    expect([error.code, codeOfCause(error)]).toEqual(['unreachable', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
    expect(requests()).toBe(0);
  });

  test('is refused even when the environment says that it does not matter', async () => {
    vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { client, requests } = await startTls();
    expect(codeOfCause(await failure(client.fetchVersion()))).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(requests()).toBe(0);
  });

  test('a server that speaks no TLS at all is no answer', async () => {
    const server = createWebServer(serve);
    const { client } = createClient(await listen(server), PATIENT, { origin: 'https://127.0.0.1' });
    expect((await failure(client.fetchVersion())).code).toBe('unreachable');
  });
});

describe('a connection that is kept', () => {
  const answer = `${HEAD}content-length: ${VERSION.length}\r\nconnection: keep-alive\r\n\r\n${VERSION}`;

  test('and closed just as the next request is sent costs one more try', async () => {
    const { client, clock, rounds } = await startRaw({ ...PATIENT, retries: 1 }, (socket, round) => {
      if (round === 2) socket.resetAndDestroy();
      else socket.write(answer);
    });
    await client.fetchVersion();
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect(rounds()).toBe(3);
    expect(clock.sleptMs.length).toBeGreaterThan(1);
  });

  test('and closed in good order while idle costs no try at all', async () => {
    const sockets: Socket[] = [];
    const { client, rounds } = await startRaw(PATIENT, (socket) => {
      sockets.push(socket);
      socket.write(answer);
    });
    await client.fetchVersion();
    const [first] = sockets;
    const closed = new Promise((resolve) => {
      first?.once('close', resolve);
    });
    first?.end();
    await closed;
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect([rounds(), new Set(sockets).size]).toEqual([2, 2]);
  });

  test('is one and the same for a whole walk', async () => {
    const { client, proxy } = await startBehindProxy(PATIENT);
    await client.walkStudies([query, { ...query, name: 'again' }]);
    expect(proxy.accepted).toBe(1);
  });

  test('bytes that nobody asked for behind an answer are never taken for the next answer', async () => {
    const { client, rounds } = await startRaw({ ...PATIENT, retries: 1 }, (socket, round) =>
      socket.write(round === 1 ? `${answer}${answer.replace('2026-11-20', '1999-01-01')}` : answer),
    );
    await client.fetchVersion();
    expect(await client.fetchVersion()).toMatchObject(fresh);
    expect(rounds()).toBe(2);
  });
});
