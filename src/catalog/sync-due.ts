import type { Clock } from '../registry/clock.ts';
import { circuitAfter, waitAfterFailures } from './back-off.ts';
import type { Knowledge } from './knowledge.ts';
import type { SyncOutcome } from './sync-outcome.ts';

/** When the registry is asked next. */
export interface SyncDue {
  readonly leftMs: number;
  /** By how a sync has just ended. */
  setAfter(outcome: SyncOutcome): void;
  /** By when another replica has confirmed the list. */
  setSince(confirmedAt: string): void;
}

export function createSyncDue(options: {
  clock: Clock;
  knowledge: Knowledge;
  /** 0 = only at the start, and after it until it has worked once. */
  intervalMs: number;
  jittered: (durationMs: number) => number;
}): SyncDue {
  const { clock, knowledge, intervalMs, jittered } = options;
  let due = { monotonicMs: -Infinity, wallMs: -Infinity };
  const set = (waitMs: number): void => {
    due = { monotonicMs: clock.monotonicMs() + waitMs, wallMs: clock.nowMs() + waitMs };
  };

  const waitAfter = ({ result }: SyncOutcome): number => {
    const { failures } = knowledge.memory;
    if (result === 'failed' && circuitAfter(failures) === 'open') return knowledge.circuit.leftMs;
    if (result === 'failed') return jittered(waitAfterFailures(failures));
    if (result === 'paused') return 0;
    const { held, countsInMs } = knowledge.holding;
    if (held !== null) return Math.max(countsInMs, jittered(intervalMs));
    return intervalMs === 0 ? Infinity : jittered(intervalMs);
  };

  return {
    /**
     * Due by either clock: one stands still while a machine sleeps, the other can be set back. What the registry
     * asked for, and an open circuit, are waited for by the clock that never jumps.
     */
    get leftMs() {
      const ownMs = Math.min(due.monotonicMs - clock.monotonicMs(), due.wallMs - clock.nowMs());
      return Math.max(ownMs, knowledge.pause.leftMs, knowledge.circuit.leftMs);
    },
    setAfter: (outcome) => set(waitAfter(outcome)),
    setSince(confirmedAt) {
      const sinceMs = clock.nowMs() - Date.parse(confirmedAt);
      set(intervalMs === 0 ? Infinity : Math.max(0, jittered(intervalMs) - sinceMs));
    },
  };
}
