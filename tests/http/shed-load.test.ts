import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';
import { createWaitingLine } from '../../src/http/shed-load.ts';
import { listen, openRawClient, readAnswer, readStatuses } from '../support/raw-client.ts';
import { sampleSnapshot } from '../support/sample.ts';
import { buildTestApp, type TestApp } from '../support/test-app.ts';

const LIMITS = {
  burstWaitMs: 100,
  overloadWaitMs: 20,
  overloadAfterMs: 100,
  waitingRequests: 1_000,
  shortLine: 4,
  longestTurnMs: 10,
  shortTurnMs: 0,
};

/** A line whose turns a test gives and whose every answer takes as long as the test says. */
function startLine(answerMs = 0, limits: Partial<typeof LIMITS> = {}) {
  const clock = { nowMs: 0 };
  const turns: (() => void)[] = [];
  const served: number[] = [];
  const refused: number[] = [];
  const left = new Set<number>();
  const line = createWaitingLine<number>({
    limits: { ...LIMITS, ...limits },
    monotonicMs: () => clock.nowMs,
    atNextTurn: (callback) => void turns.push(callback),
    serve: (visit) => {
      served.push(visit);
      clock.nowMs += answerMs;
    },
    refuse: (visit) => void refused.push(visit),
    hasLeft: (visit) => left.has(visit),
  });
  const turn = (): boolean => {
    const next = turns.shift();
    next?.();
    return next !== undefined;
  };
  const joinMany = (from: number, count: number): void => {
    for (let visit = from; visit < from + count; visit++) line.join(visit);
  };
  return { clock, line, served, refused, left, turn, joinMany };
}

