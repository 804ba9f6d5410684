import type { Clock } from './clock.ts';
import { RegistryBusy } from './registry-errors.ts';

/** The order of all requests to the registry, whoever makes them. */
export interface Pacer {
  /**
   * Runs the task when its turn has come.
   * @throws RegistryBusy at once when a pause lasts beyond the deadline (monotonic milliseconds)
   */
  run<Result>(
    task: () => Promise<Result>,
    turn: { deadlineMs: number; signal?: AbortSignal | undefined },
  ): Promise<Result>;
  /** Lets no task start for that long from now; a shorter pause does not shorten a longer one. */
  pause(durationMs: number): void;
}

/**
 * Runs one task at a time, and starts no two closer together than the spacing: the registry's crawl delay is 1 s.
 * A pause is kept here and not with the request that was told to wait, because `Retry-After` binds the client.
 */
export function createPacer(options: { clock: Clock; spacingMs: number }): Pacer {
  const { clock, spacingMs } = options;
  let tail: Promise<unknown> = Promise.resolve();
  let lastStartMs = -Infinity;
  let pausedUntilMs = -Infinity;
  return {
    run(task, { deadlineMs, signal }) {
      const start = async () => {
        signal?.throwIfAborted();
        const nowMs = clock.monotonicMs();
        if (pausedUntilMs > Math.max(nowMs, deadlineMs))
          throw new RegistryBusy('The registry asked to wait', Math.ceil(pausedUntilMs - nowMs));
        const waitMs = Math.max(pausedUntilMs, lastStartMs + spacingMs) - nowMs;
        // Timers count whole milliseconds and cut off the rest, which would start a task too early.
        if (waitMs > 0) await clock.sleep(Math.ceil(waitMs), signal);
        lastStartMs = clock.monotonicMs();
        return task();
      };
      const result = tail.then(start, start);
      tail = result.catch(() => undefined);
      return result;
    },
    pause(durationMs) {
      pausedUntilMs = Math.max(pausedUntilMs, clock.monotonicMs() + durationMs);
    },
  };
}
