import type { Clock } from '../registry/clock.ts';
import type { OpenCircuit, Pause } from './store.ts';

/** What is waited after failures in a row; rolling windows never fill at this volume, so that plain counting is right. */
export const BACK_OFF = {
  firstRetryMs: 60_000,
  opensAfter: 3,
  firstOpenMs: 5 * 60_000,
  longestOpenMs: 60 * 60_000,
} as const;

export const CIRCUIT_STATES = ['closed', 'open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** After three failures in a row the circuit is open: the registry is left alone, for longer each time. */
export function circuitAfter(failures: number): CircuitState {
  return failures >= BACK_OFF.opensAfter ? 'open' : 'closed';
}

/** The wait after that many failures in a row, before jitter, in milliseconds. */
export function waitAfterFailures(failures: number): number {
  if (circuitAfter(failures) === 'closed') return BACK_OFF.firstRetryMs * 2 ** Math.max(0, failures - 1);
  return Math.min(BACK_OFF.longestOpenMs, BACK_OFF.firstOpenMs * 2 ** (failures - BACK_OFF.opensAfter));
}

type Stretch = Pause | OpenCircuit;

/** A stretch in which the registry is not asked: told by the clock that never jumps, kept across restarts by wall time. */
export interface Waiting<Kept extends Stretch> {
  readonly kept: Kept | null;
  readonly leftMs: number;
  /** Begins now; a shorter one does not shorten a longer one. */
  begin(reason: Kept['reason'], durationMs: number): void;
  end(): void;
}

/**
 * @param earlier of an earlier process. A clock that has gone back since makes it last its whole length again: too
 * long is polite, too short is not.
 */
export function createWaiting<Kept extends Stretch>(
  clock: Clock,
  earlier: Kept | null,
  longestMs = Infinity,
): Waiting<Kept> {
  let kept = earlier;
  let untilMs =
    earlier === null ? -Infinity : clock.monotonicMs() + Math.min(longestMs, leftOf(earlier, clock.nowMs()));
  const leftMs = (): number => Math.max(0, untilMs - clock.monotonicMs());
  return {
    get kept() {
      return leftMs() > 0 ? kept : null;
    },
    get leftMs() {
      return leftMs();
    },
    begin(reason, durationMs) {
      if (durationMs <= leftMs()) return;
      untilMs = clock.monotonicMs() + durationMs;
      const nowMs = clock.nowMs();
      kept = { reason, from: isoAt(nowMs), until: isoAt(nowMs + durationMs) } as Kept;
    },
    end() {
      kept = null;
      untilMs = -Infinity;
    },
  };
}

function leftOf({ from, until }: Stretch, nowMs: number): number {
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  return Math.min(untilMs - fromMs, untilMs - nowMs);
}

/** A day so far that a date cannot hold it (`Retry-After: 999999999` times a thousand) is the last one that it can. */
function isoAt(ms: number): string {
  return new Date(Math.min(ms, Date.UTC(9999, 0))).toISOString();
}
