import type { Clock } from './clock.ts';

/** Runs one task at a time, and starts no two closer together than the spacing: the registry's crawl delay is 1 s. */
export function createPacer(options: {
  clock: Clock;
  spacingMs: number;
}): <Result>(task: () => Promise<Result>, signal?: AbortSignal) => Promise<Result> {
  const { clock, spacingMs } = options;
  let tail: Promise<unknown> = Promise.resolve();
  let lastStartMs = -Infinity;
  return (task, signal) => {
    const run = async () => {
      signal?.throwIfAborted();
      const waitMs = lastStartMs + spacingMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      lastStartMs = clock.monotonicMs();
      return task();
    };
    const result = tail.then(run, run);
    tail = result.catch(() => undefined);
    return result;
  };
}
