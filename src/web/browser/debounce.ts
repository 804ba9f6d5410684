/** What makes things wait; tests turn it by hand. */
export interface Timers {
  readonly start: (run: () => void, afterMs: number) => unknown;
  readonly stop: (timer: unknown) => void;
}

export const REAL_TIMERS: Timers = {
  start: (run, afterMs) => setTimeout(run, afterMs),
  stop: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
};

/** Runs the last of several things once it has been quiet for a while. */
export function createDebounce(
  afterMs: number,
  timers: Timers,
): { later: (run: () => void) => void; cancel: () => void } {
  let timer: unknown = null;
  const cancel = (): void => {
    if (timer !== null) timers.stop(timer);
    timer = null;
  };
  const later = (run: () => void): void => {
    cancel();
    timer = timers.start(() => {
      timer = null;
      run();
    }, afterMs);
  };
  return { later, cancel };
}
