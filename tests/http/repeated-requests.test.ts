import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { hasBody } from '../../src/http/request-body.ts';
import { createRepeatedRequests } from '../../src/http/repeated-requests.ts';
import { createAnswerHead, createCommonHead } from '../../src/http/answer-heads.ts';
import { createWholeSender } from '../../src/http/send-whole.ts';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';
import { startDoor } from '../support/door-server.ts';
import { buildSnapshot, sampleHarvest } from '../support/sample.ts';
import { listen, openRawClient, readAnswer, readStatuses, type RawClient } from '../support/raw-client.ts';
import { buildTestApp } from '../support/test-app.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Answered at once by the desk of these tests; all else is the handler's. */
const DESK = '/desk';
/** Answered before its body has come. */
const HASTY = '/hasty';
const formatRequest = (path: string, extra = '', method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\n${extra}\r\n`;
const SAME = formatRequest(DESK);
const COMMON_HEAD = createCommonHead(200, []);

/** The door before a desk that says what it was asked. */
async function start({ knowsAgain = true, limits = {} } = {}) {
  const state = { stopping: false, read: 0, again: 0, body: '' };
  const sender = createWholeSender({ keepAliveMs: 72_000, nowMs: () => 0 });
  const describeRequest = ({ method, url, headers }: IncomingMessage): Buffer =>
    Buffer.from(state.body || `${method} ${url} ${String(headers['x-number'] ?? '')};`);
  const answerOf = (request: IncomingMessage) => {
    const bytes = describeRequest(request);
    return {
      head: createAnswerHead(COMMON_HEAD, ['content-length', String(bytes.length)]),
      ownHead: [],
      body: request.method === 'HEAD' ? null : bytes,
    };
  };
  const handler: Parameters<typeof startDoor>[0] = (request, response) => {
    const answer = (): void => {
      response.writeHead(201, [...answerOf(request).head.fields()]).end(describeRequest(request));
    };
    // What has no body has no end to wait for, as in the service.
    if (!hasBody(request) || request.url === HASTY) answer();
    else request.resume().once('end', answer);
  };
  const made = await startDoor(handler, {
    limits: { ...SERVER_LIMITS, ...limits },
    isStopping: () => state.stopping,
    answerAtOnce(request, response) {
      state.read++;
      if (request.url !== DESK) return false;
      sender.send(response, answerOf(request));
      return true;
    },
    answerAgain(request) {
      if (!knowsAgain) return false;
      state.again++;
      sender.sendPast(request.socket, answerOf(request));
      return true;
    },
  });
  cleanups.push(made.close);
  const { door, server, faults } = made;
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const client = await openRawClient((server.address() as AddressInfo).port);
  client.socket.setNoDelay();
  const [connection] = await connected;
  /** Sends pieces that are read apart. */
  const send = async (...pieces: readonly string[]): Promise<void> => {
    for (const piece of pieces) {
      // To whom nobody listens any more a reset would take what was answered before.
      if (!connection.writable) return;
      const until = connection.bytesRead + piece.length;
      client.socket.write(piece, 'latin1');
      while (connection.bytesRead < until && !connection.destroyed) await nextTurn();
    }
  };
  return { door, server, state, faults, client, connection, send };
}

/** So often a request has come before its bytes are known: twice as it was read, and twice as it was heard. */
const BEFORE = 4;
const bodiesOf = (text: string): string => text.replaceAll(/HTTP\/1\.1[^]*?\r\n\r\n/g, '');

/** A connection that knows a request by its bytes. */
async function startKnowing(options: Parameters<typeof start>[0] = {}) {
  const made = await start(options);
  await made.send(...Array.from({ length: BEFORE + 1 }, () => SAME));
  expect(made.state.again).toBe(1);
  return made;
}

describe('the same bytes again', () => {
  test('are answered without being read, as often as they come, and as before', async () => {
    const { send, client, state } = await start();
    await send(...Array.from({ length: 50 }, () => SAME));
    const answers = (await client.answers(50)).split(/(?=HTTP\/1\.1)/);
    expect(new Set(answers)).toEqual(new Set([answers[0]]));
    expect(answers).toHaveLength(50);
    expect(state).toMatchObject({ read: BEFORE, again: 50 - BEFORE });
  });

  test('of a HEAD have no body', async () => {
    const { send, client, state } = await start();
    await send(...Array.from({ length: 8 }, () => formatRequest(DESK, '', 'HEAD')));
    expect(bodiesOf(await client.answers(8))).toBe('');
    expect(state.again).toBe(8 - BEFORE);
  });

  test('a connection that never repeats itself is left to Node', async () => {
    const { send, connection, state } = await start();
    const own = connection.listeners('data');
    await send(...Array.from({ length: 10 }, (_, number) => formatRequest(DESK, `x-number: ${number}\r\n`)));
    expect(connection.listeners('data')).toEqual(own);
    expect(state).toMatchObject({ read: 10, again: 0 });
  });

  test('so is one that asks for the head and for the whole in turn', async () => {
    const { send, connection } = await start();
    const own = connection.listeners('data');
    for (let time = 0; time < 4; time++) await send(SAME, formatRequest(DESK, '', 'HEAD'));
    expect(connection.listeners('data')).toEqual(own);
  });

  test('of HTTP/1.0 are read every time', async () => {
    const { send, client, state } = await start();
    const old = SAME.replace('HTTP/1.1', 'HTTP/1.0').replace('host', 'connection: keep-alive\r\nhost');
    await send(...Array.from({ length: 8 }, () => old));
    await client.answers(8);
    expect(state).toMatchObject({ read: 8, again: 0 });
  });

  test('a connection to which somebody else listens is left as it is', async () => {
    const { send, connection, state } = await start();
    connection.on('data', () => {});
    const listeners = connection.listeners('data');
    await send(...Array.from({ length: 10 }, () => SAME));
    expect(connection.listeners('data')).toEqual(listeners);
    expect(state.again).toBe(0);
  });
});

describe('are read all the same', () => {
  const isRead = async (pieces: readonly string[], options: Parameters<typeof start>[0] = {}) => {
    const { send, client, state } = await startKnowing(options);
    const before = state.again;
    await send(...pieces);
    return { client, again: state.again - before, countBefore: BEFORE + 1 };
  };

  test('as the body of another request', async () => {
    const post = formatRequest('/other', `content-length: ${SAME.length}\r\n`, 'POST');
    const { client, again, countBefore } = await isRead([post, SAME, formatRequest('/end')]);
    const statuses = readStatuses(await client.answers(countBefore + 2));
    expect(statuses.slice(countBefore)).toEqual([201, 201]);
    expect(bodiesOf(client.text())).toMatch(/;POST \/other ;GET \/end ;$/);
    expect(again).toBe(0);
  });

  test('as their own body', async () => {
    const withBody = (length: number): string => formatRequest(DESK, `content-length: ${length}\r\n`);
    const own = withBody(withBody(10).length);
    const { client, again, countBefore } = await isRead([own, own, formatRequest('/end')]);
    await client.answers(countBefore + 2);
    expect(bodiesOf(client.text())).toMatch(/(GET \/desk ;){6}GET \/end ;$/);
    expect(again).toBe(0);
  });

  test('when something is to be said before the answer', async () => {
    const expecting = formatRequest(DESK, 'expect: 100-continue\r\n');
    const { client, again, countBefore } = await isRead([expecting, expecting, expecting]);
    const statuses = readStatuses(await client.answers(countBefore + 6));
    expect(statuses.slice(countBefore)).toEqual([100, 200, 100, 200, 100, 200]);
    expect(again).toBe(0);
  });

  test('as a piece of a chunked body', async () => {
    const post = formatRequest('/other', 'transfer-encoding: chunked\r\n', 'POST');
    const size = `${SAME.length.toString(16)}\r\n`;
    const { client, again, countBefore } = await isRead([post, size, SAME, '\r\n0\r\n\r\n']);
    await client.answers(countBefore + 1);
    expect(bodiesOf(client.text())).toMatch(/;POST \/other ;$/);
    expect(again).toBe(0);
  });

  test('behind half of another request', async () => {
    const { client, again, countBefore } = await isRead([`GET /half HTTP/1.1\r\nx-half: `, SAME]);
    await client.answers(countBefore + 1);
    expect(bodiesOf(client.text())).toMatch(/;GET \/half ;$/);
    expect(again).toBe(0);
  });

  test('behind a request that still waits for its answer', async () => {
    const waits = `${formatRequest('/other', 'content-length: 2\r\n', 'POST')}a`;
    const { client, countBefore } = await isRead([waits, `b${SAME}`, SAME, SAME]);
    await client.answers(countBefore + 4);
    expect(bodiesOf(client.text())).toMatch(/;POST \/other ;(GET \/desk ;){3}$/);
  });

  test('behind a wish for another protocol, after which Node’s parser is not as it was', async () => {
    const upgrade = formatRequest(DESK, 'connection: upgrade\r\nupgrade: other\r\n');
    const { client, again } = await isRead(['\r\n', upgrade, SAME, 'garbage\r\n\r\n']);
    expect(readStatuses(await client.closed).at(-1)).toBe(400);
    expect(again).toBe(0);
  });

  test('when two of them come at once', async () => {
    const { client, again, countBefore } = await isRead([SAME + SAME]);
    await client.answers(countBefore + 2);
    expect(again).toBe(0);
  });

  test('as a body that comes after its answer, where the head before it ended within a piece', async () => {
    const post = formatRequest(HASTY, `content-length: ${SAME.length}\r\n`, 'POST');
    const { client, again, countBefore } = await isRead([
      SAME.slice(0, -1),
      SAME.slice(-1) + post,
      SAME,
      formatRequest('/end'),
    ]);
    await client.answers(countBefore + 3);
    expect(bodiesOf(client.text())).toMatch(/;GET \/desk ;POST \/hasty ;GET \/end ;$/);
    expect(again).toBe(0);
  });

  test('behind a first byte of another that ended the request before', async () => {
    const { client, again } = await isRead([SAME.slice(0, -2), `${SAME.slice(-2)}G`, SAME]);
    expect(readStatuses(await client.closed).at(-1)).toBe(400);
    expect(again).toBe(0);
  });

  test('behind requests that came in one piece with those that made it listen', async () => {
    const { send, client, state } = await start();
    const head = 'GET /first HTTP/1.1\r\nx-rest: ';
    const post = formatRequest(HASTY, `content-length: ${head.length}\r\n`, 'POST');
    await send(SAME + SAME + SAME, post, head + SAME, head + SAME);
    await client.answers(6);
    expect(bodiesOf(client.text())).toMatch(/(GET \/desk ;){3}POST \/hasty ;GET \/desk ;GET \/first ;$/);
    expect(state.again).toBe(0);
  });

  test('where they are long by spaces, which Node counts in no limit and does not show', async () => {
    const { knownRequestBytes } = SERVER_LIMITS;
    const countKnown = async (length: number): Promise<number> => {
      const { send, client, state } = await start();
      const spaces = ' '.repeat(length - formatRequest(DESK, 'x-long:b\r\n').length);
      await send(...Array.from({ length: 8 }, () => formatRequest(DESK, `x-long:${spaces}b\r\n`)));
      expect(readStatuses(await client.answers(8))).toHaveLength(8);
      return state.again;
    };
    expect(await countKnown(knownRequestBytes)).toBe(8 - BEFORE);
    expect(await countKnown(knownRequestBytes + 1)).toBe(0);
  });

  test('behind one that said that it is the last', async () => {
    const { send, client, connection, state } = await startKnowing();
    const before = state.again;
    const last = formatRequest(DESK, 'connection: close\r\n');
    // All that has come meanwhile is heard at once.
    connection.pause();
    await send(SAME, last, last);
    connection.resume();
    expect(readStatuses(await client.closed).slice(BEFORE + 1)).toEqual([200, 200, 400]);
    expect(state.again - before).toBe(1);
  });

  describe('as often as they come', () => {
    /** A connection and a request of our own making: newer versions of Node refuse what older ones hide. */
    const countRead = (change: Partial<typeof SERVER_LIMITS> | object, piece = SAME): number => {
      const again: unknown[] = [];
      const repeated = createRepeatedRequests({
        limits: { ...SERVER_LIMITS, ...change },
        answerAgain: (request) => again.push(request) > 0,
      });
      const connection = Object.assign(new EventEmitter(), { isPaused: () => false }) as Socket;
      const request = {
        httpVersion: '1.1',
        url: '/desk',
        headers: { host: 'x' },
        rawHeaders: ['host', 'x', 'a', ''],
        socket: connection,
      } as IncomingMessage;
      let read = 0;
      connection.on('data', () => {
        read++;
        repeated.noteAnswered(request);
      });
      for (let time = 0; time < 8; time++) connection.emit('data', Buffer.from(piece));
      expect(read + again.length).toBe(8);
      return read;
    };

    test('where Node hides headers, which may tell of a body or of another protocol', () => {
      expect([countRead({ headerCount: 2 }), countRead({ headerCount: 1 })]).toEqual([BEFORE, 8]);
    });

    test('where they are too long to be kept', () => {
      const bytes = '/desk'.length + 'hostxa'.length;
      // Shorter than what Node shows of them, which none is: so only the latter is too long.
      const counts = [bytes, bytes - 1].map((knownRequestBytes) =>
        countRead({ knownRequestBytes }, 'a\r\n\r\n'),
      );
      expect(counts).toEqual([BEFORE, 8]);
    });
  });

  test('once a stop is announced', async () => {
    const { send, client, state } = await startKnowing();
    const before = state.again;
    state.stopping = true;
    await send(SAME);
    const { head, status } = readAnswer(await client.closed);
    expect([status, state.again]).toEqual([201, before]);
    expect(head).toMatch(/^connection: close$/im);
  });
});

test('of those that come in one piece none is kept', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const repeated = createRepeatedRequests({ limits: SERVER_LIMITS, answerAgain: () => false });
  const connection = Object.assign(new EventEmitter(), { isPaused: () => false }) as Socket;
  const made: WeakRef<IncomingMessage>[] = [];
  connection.on('data', () => {
    const request = { httpVersion: '1.1', headers: {}, rawHeaders: [] as string[], socket: connection };
    for (let behind = 0; behind < 3; behind++) {
      made.push(new WeakRef({ ...request } as IncomingMessage));
      repeated.noteAnswered(made.at(-1)?.deref() as IncomingMessage);
    }
  });
  for (let time = 0; time < 3; time++) connection.emit('data', Buffer.from(SAME + SAME + SAME));
  await nextTurn();
  collect();
  expect(made.filter((request) => request.deref() !== undefined)).toEqual([]);
});

test('what follows a tunnel that was refused is nobody’s', async () => {
  const { send, client, connection } = await startKnowing();
  await send('CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(readStatuses(await client.closed).at(-1)).toBe(400);
  expect(connection.listenerCount('data')).toBe(0);
});

test('garbage behind known bytes is answered as ever', async () => {
  const { send, client, faults } = await startKnowing();
  await send('\0garbage\r\n\r\n');
  expect(readStatuses(await client.closed).at(-1)).toBe(400);
  expect(faults).toEqual(['malformed-request']);
});

/** Pieces of all kinds, in any order: what is answered, and in which order, must not depend on who knows what. */
test('whatever comes is answered as if nothing was known', { timeout: 60_000 }, async () => {
  const others = [
    formatRequest(DESK, 'x-number: 1\r\n'),
    formatRequest(DESK, '', 'HEAD'),
    formatRequest('/other'),
    formatRequest('/other', `content-length: ${SAME.length}\r\n`, 'POST'),
    formatRequest('/other', 'transfer-encoding: chunked\r\n', 'POST'),
    formatRequest(DESK, 'expect: 100-continue\r\n'),
    formatRequest(DESK, 'connection: upgrade\r\nupgrade: other\r\n'),
    formatRequest(DESK, 'connection: upgrade\r\nupgrade: other\r\n') + SAME,
    formatRequest(DESK, 'content-length: 0\r\n'),
    formatRequest(DESK, `content-length: ${SAME.length}\r\n`),
    `${SAME.length.toString(16)}\r\n${SAME}\r\n0\r\n\r\n`,
    SAME.slice(0, 20),
    SAME.slice(20),
    SAME + SAME,
    SAME + SAME.slice(0, 9),
    SAME.slice(9),
    'G',
    formatRequest(HASTY, `content-length: ${SAME.length}\r\n`, 'POST'),
    '\r\n',
    '\r\n\r\n',
  ];
  const often = (text: string) => Array.from({ length: BEFORE + 2 }, () => text);
  /** The end of a head and what comes behind it, in one piece. */
  const behindTheEnd = (text: string, rest: number) => [SAME.slice(0, -rest), SAME.slice(-rest) + text, SAME];
  const some = fc.oneof(
    { weight: 2, arbitrary: fc.constant([SAME]) },
    fc.constantFrom(...others).map((text) => [text]),
    fc.constantFrom(...others).map(often),
    fc.tuple(fc.constantFrom(...others), fc.integer({ min: 1, max: 5 })).map((made) => behindTheEnd(...made)),
  );
  const answersTo = async (pieces: readonly string[], knowsAgain: boolean) => {
    const { send, client, server, state } = await start({ knowsAgain });
    await send(...pieces);
    client.socket.end();
    const text = await client.closed;
    server.close();
    const told = text.replaceAll(/^(?:date|keep-alive|x-request-id): .*\r\n|urn:uuid:[^"]*/gim, '');
    return { told, again: state.again };
  };
  let again = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(some, { maxLength: 8 }), async (rest) => {
      const pieces = [SAME, SAME, SAME, SAME, ...rest.flat()];
      const known = await answersTo(pieces, true);
      expect(known.told).toBe((await answersTo(pieces, false)).told);
      again += known.again;
    }),
    { numRuns: 1_000 },
  );
  expect(again).toBeGreaterThan(100);
});

describe('a reader who has stopped in the middle of an answer to known bytes', () => {
  /** More than the buffers between two sockets hold. */
  const LARGE = 'abcdefgh'.repeat(4 * 1024 * 1024);

  async function startHalfTaken(limits: Partial<typeof SERVER_LIMITS> | object = {}) {
    const made = await startKnowing({ limits });
    const { send, client, connection, state } = made;
    await client.answers(BEFORE + 1);
    const before = client.text().length;
    client.socket.pause();
    state.body = LARGE;
    await send(SAME);
    expect(state.again).toBe(2);
    expect(connection.writableLength).toBeGreaterThan(0);
    return { ...made, readSince: (text: string) => readAnswer(text.slice(before)).body };
  }

  test('counts as one who does not take his answer', async () => {
    const { server, faults } = await startHalfTaken({ untakenAnswers: 0 });
    const other = await openRawClient((server.address() as AddressInfo).port, SAME);
    expect(readStatuses(await other.answers(1))).toEqual([503]);
    expect(faults).toEqual(['untaken-answers']);
  });

  test('leaves no room for an answer to the known bytes of another', async () => {
    const { server, state, send, client, faults } = await startKnowing({ limits: { untakenAnswers: 0 } });
    state.body = LARGE;
    const reader = await openRawClient((server.address() as AddressInfo).port);
    reader.socket.pause();
    reader.socket.write(SAME);
    while (state.read === BEFORE) await nextTurn();
    await send(SAME);
    expect(readStatuses(await client.answers(BEFORE + 2)).at(-1)).toBe(503);
    expect([state.again, faults]).toEqual([1, ['untaken-answers']]);
  });

  test('is cut when nothing moves for too long', async () => {
    const { connection, faults } = await startHalfTaken({ inactivityMs: 50 });
    await once(connection, 'close');
    expect(faults).toEqual(['slow-reader']);
  });

  test('gets the whole of it when a stop is announced, and then is closed', async () => {
    const { door, server, client, state, readSince } = await startHalfTaken();
    const { port } = server.address() as AddressInfo;
    const idle = await openRawClient(port, SAME);
    await idle.answers(1);
    state.stopping = true;
    door.closeAfterAnswers();
    server.close();
    client.socket.resume();
    expect(readSince(await client.closed)).toHaveLength(LARGE.length);
    await idle.closed;
  });

  test('who goes in between leaves nothing behind', async () => {
    const { server, client, connection, state } = await startHalfTaken({ untakenAnswers: 0 });
    const gone = new Promise<unknown>((resolve) => {
      connection.once('close', resolve);
    });
    client.socket.resetAndDestroy();
    await gone;
    const other = await openRawClient((server.address() as AddressInfo).port, formatRequest('/other'));
    expect(readStatuses(await other.answers(1))).toEqual([201]);
    state.stopping = true;
    server.close();
    await once(server, 'close');
  });
});

describe('of the whole service', () => {
  const ASK = '/v1/trials?limit=1';

  async function startService(options: Parameters<typeof buildTestApp>[0] = {}) {
    const app = await buildTestApp(options);
    cleanups.push(async () => {
      app.server.server.closeAllConnections();
      await app.server.close();
    });
    let read = 0;
    const port = await listen(app.server);
    app.server.server.on('request', () => read++);
    const connected = once(app.server.server, 'connection') as Promise<[Socket]>;
    const client: RawClient = await openRawClient(port);
    const [connection] = await connected;
    let asked = 0;
    const ask = async (path = ASK) => {
      client.socket.write(formatRequest(path));
      const text = await client.answers(++asked);
      const readBody = (): string => readAnswer(client.text()).body;
      const { head, status } = readAnswer(text);
      const length = Number(/^content-length: (\d+)$/m.exec(head)?.[1] ?? 0);
      while (readBody().length < length) await once(client.socket, 'data');
      return { head, status, body: readBody() };
    };
    const askOften = async (times = BEFORE + 2): Promise<void> => {
      for (let time = 0; time < times; time++) await ask();
    };
    return { app, connection, client, ask, askOften, countRead: () => read };
  }

  test('each answer has its own id, its line and its count', async () => {
    const { app, askOften, countRead } = await startService();
    await askOften(20);
    expect(countRead()).toBeLessThan(10);
    const ids = app.logLines
      .filter((line) => line.includes('"answered"'))
      .map((line) => (JSON.parse(line) as { reqId: string }).reqId);
    expect(new Set(ids).size).toBe(20);
    expect(await app.metrics.format()).toContain(
      'uab_all_trials_http_requests_total{route="/v1/trials",method="GET",status="200"} 20',
    );
  });

  test('one that would be too many is refused', async () => {
    const { ask, askOften } = await startService({ rateLimitPerMinute: 8 });
    await askOften(8);
    const { status, head } = await ask();
    expect(status).toBe(429);
    expect(head).toMatch(/^retry-after: \d+$/m);
  });

  test('a fault of ours at the desk is counted, and the request read and answered once', async () => {
    const { app, connection, client, ask, askOften, countRead } = await startService({
      rateLimitPerMinute: 100,
    });
    await askOften();
    const before = countRead();
    Object.defineProperty(connection, 'remoteAddress', {
      configurable: true,
      get() {
        Reflect.deleteProperty(connection, 'remoteAddress');
        throw new Error('once');
      },
    });
    expect((await ask()).status).toBe(200);
    expect(countRead()).toBe(before + 1);
    expect((await ask()).status).toBe(200);
    expect(readStatuses(client.text())).toHaveLength(BEFORE + 4);
    expect(await app.metrics.format()).toContain('uab_all_trials_http_faults_total{kind="front-desk"} 1');
  });

  test('a new list is told at once', async () => {
    const { app, ask, askOften } = await startService();
    await askOften();
    const before = await ask();
    const fewer = await buildSnapshot({ ...sampleHarvest, studies: sampleHarvest.studies.slice(4) });
    app.catalog.publish({ snapshot: fewer, source: 'registry', checkedAt: '2026-11-24T11:59:00.000Z' });
    const after = await ask();
    expect(after.body).toContain(fewer.id);
    expect(after.body).not.toBe(before.body);
  });
});
