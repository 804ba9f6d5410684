import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { SERVER_LIMITS, type ServerLimits } from '../../src/http/server-limits.ts';
import { listen, openRawClient, readAnswer, readStatuses } from '../support/raw-client.ts';
import { buildTestApp, type TestApp } from '../support/test-app.ts';

/** Small limits on real sockets: what is tested is that Node enforces them, not how long they are. */
const SOON = { requestTimeoutMs: 150, headersTimeoutMs: 150, checkConnectionsEveryMs: 20 };

const started: TestApp[] = [];
afterEach(async () => {
  for (const app of started.splice(0)) {
    app.server.server.closeAllConnections();
    await app.server.close();
  }
});

async function start(limits: Partial<ServerLimits> = {}) {
  const app = await buildTestApp({ door: { limits, monotonicMs: () => performance.now() } });
  started.push(app);
  const port = await listen(app.server);
  const faults = async (kind: string): Promise<number> => {
    const text = await app.metrics.format();
    return Number(new RegExp(`http_faults_total\\{kind="${kind}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  };
  return { app, port, faults };
}

function expectProblem(text: string, status: number, type: string): void {
  const answer = readAnswer(text);
  expect(answer.status).toBe(status);
  expect(answer.head).toContain('content-type: application/problem+json; charset=utf-8');
  expect(answer.head).toMatch(/^connection: close$/im);
  const id = /^x-request-id: (.+)$/m.exec(answer.head)?.[1];
  expect(JSON.parse(answer.body)).toMatchObject({
    type: `https://trials.example/problems/${type}`,
    status,
    instance: `urn:uuid:${id}`,
    errors: [],
  });
}

/** Sends a byte again and again until the other side closes. */
async function trickle(client: Awaited<ReturnType<typeof openRawClient>>, byte: string): Promise<void> {
  const timer = setInterval(() => client.socket.write(byte), 10);
  await client.closed;
  clearInterval(timer);
}

test('the limits in force are those of the table', async () => {
  const { app } = await start();
  const { server } = app.server;
  expect({
    requestTimeout: server.requestTimeout,
    headersTimeout: server.headersTimeout,
    maxHeadersCount: server.maxHeadersCount,
    maxConnections: server.maxConnections,
  }).toEqual({
    requestTimeout: 10_000,
    headersTimeout: 10_000,
    maxHeadersCount: 100,
    maxConnections: 5_000,
  });
  expect(SERVER_LIMITS.checkConnectionsEveryMs).toBe(2_000);
});

describe('time', () => {
  test('a connection that never sends a byte is closed with 408', async () => {
    const { port, faults } = await start(SOON);
    const client = await openRawClient(port);
    expectProblem(await client.closed, 408, 'request-timeout');
    expect(await faults('request-timeout')).toBe(1);
  });

  test('headers byte by byte (slowloris) are cut with 408', async () => {
    const { port } = await start(SOON);
    const client = await openRawClient(port, 'GET /v1/trials HTTP/1.1\r\nhost: x\r\nx-slow: ');
    await trickle(client, 'a');
    expectProblem(client.text(), 408, 'request-timeout');
  });

  test('a body byte by byte is cut with 408', async () => {
    const { port } = await start(SOON);
    const head =
      'POST /v1/trials/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n{';
    const client = await openRawClient(port, head);
    await trickle(client, ' ');
    expectProblem(client.text(), 408, 'request-timeout');
  });

  test('an idle connection is closed after its keep-alive time', async () => {
    const { port } = await start({ keepAliveMs: 50, checkConnectionsEveryMs: 20 });
    const client = await openRawClient(port, 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(readStatuses(await client.closed)).toEqual([200]);
  });

  // More than the buffers of two sockets hold, or the kernel would take the answers for the client.
  const MANY = 150;
  const manyLists = 'GET /v1/trials?limit=200 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(MANY);
  const patient = { pipelinedRequests: MANY, burstWaitMs: 60_000, overloadWaitMs: 60_000 };

  test('a reader who never reads is cut', async () => {
    const { port, app, faults } = await start({ ...patient, inactivityMs: 200 });
    const gone = once(app.server.server, 'connection').then(async ([socket]) => once(socket, 'close'));
    const client = await openRawClient(port);
    client.socket.pause();
    client.socket.write(manyLists);
    await gone;
    expect(await faults('slow-reader')).toBe(1);
  });

  test('a reader of a few bytes now and then is cut as well', async () => {
    const { port, app, faults } = await start({ ...patient, exchangeMs: 300, checkConnectionsEveryMs: 20 });
    const gone = once(app.server.server, 'connection').then(async ([socket]) => once(socket, 'close'));
    const client = await openRawClient(port);
    client.socket.on('data', () => client.socket.pause());
    const timer = setInterval(() => client.socket.resume(), 20);
    client.socket.write(manyLists);
    await gone;
    clearInterval(timer);
    expect(await faults('slow-reader')).toBeGreaterThan(0);
  });
});

describe('sockets and memory', () => {
  test('2,000 idle sockets do not hold up a request, and are closed', { timeout: 30_000 }, async () => {
    const { port } = await start({
      headersTimeoutMs: 2_000,
      requestTimeoutMs: 2_000,
      checkConnectionsEveryMs: 50,
    });
    const idle: Awaited<ReturnType<typeof openRawClient>>[] = [];
    // In parts, because a kernel that has more than 511 to be accepted tells only one side that they are open.
    while (idle.length < 2_000)
      idle.push(...(await Promise.all(Array.from({ length: 200 }, async () => openRawClient(port)))));
    const client = await openRawClient(port, 'GET /v1/trials HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(readStatuses(await client.answers(1))).toEqual([200]);
    await Promise.all(idle.map(async ({ closed }) => closed));
  });

  test('a connection too many is closed at once, and counted', async () => {
    const { port, faults } = await start({ connections: 2 });
    const [first] = [await openRawClient(port), await openRawClient(port)];
    const third = await openRawClient(port);
    expect(await third.closed).toBe('');
    expect(await faults('too-many-connections')).toBe(1);
    first?.socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(readStatuses((await first?.answers(1)) ?? '')).toEqual([200]);
  });

  test('requests that wait behind one another on a connection are few; one more closes it', async () => {
    const { port, faults } = await start({ burstWaitMs: 60_000, overloadWaitMs: 60_000 });
    const request = 'GET /v1/trials/NCT03914625 HTTP/1.1\r\nhost: x\r\n\r\n';
    const client = await openRawClient(port, request.repeat(64));
    const statuses = readStatuses(await client.closed);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect(statuses.filter((status) => status === 503)).toHaveLength(1);
    expect(await faults('pipelined')).toBe(1);
  });

  test('while too many answers are not taken, others wait for better times and probes are answered', async () => {
    const { port, faults } = await start({
      untakenAnswers: 5,
      pipelinedRequests: 150,
      burstWaitMs: 60_000,
      overloadWaitMs: 60_000,
    });
    const idle = await openRawClient(port);
    idle.socket.pause();
    idle.socket.write('GET /v1/trials?limit=200 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(150));
    let status = 200;
    while (status === 200) {
      const client = await openRawClient(
        port,
        'GET /v1/trials HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      );
      status = readAnswer(await client.closed).status;
      await delay(1);
    }
    expect(status).toBe(503);
    expect(await faults('untaken-answers')).toBeGreaterThan(0);
    const probe = await openRawClient(
      port,
      'GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    );
    expect(readAnswer(await probe.closed).status).toBe(200);
    idle.socket.destroy();
  });

  test.each<[string, string, number]>([
    ['headers of 8 KB', `GET /v1/trials HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(8_192)}\r\n\r\n`, 431],
    ['headers just below', `GET /v1/trials HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(8_100)}\r\n\r\n`, 200],
    ['100 headers', `GET /v1/trials HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(99)}\r\n`, 200],
    ['101 headers', `GET /v1/trials HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(100)}\r\n`, 431],
    ['an address of 2,048 bytes', `GET /${'a'.repeat(2_047)} HTTP/1.1\r\nhost: x\r\n\r\n`, 404],
    ['an address of 2,049 bytes', `GET /${'a'.repeat(2_048)} HTTP/1.1\r\nhost: x\r\n\r\n`, 414],
    ['an address of 64 KB', `GET /v1/trials?q=${'a'.repeat(65_536)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ['a path value of 100 characters', `GET /v1/trials/${'9'.repeat(100)} HTTP/1.1\r\nhost: x\r\n\r\n`, 400],
    ['a path value of 101 characters', `GET /v1/trials/${'9'.repeat(101)} HTTP/1.1\r\nhost: x\r\n\r\n`, 414],
  ])('%s', async (_name, bytes, status) => {
    const { port } = await start();
    const client = await openRawClient(port, bytes);
    expect(readAnswer(await client.answers(1)).status).toBe(status);
  });

  test.each([
    [4_096, 200],
    [4_097, 413],
  ])('a body of %d bytes is answered with %d', async (length, status) => {
    const { port } = await start();
    const body = '{}'.padEnd(length, ' ');
    const head = `POST /v1/trials/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    const client = await openRawClient(port, head + body);
    expect(readAnswer(await client.answers(1)).status).toBe(status);
  });
});

test('the texts for callers name the limits in force', async () => {
  const problems = await readFile('docs/problems.md', 'utf8');
  expect(SERVER_LIMITS).toMatchObject({
    requestTimeoutMs: 10_000,
    headerBytes: 8_192,
    urlBytes: 2_048,
    bodyBytes: 4_096,
  });
  for (const text of ['within 10 seconds', 'at most 8 KB', 'at most 2,048 bytes', 'at most 4 KB'])
    expect(problems).toContain(text);
});
