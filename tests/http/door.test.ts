import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createExchanges } from '../../src/http/exchanges.ts';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';
import { createAnswerHead, createCommonHead } from '../../src/http/answer-heads.ts';
import { createWholeSender } from '../../src/http/send-whole.ts';
import { startDoor } from '../support/door-server.ts';
import { openRawClient, readAnswer, readStatuses } from '../support/raw-client.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** The door before a handler. */
async function start(...given: Parameters<typeof startDoor>) {
  const made = await startDoor(...given);
  cleanups.push(made.close);
  return made;
}

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

/** The door before a handler that has sent half of its answer. */
async function startHalfAnswered() {
  const half = Promise.withResolvers<ServerResponse>();
  const made = await start((_request, response) => {
    response.writeHead(200, { 'content-length': 4 }).write('ab');
    half.resolve(response);
  });
  const client = await openRawClient(made.port, GET);
  return { ...made, client, response: await half.promise };
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
  const waiting = { headersSent: false };
  exchanges.begin(response.req.socket, waiting as unknown as ServerResponse);
  expect(exchanges.findUnanswered()).toHaveLength(1);
  exchanges.forget(response.req.socket);
  expect([exchanges.findUnanswered(), exchanges.countOf(response.req.socket)]).toEqual([[], 0]);
});

/** More than the buffers between two sockets hold. */
const LARGE = Buffer.alloc(32 * 1024 * 1024);

/** The door with a desk that answers past the response, and a reader who has stopped in the middle. */
async function startHalfTaken(desk: { answersInLine: boolean }) {
  const sender = createWholeSender({ keepAliveMs: 72_000, nowMs: () => 0 });
  const head = createAnswerHead(createCommonHead(200, []), ['content-length', String(LARGE.length)]);
  const made = await start(() => {}, {
    limits: { ...SERVER_LIMITS, untakenAnswers: 0, shortTurnMs: 0 },
    answerAtOnce(_request, response, isItsTurn) {
      const isAnswered = isItsTurn() === desk.answersInLine;
      if (isAnswered) sender.send(response, { head, ownHead: [], body: LARGE });
      return isAnswered;
    },
  });
  const reader = await openRawClient(made.port);
  reader.socket.pause();
  reader.socket.write(GET);
  await once(made.server, 'request');
  return { ...made, reader };
}

describe.each([{ answersInLine: false }, { answersInLine: true }])('past its response, %o', (desk) => {
  test('an answer counts as not taken until it is', async () => {
    const { port, faults } = await startHalfTaken(desk);
    const other = await openRawClient(port, GET);
    expect(readStatuses(await other.answers(1))).toEqual([503]);
    expect(faults).toEqual(['untaken-answers']);
  });

  test('an answer on its way at the announcement of a stop is ended, and then its connection', async () => {
    const { door, server, state, reader } = await startHalfTaken(desk);
    // Whoever said too early that all is sent has said it by now.
    await new Promise(setImmediate);
    state.stopping = true;
    door.closeAfterAnswers();
    server.close();
    reader.socket.resume();
    expect(readAnswer(await reader.closed).body).toHaveLength(LARGE.length);
  });
});

test('who finds nobody is answered beside the line, but not in a turn in which a connection comes', async () => {
  const sender = createWholeSender({ keepAliveMs: 72_000, nowMs: () => 0 });
  const head = createAnswerHead(createCommonHead(200, []), ['content-length', '0']);
  const isInLine: boolean[] = [];
  const { port } = await start(() => {}, {
    answerAtOnce(_request, response, isItsTurn) {
      if (!isItsTurn()) return false;
      // Said to who has to wait.
      isInLine.push(response.hasHeader('keep-alive'));
      sender.send(response, { head, ownHead: [], body: null });
      return true;
    },
  });
  const client = await openRawClient(port, GET);
  await client.answers(1);
  client.socket.write(GET);
  await client.answers(2);
  expect(isInLine).toEqual([true, false]);
});

test.each([
  ['without a host', 'GET / HTTP/1.1\r\n\r\n', 0],
  ['one too many on its connection', GET.repeat(2), 1],
  ['told to close', 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 16],
  // Node closes what has no length.
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n', 16],
])('what is closed is not said to stay: %s', async (_name, request, pipelinedRequests) => {
  const { port } = await start(
    (_request, response) => void setImmediate(() => response.writeHead(304).end()),
    {
      limits: { ...SERVER_LIMITS, pipelinedRequests },
    },
  );
  const text = await (await openRawClient(port, request)).closed;
  const { head } = readAnswer(text);
  expect(head).toMatch(/^connection: close$/im);
  expect(head).not.toMatch(/^keep-alive:/im);
});
