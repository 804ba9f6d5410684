import type { Clock } from '../../src/registry/clock.ts';

/** A clock that jumps over every wait at once and remembers it. */
export interface FakeClock extends Clock {
  readonly sleptMs: number[];
  advance(durationMs: number): void;
}

export function createFakeClock(startMs: number): FakeClock {
  let elapsedMs = 0;
  const sleptMs: number[] = [];
  return {
    sleptMs,
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep: async (durationMs, signal) => {
      signal?.throwIfAborted();
      sleptMs.push(durationMs);
      elapsedMs += durationMs;
    },
    advance(durationMs) {
      elapsedMs += durationMs;
    },
  };
}
