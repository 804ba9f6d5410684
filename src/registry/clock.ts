import { setTimeout as delay } from 'node:timers/promises';

/** Time as an argument: tests drive it, production uses the system's. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  nowMs(): number;
  /** Milliseconds that never jump, for intervals. */
  monotonicMs(): number;
  /** Resolves after that many milliseconds; rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** A timer of Node holds 31 bits (24 days). A longer one fires at once: a long `Retry-After` would end in a flood. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (durationMs, signal) => {
    let leftMs = durationMs;
    do {
      await sleepOnce(Math.min(leftMs, LONGEST_TIMER_MS), signal);
      leftMs -= LONGEST_TIMER_MS;
    } while (leftMs > 0);
  },
};

/** Node rejects with an error of its own, and only its cause is the reason that the caller gave. */
async function sleepOnce(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(durationMs, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