describe('the line', () => {
  test('who finds nobody is served at once, the others one a turn in their order', () => {
    const { line, served, refused, turn } = startLine();
    for (const visit of [1, 2, 3]) line.join(visit);
    expect(served).toEqual([1]);
    turn();
    expect(served).toEqual([1, 2]);
    while (turn());
    expect([served, refused]).toEqual([[1, 2, 3], []]);
    line.join(4);
    expect(served).toEqual([1, 2, 3, 4]);
  });

  test('there is room beside it for so long in each turn, and none while somebody waits', () => {
    const { clock, line, turn } = startLine(0, { shortTurnMs: 2 });
    const hasRoomAt = (nowMs: number): boolean => {
      clock.nowMs = nowMs;
      return line.hasRoomBeside();
    };
    expect([7, 8.9, 9, 10].map(hasRoomAt)).toEqual([true, true, false, false]);
    turn();
    expect([11, 13].map(hasRoomAt)).toEqual([true, false]);
    turn();
    line.join(1);
    line.join(2);
    expect(hasRoomAt(14)).toBe(false);
    while (turn());
    expect(hasRoomAt(14)).toBe(true);
  });

  test('there is room beside it as soon as a turn has emptied it', () => {
    const { line, turn, served } = startLine(0, { shortTurnMs: 2 });
    for (let time = 0; time < 3; time++) {
      line.join(1);
      line.join(2);
      expect(line.hasRoomBeside()).toBe(false);
      expect(turn()).toBe(true);
    }
    expect(served).toEqual([1, 2, 1, 2, 1, 2]);
    expect(line.hasRoomBeside()).toBe(true);
    // One turn follows, and that this one's room is over.
    expect([turn(), turn(), turn()]).toEqual([true, true, false]);
  });

  test('while connections come it is one a turn, beside it or in it, also where each turn empties it', () => {
    const { line, served, turn } = startLine(0.2, { shortTurnMs: 2 });
    const counts = Array.from({ length: 7 }, (_, round) => {
      const before = served.length;
      line.noteConnection();
      const beside = [1, 2, 3, 4, 5, 6].filter((visit) => {
        const hasRoom = line.hasRoomBeside();
        if (!hasRoom) line.join(10 * round + visit);
        return hasRoom;
      });
      const onJoin = served.length - before;
      while (turn() && served.length === before + onJoin);
      return { beside: beside.length, onJoin, inTurn: served.length - before - onJoin };
    });
    expect(counts[0]).toEqual({ beside: 0, onJoin: 1, inTurn: 1 });
    // The line stands from then on.
    for (const count of counts.slice(1)) expect(count).toEqual({ beside: 0, onJoin: 0, inTurn: 1 });
  });

  test('every turn serves for a moment, however short the rest of it was', () => {
    const { served, turn, joinMany } = startLine(1, { shortTurnMs: 3 });
    joinMany(0, 10);
    turn();
    turn();
    expect(served).toHaveLength(1 + 3 + 3);
  });

  test('a burst is served as long as nobody waits longer than the burst may', () => {
    const { served, refused, turn, joinMany } = startLine(1);
    joinMany(0, 300);
    while (turn());
    expect([served.length, refused.length]).toEqual([105, 195]);
  });

  test('in standing overload the wait is the shorter one, and every turn serves somebody', () => {
    const { clock, served, refused, turn, joinMany } = startLine(1);
    let arrived = 0;
    // Two arrive while one is served: twice what can be answered.
    for (let round = 0; round < 1_000; round++) {
      joinMany(arrived, 2);
      arrived += 2;
      turn();
    }
    expect(served.length).toBeGreaterThanOrEqual(1_000);
    expect(served.length + refused.length).toBeGreaterThan(arrived - 50);
    expect(clock.nowMs).toBe(served.length);
  });

  test('an event loop that was blocked for two seconds answers what it can of the pile, then all as before', () => {
    const { clock, line, served, refused, turn, joinMany } = startLine(1);
    line.join(0);
    clock.nowMs += 2_000;
    joinMany(1, 900);
    while (turn());
    expect(served.length).toBeGreaterThan(0);
    expect(served.length).toBeLessThan(105);
    expect(served.length + refused.length).toBe(901);
    const before = refused.length;
    for (let visit = 1_000; visit < 1_100; visit++) {
      line.join(visit);
      while (turn());
    }
    expect([served.at(-1), refused.length]).toEqual([1_099, before]);
  });

  test('a block while they wait refuses only them, and not the last few', () => {
    const { clock, line, served, refused, turn, joinMany } = startLine();
    joinMany(0, 10);
    clock.nowMs += 2_000;
    while (turn());
    expect([served, refused]).toEqual([
      [0, 6, 7, 8, 9],
      [1, 2, 3, 4, 5],
    ]);
    line.join(11);
    expect(served.at(-1)).toBe(11);
  });

  test('a short line is served whole after a block: a process that was not let run is not overloaded', () => {
    const { clock, served, refused, turn, joinMany } = startLine();
    joinMany(0, 5);
    clock.nowMs += 2_000;
    while (turn());
    expect([served, refused]).toEqual([[0, 1, 2, 3, 4], []]);
  });

  test('the line takes as much of a turn as the rest took, and no more than a turn may have', () => {
    const { clock, served, turn, joinMany } = startLine(1);
    joinMany(0, 40);
    clock.nowMs += 5;
    turn();
    expect(served).toHaveLength(1 + 5);
    clock.nowMs += 50;
    turn();
    expect(served).toHaveLength(1 + 5 + 10);
    turn();
    expect(served).toHaveLength(1 + 5 + 10 + 1);
  });

  test('who has left is not served', () => {
    const { served, refused, left, turn, joinMany } = startLine();
    joinMany(0, 3);
    left.add(1);
    while (turn());
    expect([served, refused]).toEqual([[0, 2], []]);
  });

  test('is bounded', () => {
    const { served, refused, joinMany } = startLine(0, { waitingRequests: 5 });
    joinMany(0, 10);
    expect([served, refused]).toEqual([[0], [6, 7, 8, 9]]);
  });

  test('everybody is served or refused, once', () => {
    const steps = fc.array(fc.record({ joining: fc.nat(30), passMs: fc.nat(60) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), (plan, answerMs) => {
        const { clock, served, refused, turn, joinMany } = startLine(answerMs);
        let arrived = 0;
        for (const { joining, passMs } of plan) {
          joinMany(arrived, joining);
          arrived += joining;
          clock.nowMs += passMs;
          turn();
        }
        while (turn());
        const all = [...served, ...refused].toSorted((one, other) => one - other);
        expect(all).toEqual(Array.from({ length: arrived }, (_, visit) => visit));
      }),
    );
  });
});

const started: TestApp[] = [];
afterEach(async () => {
  for (const app of started.splice(0)) {
    app.server.server.closeAllConnections();
    await app.server.close();
  }
});

/** An application that never gets to the next turn: everybody but the first waits. */
async function startStuck() {
  const turns: (() => void)[] = [];
  const clock = { nowMs: 0 };
  const app = await buildTestApp({
    door: {
      monotonicMs: () => clock.nowMs,
      atNextTurn: (callback) => void turns.push(callback),
      random: () => 0.99,
      limits: { shortLine: 0, shortTurnMs: 0 },
    },
  });
  started.push(app);
  const port = await listen(app.server);
  return { app, port, clock, turn: () => turns.splice(0).forEach((callback) => callback()) };
}
const request = (target: string): string =>
  `GET ${target} HTTP/1.1\r\nhost: x\r\norigin: https://x.example\r\n\r\n`;

