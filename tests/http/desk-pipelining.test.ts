import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { listen, openRawClient, readAnswer, readStatuses } from '../support/raw-client.ts';
import { buildTestApp, type TestApp } from '../support/test-app.ts';

/**
 * Requests in one piece, all of which the desk can answer: an answer waits for the one before it in the response, not
 * in the socket, and counts all the same.
 */

const started: TestApp[] = [];
afterEach(async () => {
  for (const app of started.splice(0)) {
    app.server.server.closeAllConnections();
    await app.server.close();
  }
});

async function start(door: Parameters<typeof buildTestApp>[0] = {}) {
  const app = await buildTestApp(door);
  started.push(app);
  const port = await listen(app.server);
  // An address is remembered when it comes again.
  for (const target of [SMALL, LARGE, SMALL, LARGE]) await app.server.inject(target);
  return { app, port };
}

const SMALL = '/v1/trials?ageGroup=infant&limit=1';
const LARGE = '/v1/trials';
const formatGet = (target: string): string => `GET ${target} HTTP/1.1\r\nhost: trials.example\r\n\r\n`;

test('no more of them are taken than of others', async () => {
  const { port } = await start({ door: { limits: { pipelinedRequests: 4 } } });
  const client = await openRawClient(port, formatGet(SMALL).repeat(50));
  const statuses = readStatuses(await Promise.race([client.closed, client.answers(50)]));
  expect(statuses.at(-1)).toBe(503);
  expect(statuses.length).toBeLessThan(10);
});

test('a long answer to the same request twice leaves the connection heard', async () => {
  const { port } = await start();
  const client = await openRawClient(port, formatGet(LARGE).repeat(2));
  // Node stops reading after what is longer than this.
  expect((await client.answers(2)).length).toBeGreaterThan(client.socket.writableHighWaterMark);
  for (let time = 3; time < 6; time++) {
    client.socket.write(formatGet(SMALL));
    expect(readStatuses(await client.answers(time))).toEqual(Array.from({ length: time }, () => 200));
  }
});

test('who does not take their answers in time is cut', async () => {
  const clock = { ms: 0 };
  // All are answered, which is more than any buffer between here and the client holds.
  const patience = { burstWaitMs: 1e9, overloadWaitMs: 1e9 };
  const limits = { exchangeMs: 1_000, checkConnectionsEveryMs: 20, pipelinedRequests: 200, ...patience };
  const { app, port } = await start({ door: { limits, monotonicMs: () => clock.ms } });
  const connected = once(app.server.server, 'connection') as Promise<[Socket]>;
  const client = await openRawClient(port);
  client.socket.pause();
  const [connection] = await connected;
  client.socket.write(formatGet(SMALL) + formatGet(LARGE).repeat(150));
  await vi.waitFor(() => {
    clock.ms += 1_000;
    expect(connection.destroyed).toBe(true);
  });
  expect((await app.server.inject('/metrics')).body).toMatch(/http_faults_total\{kind="slow-reader"\} 1$/m);
});

test('what is no request is not answered in the place of one before it', async () => {
  const { port } = await start();
  const client = await openRawClient(port, `${formatGet(SMALL).repeat(3)}no request\r\n\r\n`);
  const statuses = readStatuses(await client.closed);
  expect(statuses.slice(0, 3).every((status) => status === 200)).toBe(true);
});

test('leave to go on is not given within an answer that waits', async () => {
  const { app, port } = await start();
  const asksLeave = formatGet(SMALL).replace('\r\n\r\n', '\r\nexpect: 100-continue\r\n\r\n');
  // The router's answer takes a turn or more.
  const client = await openRawClient(port, formatGet('/health/live') + asksLeave);
  const text = await client.closed;
  expect(readStatuses(text)).toEqual([200, 200]);
  const [, second] = text.split(/(?=HTTP\/1\.1 )/).map(readAnswer);
  expect(second?.body).toBe(Buffer.from((await app.server.inject(SMALL)).rawPayload).toString('latin1'));
  expect(second?.head).toMatch(/^connection: close$/im);
});

/** Lists that nobody asked for before, and of the same length. */
const formatNew = (day: number): string => `/v1/trials?age=${6_000 + day}d&limit=100`;
const PATIENT = { pipelinedRequests: 1_000, burstWaitMs: 1e9, overloadWaitMs: 1e9, untakenAnswers: 1_000 };
test('a new list that is not taken yet is not written over by others', async () => {
  const { app, port } = await start({ door: { limits: PATIENT } });
  const connected = once(app.server.server, 'connection') as Promise<[Socket]>;
  const slow = await openRawClient(port);
  slow.socket.pause();
  const [connection] = await connected;
  const days: number[] = [];
  while (connection.writableLength === 0) {
    const asked = once(app.server.server, 'request');
    slow.socket.write(formatGet(formatNew(days.length)));
    days.push(days.length);
    await asked;
  }
  const quick = await openRawClient(port);
  for (let asked = 1; asked <= 4; asked++) {
    quick.socket.write(formatGet(formatNew(400 + asked)));
    await quick.answers(asked);
  }
  slow.socket.resume();
  slow.socket.end();
  const text = await slow.closed;
  const bodies = text.split(/(?=HTTP\/1\.1 )/).map((answer) => readAnswer(answer).body);
  expect(bodies).toHaveLength(days.length);
  for (const [place, day] of days.entries()) {
    const { rawPayload } = await app.server.inject(formatNew(day));
    expect(bodies[place] === rawPayload.toString('latin1'), formatNew(day)).toBe(true);
  }
});
