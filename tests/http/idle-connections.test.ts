import type { Socket } from 'node:net';
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createIdleConnections } from '../../src/http/idle-connections.ts';

function setUp() {
  const clock = { ms: 0 };
  const owed = new Set<Socket>();
  const idle = createIdleConnections({
    keepAliveMs: 1_000,
    monotonicMs: () => clock.ms,
    isOwed: (connection) => owed.has(connection),
  });
  const closed: string[] = [];
  const connect = (name: string) => {
    const made = Object.assign(new EventEmitter(), {
      bytesRead: 0,
      bytesWritten: 0,
      destroy() {
        closed.push(name);
        made.emit('close');
      },
    });
    idle.watch(made as unknown as Socket);
    return made;
  };
  const pass = (ms: number): string[] => {
    clock.ms += ms;
    idle.closeIdle();
    return closed.splice(0);
  };
  return { owed, connect, pass };
}

test('a connection on which nothing moves is closed after the keep-alive time, once', () => {
  const { connect, pass } = setUp();
  connect('quiet');
  expect(pass(999)).toEqual([]);
  expect(pass(1)).toEqual(['quiet']);
  expect(pass(5_000)).toEqual([]);
});

test('every byte in or out begins the time anew, from when it was seen', () => {
  const { connect, pass } = setUp();
  const busy = connect('busy');
  expect(pass(900)).toEqual([]);
  busy.bytesRead++;
  expect(pass(900)).toEqual([]);
  busy.bytesWritten++;
  expect(pass(900)).toEqual([]);
  expect(pass(999)).toEqual([]);
  expect(pass(1)).toEqual(['busy']);
});

test('who is owed an answer is not idle, however long it takes', () => {
  const { owed, connect, pass } = setUp();
  const waiting = connect('waiting');
  owed.add(waiting as unknown as Socket);
  expect(pass(60_000)).toEqual([]);
  owed.clear();
  expect(pass(999)).toEqual([]);
  expect(pass(1)).toEqual(['waiting']);
});

test('who has left is forgotten', () => {
  const { connect, pass } = setUp();
  connect('gone').emit('close');
  expect(pass(60_000)).toEqual([]);
});
