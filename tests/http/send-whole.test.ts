import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers';
import { afterEach, describe, expect, test } from 'vitest';
import { createAnswerHead, createCommonHead } from '../../src/http/answer-heads.ts';
import { createWholeSender, type WholeAnswer } from '../../src/http/send-whole.ts';
import { openRawClient, readAnswer, readStatuses } from '../support/raw-client.ts';

const NOW = Date.UTC(2026, 10, 26, 8, 30, 15, 400);
const BODY = Buffer.from('{"data":[]}');
const COMMON = createCommonHead(200, ['x-content-type-options', 'nosniff']);
const HEAD = createAnswerHead(COMMON, ['etag', '"abc"', 'content-length', String(BODY.length)]);
const ANSWERS: Readonly<Record<string, WholeAnswer>> = {
  '/list': { head: HEAD, ownHead: ['x-request-id', '1'], body: BODY },
  '/head': { head: HEAD, ownHead: [], body: null },
  '/known': {
    head: createAnswerHead(createCommonHead(304, COMMON.fields), ['etag', '"abc"']),
    ownHead: ['x-request-id', '2'],
    body: null,
  },
};
const LATE = '/late';
/** More than the buffers between two sockets hold. */
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'abcdefgh');

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function start(answerOf: (path: string) => WholeAnswer = (path) => ANSWERS[path] as WholeAnswer) {
  const sender = createWholeSender({ keepAliveMs: 72_000, nowMs: () => NOW });
  const responses: ServerResponse[] = [];
  const tally = { throughNode: 0, finished: 0, closed: 0, taken: 0 };
  const server = createServer({ keepAliveTimeout: 0, optimizeEmptyRequests: true }, (request, response) => {
    // What comes behind it waits for it.
    if (request.url === LATE) {
      setImmediate(() => response.writeHead(204).end());
      return;
    }
    responses.push(response);
    response.once('finish', () => tally.finished++).once('close', () => tally.closed++);
    tally.taken += Number(sender.send(response, answerOf(request.url ?? '')));
    tally.throughNode += Number(response.headersSent);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { server, tally, responses, port: (server.address() as AddressInfo).port };
}

const get = (path: string, { version = '1.1', method = 'GET', extra = '' } = {}): string =>
  `${method} ${path} HTTP/${version}\r\nhost: x\r\n${extra}\r\n`;
/** Node writes its own date, and names the time of a connection only where it keeps one. */
const comparable = (text: string): string =>
  text.replace(/^Date: .+\r\n/gm, '').replace(/^Keep-Alive: .+\r\n/gm, '');

describe('past the response', () => {
  test.each(Object.keys(ANSWERS))('%s is the same to the byte as through Node', async (path) => {
    const { port, tally } = await start();
    const method = path === '/head' ? 'HEAD' : 'GET';
    const plain = await openRawClient(port, get(path, { method }));
    const fromUs = await plain.answers(1);
    expect(tally.throughNode).toBe(0);
    const piped = await openRawClient(port, get(LATE) + get(path, { method }));
    const both = await piped.answers(2);
    expect([tally.throughNode, tally.taken]).toEqual([1, 1]);
    const second = both.slice(both.lastIndexOf('HTTP/1.1 '));
    expect(comparable(fromUs)).toBe(comparable(second));
  });

  test('says the time that it is, and how long a connection stays', async () => {
    const { port } = await start();
    const { head } = readAnswer(await (await openRawClient(port, get('/list'))).answers(1));
    expect(head).toContain('\r\nDate: Thu, 26 Nov 2026 08:30:15 GMT\r\n');
    expect(head).toContain('\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72');
  });

  test('a connection is asked again and again', async () => {
    const { port, tally } = await start();
    const client = await openRawClient(port);
    for (let asked = 1; asked <= 50; asked++) {
      client.socket.write(get(asked % 2 === 0 ? '/list' : '/known'));
      await client.answers(asked);
    }
    const odd = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 304 : 200));
    expect(readStatuses(client.text())).toEqual(odd);
    expect(tally).toEqual({ throughNode: 0, finished: 50, closed: 50, taken: 50 });
  });

  /** Somebody who has asked for more than the system takes at once, and does not read yet. */
  async function startUnread() {
    const head = createAnswerHead(COMMON, ['content-length', String(LARGE.length)]);
    const { server, port, tally, responses } = await start(() => ({
      head,
      ownHead: [],
      body: LARGE,
    }));
    const client = await openRawClient(port);
    client.socket.pause();
    client.socket.write(get('/'));
    await once(server, 'request');
    return { client, tally, response: responses[0] as ServerResponse };
  }

  test('is finished when all is with the system, and not before', async () => {
    const { client, tally, response } = await startUnread();
    expect(response.req.socket.writableLength).toBeGreaterThan(0);
    expect([tally.finished, tally.taken]).toEqual([0, 0]);
    const finished = once(response, 'finish');
    client.socket.resume();
    await finished;
    client.socket.end();
    const received = Buffer.from(readAnswer(await client.closed).body, 'latin1');
    expect(received.equals(LARGE)).toBe(true);
  });

  test('who goes in between is told of by the close, not by the end', async () => {
    const { client, tally, response } = await startUnread();
    client.socket.resetAndDestroy();
    await once(response, 'close');
    expect(tally.finished).toBe(0);
  });
});

describe('through Node, as ever', () => {
  test.each([
    ['who wants to close', get('/list', { extra: 'connection: close\r\n' })],
    ['HTTP/1.0', get('/list', { version: '1.0' })],
  ])('%s is answered and closed', async (_who, request) => {
    const { port, tally } = await start();
    const answer = readAnswer(await (await openRawClient(port, request)).closed);
    expect(answer).toMatchObject({ status: 200, body: BODY.toString() });
    expect(answer.head).toMatch(/^connection: close$/im);
    expect(tally.throughNode).toBe(1);
  });

  test('HTTP/1.0 that wants to stay may', async () => {
    const { port, tally } = await start();
    const client = await openRawClient(
      port,
      get('/list', { version: '1.0', extra: 'connection: keep-alive\r\n' }),
    );
    await client.answers(1);
    client.socket.write(get('/list'));
    expect(readStatuses(await client.answers(2))).toEqual([200, 200]);
    expect(tally.throughNode).toBe(1);
  });

  test('a connection that was ended is not written to', async () => {
    const { port, server, tally } = await start(() => {
      connection?.end();
      return ANSWERS['/list'] as WholeAnswer;
    });
    let connection: Socket | null = null;
    server.once('connection', (made: Socket) => {
      connection = made;
    });
    const errors: Error[] = [];
    server.on('clientError', (error) => void errors.push(error));
    const client = await openRawClient(port, get('/list'));
    expect(await client.closed).toBe('');
    expect([errors, tally.throughNode]).toEqual([[], 1]);
  });

  test('answers in a row keep their order', async () => {
    const { port } = await start();
    const client = await openRawClient(port, (get('/list') + get('/known')).repeat(20));
    expect(readStatuses(await client.answers(40))).toEqual(
      Array.from({ length: 20 }, () => [200, 304]).flat(),
    );
  });

  test('who asks whether to go on is told to, and then answered', async () => {
    const { port } = await start();
    const client = await openRawClient(port, get('/list', { extra: 'expect: 100-continue\r\n' }));
    expect(readStatuses(await client.answers(2))).toEqual([100, 200]);
  });
});
