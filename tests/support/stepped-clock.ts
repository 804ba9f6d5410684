import type { Clock } from '../../src/registry/clock.ts';

/** A clock that stands still until it is told to go on; waits end in their order. */
export interface SteppedClock extends Clock {
  /** Waits that have not ended. */
  readonly sleepers: number;
  /** Milliseconds until the first of them ends; `null` when nobody waits. */
  readonly nextInMs: number | null;
  /** Both clocks go on; every wait that ends is let run until it waits again, as told by `settle`. */
  advance(durationMs: number): Promise<void>;
  /** Both clocks go on and nobody is woken: waits that end meanwhile end late, with the next `advance`. */
  sleepThrough(durationMs: number): void;
  /** Only the wall clock jumps, as when somebody sets it; negative is back. */
  jump(durationMs: number): void;
}

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/** @param settle lets everything run that is not waiting for this clock */
export function createSteppedClock(startMs: number, settle: () => Promise<void>): SteppedClock {
  let elapsedMs = 0;
  let wallOffsetMs = 0;
  let sleepers: Sleeper[] = [];
  const first = (): Sleeper | undefined => sleepers.toSorted((one, other) => one.dueMs - other.dueMs)[0];
  return {
    get sleepers() {
      return sleepers.length;
    },
    get nextInMs() {
      const next = first();
      return next === undefined ? null : next.dueMs - elapsedMs;
    },
    nowMs: () => startMs + elapsedMs + wallOffsetMs,
    monotonicMs: () => elapsedMs,
    sleep: async (durationMs, signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          signal?.removeEventListener('abort', abort);
        };
        const abort = (): void => {
          leave();
          reject(signal?.reason as Error);
        };
        const sleeper: Sleeper = {
          dueMs: elapsedMs + durationMs,
          wake() {
            leave();
            resolve();
          },
        };
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        sleepers.push(sleeper);
        signal?.addEventListener('abort', abort);
      }),
    async advance(durationMs) {
      const untilMs = elapsedMs + durationMs;
      await settle();
      for (let next = first(); next !== undefined && next.dueMs <= untilMs; next = first()) {
        elapsedMs = Math.max(elapsedMs, next.dueMs);
        next.wake();
        await settle();
      }
      elapsedMs = untilMs;
    },
    sleepThrough(durationMs) {
      elapsedMs += durationMs;
    },
    jump(durationMs) {
      wallOffsetMs += durationMs;
    },
  };
}
