import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createDoor } from '../../src/http/door.ts';
import { createExchanges } from '../../src/http/exchanges.ts';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';
import { openRawClient, readAnswer } from '../support/raw-client.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** The door before a handler that has sent half of its answer. */
async function startHalfAnswered() {
  const faults: string[] = [];
  const state = { stopping: false };
  const half = Promise.withResolvers<ServerResponse>();
  const door = createDoor({
    limits: SERVER_LIMITS,
    monotonicMs: () => 0,
    nowMs: () => 0,
    random: () => 0,
    atNextTurn: setImmediate,
    reportFault: (kind) => void faults.push(kind),
    publicUrl: () => '',
    isStopping: () => state.stopping,
    isAlwaysAnswered: () => false,
    answerAtOnce: () => false,
  });
  const server = door.createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 4 }).write('ab');
    half.resolve(response);
  });
  server.on('clientError', (error, connection) => door.answerClientError(error, connection));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const client = await openRawClient(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  return { client, door, faults, server, state, response: await half.promise };
}

test('garbage while an answer is half sent is not answered between its bytes', async () => {
  const { client, faults } = await startHalfAnswered();
  client.socket.write('\0garbage');
  expect(readAnswer(await client.closed).body).toBe('ab');
  expect(faults).toEqual(['malformed-request']);
});

test('an answer that was half sent at the announcement of a stop is ended, and then its connection', async () => {
  const { client, door, server, state, response } = await startHalfAnswered();
  state.stopping = true;
  door.closeAfterAnswers();
  server.close();
  response.end('cd');
  expect(readAnswer(await client.closed).body).toBe('abcd');
});

test('a connection that is gone takes the answers that waited on it with it', async () => {
  const { response } = await startHalfAnswered();
  const exchanges = createExchanges(() => 0);
  const waiting = { req: { socket: response.req.socket }, headersSent: false, once: () => {} };
  exchanges.begin(waiting as unknown as ServerResponse);
  expect(exchanges.findUnanswered()).toHaveLength(1);
  exchanges.forget(response.req.socket);
  expect([exchanges.findUnanswered(), exchanges.countOf(response.req.socket)]).toEqual([[], 0]);
});
