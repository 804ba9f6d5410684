/** What a stop does to the process; nothing here knows it. */
interface StopOptions {
  /** From now on readiness is 503 and every answer closes its connection; requests are still answered. */
  readonly announce: () => void;
  /** Stops listening and resolves when the requests in flight are answered. */
  readonly closeServer: () => Promise<unknown>;
  /** Cuts the connections that are left, such as of requests that never come to their end. */
  readonly cutConnections: () => void;
  /** The sync and its connections. */
  readonly closeRest: () => Promise<unknown>;
  readonly exit: (code: 0 | 1) => void;
  /** Calls back after that time; returns what calls it off. */
  readonly after: (durationMs: number, callback: () => void) => () => void;
  readonly drainMs?: number;
  readonly stopWithinMs?: number;
}
export type StopSignal = 'SIGTERM' | 'SIGINT';

/** Longer than a load balancer takes to see that readiness is gone, so that nobody is sent to a closed door. */
export const DRAIN_MS = 3_000;
/** Longer than any answer takes; who has not sent his request by then will not. */
export const CUT_AFTER_MS = 5_000;
/** Orchestrators kill after 30 s, some after 10. */
export const STOP_WITHIN_MS = 10_000;

/**
 * Returns what to do at a signal: the first begins the stop (an interrupt at a terminal has no load balancer to wait
 * for), a further one ends the drain. Whatever hangs, the process ends in time, and says so by its exit code.
 */
export function createStop(options: StopOptions): (signal: StopSignal) => void {
  const { announce, closeServer, closeRest, after, drainMs = DRAIN_MS } = options;
  let endDrain: (() => void) | null = null;
  let hasExited = false;
  const exit = (code: 0 | 1): void => {
    if (hasExited) return;
    hasExited = true;
    options.exit(code);
  };
  return (signal) => {
    if (endDrain !== null) return endDrain();
    announce();
    const callOffLimit = after(options.stopWithinMs ?? STOP_WITHIN_MS, () => exit(1));
    const close = async (): Promise<void> => {
      const callOffCut = after(CUT_AFTER_MS, options.cutConnections);
      const results = await Promise.allSettled([closeServer(), closeRest()]);
      callOffCut();
      callOffLimit();
      exit(results.every(({ status }) => status === 'fulfilled') ? 0 : 1);
    };
    let isDraining = true;
    const callOffDrain = after(drainMs, () => endDrain?.());
    endDrain = () => {
      if (!isDraining) return;
      isDraining = false;
      callOffDrain();
      void close();
    };
    if (signal === 'SIGINT') endDrain();
  };
}