describe('the service', () => {
  test('a shed request gets the one error shape, its own id, and when to come back', async () => {
    const { app, port, clock, turn } = await startStuck();
    const first = await openRawClient(port, request('/v1/trials'));
    await first.answers(1);
    const second = await openRawClient(port, request('/v1/trials?limit=1'));
    // What is answered past the line was read after the second.
    await (await openRawClient(port, request('/health/live'))).answers(1);
    clock.nowMs += SERVER_LIMITS.burstWaitMs + 1;
    turn();
    const { status, head, body } = readAnswer(await second.answers(1));
    expect(status).toBe(503);
    for (const line of [
      'retry-after: 4',
      'cache-control: no-store',
      'content-type: application/problem+json; charset=utf-8',
      'access-control-allow-origin: *',
      'access-control-expose-headers: ETag, Link, Retry-After, RateLimit, RateLimit-Policy',
      'x-content-type-options: nosniff',
    ])
      expect(head).toContain(line);
    expect(JSON.parse(body)).toMatchObject({
      type: 'https://trials.example/problems/overloaded',
      status: 503,
      instance: `urn:uuid:${/^x-request-id: (.+)$/m.exec(head)?.[1]}`,
    });
    expect(await app.metrics.format()).toContain('uab_all_trials_http_faults_total{kind="shed"} 1');
    expect(app.logLines.filter((line) => line.includes('"kind":"shed"'))).toHaveLength(1);
  });

  test('probes and metrics are never shed and wait for nobody', async () => {
    const { port } = await startStuck();
    await (await openRawClient(port, request('/v1/trials'))).answers(1);
    await openRawClient(port, request('/v1/trials?limit=1'));
    for (const target of ['/health/live', '/health/ready', '/health/ready?probe=1', '/metrics']) {
      const client = await openRawClient(port, request(target));
      expect([200, 400]).toContain(readAnswer(await client.answers(1)).status);
    }
  });

  test('a client who went while waiting costs nothing', async () => {
    const { app, port, turn } = await startStuck();
    await (await openRawClient(port, request('/v1/trials'))).answers(1);
    const second = await openRawClient(port, request('/v1/quality'));
    await (await openRawClient(port, request('/health/live'))).answers(1);
    second.socket.resetAndDestroy();
    await second.closed;
    await (await openRawClient(port, request('/health/live'))).answers(1);
    turn();
    await new Promise(setImmediate);
    // The one of the first.
    expect(await app.metrics.format()).toContain('rendered_answers_total{outcome="miss"} 1\n');
  });
});

test('1,000 requests at a cold start get 503 and when to come back, and one load makes all well', async () => {
  const app = await buildTestApp({ snapshot: null, door: { monotonicMs: () => 0 } });
  started.push(app);
  const port = await listen(app.server);
  const ask = request('/v1/trials?age=8').repeat(10);
  const texts = await Promise.all(
    Array.from({ length: 100 }, async () => (await openRawClient(port, ask)).answers(10)),
  );
  const statuses = texts.flatMap(readStatuses);
  expect([statuses.length, new Set(statuses)]).toEqual([1_000, new Set([503])]);
  expect(texts.join('').match(/^retry-after: \d+$/gim)).toHaveLength(1_000);
  app.catalog.publish({ snapshot: sampleSnapshot, source: 'registry', checkedAt: null });
  expect(readAnswer(await (await openRawClient(port, request('/v1/trials'))).answers(1)).status).toBe(200);
});

describe('a stop', () => {
  test('every answer after it closes its connection, and readiness is gone at once', async () => {
    const app = await buildTestApp();
    started.push(app);
    const port = await listen(app.server);
    const before = await openRawClient(port, request('/v1/trials/NCT03914625'));
    expect(readAnswer(await before.answers(1)).head).not.toMatch(/^connection: close$/im);
    app.announceStop();
    before.socket.write(request('/v1/trials/NCT03914625'));
    expect(readStatuses(await before.closed)).toEqual([200, 200]);
    for (const [target, status] of [
      ['/v1/trials', 200],
      ['/health/ready', 503],
      ['/health/live', 200],
      ['/nowhere', 404],
      ['/%', 400],
    ] as const) {
      const { status: got, head } = readAnswer(await (await openRawClient(port, request(target))).closed);
      expect([target, got]).toEqual([target, status]);
      expect(head).toMatch(/^connection: close$/im);
    }
  });

  test('an answer on its way is sent whole, and its connection does not hold up the stop', async () => {
    const app = await buildTestApp({ door: { limits: { pipelinedRequests: 150 }, monotonicMs: () => 0 } });
    started.push(app);
    const port = await listen(app.server);
    const client = await openRawClient(port);
    client.socket.pause();
    client.socket.write(request('/v1/trials?limit=200').repeat(150));
    while (!app.logLines.some((line) => line.includes('"route":"/v1/trials"')))
      await new Promise(setImmediate);
    app.announceStop();
    const closed = app.server.close();
    client.socket.resume();
    const { status, head, body } = readAnswer(await client.closed);
    expect([status, body.length]).toEqual([200, Number(/^content-length: (\d+)$/im.exec(head)?.[1])]);
    await closed;
  });

  test('a request in flight is answered while the server closes', async () => {
    const app = await buildTestApp();
    started.push(app);
    const port = await listen(app.server);
    const client = await openRawClient(
      port,
      'POST /v1/trials/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{',
    );
    await (await openRawClient(port, request('/health/live'))).answers(1);
    app.announceStop();
    const closed = app.server.close();
    client.socket.write('}');
    const { status, head } = readAnswer(await client.closed);
    expect(status).toBe(200);
    expect(head).toMatch(/^connection: close$/im);
    await closed;
  });
});
