import { expect, test } from 'vitest';
import { createStop, CUT_AFTER_MS, DRAIN_MS, STOP_WITHIN_MS } from '../src/stop-gracefully.ts';

/** A stop whose timers a test fires and whose closing a test ends. */
function startStop() {
  const events: string[] = [];
  const timers = new Map<number, () => void>();
  const server = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<number>();
  const onSignal = createStop({
    announce: () => void events.push('announce'),
    closeServer: async () => {
      events.push('close server');
      return server.promise;
    },
    cutConnections: () => void events.push('cut'),
    closeRest: async () => {
      events.push('close rest');
      return rest.promise;
    },
    exit: (code) => {
      events.push(`exit ${code}`);
      exited.resolve(code);
    },
    after: (durationMs, callback) => {
      timers.set(durationMs, callback);
      return () => timers.delete(durationMs);
    },
  });
  const pass = (durationMs: number): void => timers.get(durationMs)?.();
  return { events, timers, server, rest, exited: exited.promise, onSignal, pass };
}

test('SIGTERM announces, drains, closes, and exits with 0 when the last request is answered', async () => {
  const stop = startStop();
  stop.onSignal('SIGTERM');
  expect(stop.events).toEqual(['announce']);
  expect([...stop.timers.keys()]).toEqual([STOP_WITHIN_MS, DRAIN_MS]);
  stop.pass(DRAIN_MS);
  expect(stop.events).toEqual(['announce', 'close server', 'close rest']);
  stop.rest.resolve();
  stop.server.resolve();
  expect(await stop.exited).toBe(0);
  expect([...stop.timers.keys()]).toEqual([]);
});

test('requests that never come to their end are cut in time to exit with 0', async () => {
  const stop = startStop();
  stop.onSignal('SIGINT');
  stop.rest.resolve();
  stop.pass(CUT_AFTER_MS);
  expect(stop.events.at(-1)).toBe('cut');
  stop.server.resolve();
  expect(await stop.exited).toBe(0);
});

test('SIGINT does not drain', async () => {
  const stop = startStop();
  stop.onSignal('SIGINT');
  expect(stop.events).toEqual(['announce', 'close server', 'close rest']);
  stop.server.resolve();
  stop.rest.resolve();
  expect(await stop.exited).toBe(0);
});

test('a second signal ends the drain and still waits for requests in flight; a third changes nothing', async () => {
  const stop = startStop();
  stop.onSignal('SIGTERM');
  stop.onSignal('SIGTERM');
  stop.onSignal('SIGINT');
  expect(stop.events).toEqual(['announce', 'close server', 'close rest']);
  expect([...stop.timers.keys()]).toEqual([STOP_WITHIN_MS, CUT_AFTER_MS]);
  stop.rest.resolve();
  stop.server.resolve();
  expect(await stop.exited).toBe(0);
});

test('what hangs ends with exit code 1 at the limit, once', async () => {
  const stop = startStop();
  stop.onSignal('SIGTERM');
  stop.pass(DRAIN_MS);
  stop.pass(STOP_WITHIN_MS);
  expect(await stop.exited).toBe(1);
  stop.server.resolve();
  stop.rest.resolve();
  await Promise.allSettled([stop.server.promise, stop.rest.promise]);
  await new Promise(setImmediate);
  expect(stop.events.filter((event) => event.startsWith('exit'))).toEqual(['exit 1']);
});

test('what fails to close ends with exit code 1', async () => {
  const stop = startStop();
  stop.onSignal('SIGINT');
  stop.server.resolve();
  stop.rest.reject(new Error('the sync does not end'));
  expect(await stop.exited).toBe(1);
});

test('a drain and a close fit into the limit', () => {
  expect(DRAIN_MS).toBe(3_000);
  expect(STOP_WITHIN_MS).toBe(10_000);
});
