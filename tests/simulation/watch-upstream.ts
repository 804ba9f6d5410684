import type { SteppedClock } from '../support/stepped-clock.ts';
import type { Door } from './made-up-registry.ts';

/** The most that a service asks in an hour by itself; see `WatchUpstream.allow`. */
export const HOURLY_REQUESTS = 250;
/** What one more sync may add, at its worst: three walks with repeats within their 120 s. */
export const REQUESTS_A_SYNC = 60;
const HOUR = 3_600_000;
const SPACING_MS = 1_000;

interface PauseKept {
  readonly untilMs: number;
  readonly untilWallMs: number;
  readonly life: number;
  readonly atMs: number;
}

/**
 * Stands at the registry's door and holds everybody to the manners (P4). A pause binds the process that was told by
 * the clock that never jumps, and those after it by wall time, which is all that a file can keep.
 */
export interface WatchUpstream extends Door {
  readonly requests: number;
  readonly mostInHour: number;
  /** When the registry last said properly which dataset it serves; monotonic. */
  readonly versionToldMs: number;
  readonly lastRequestMs: number;
  readonly pause: PauseKept | null;
  /** A start, or a sync that somebody asked for, may add to the hour's requests. */
  allow(): void;
  /** The pause went with the process, for a reason that excuses it. */
  forgetPause(): void;
  /** A process ended; what it was asking is nobody's any more. */
  endLife(): void;
}

export function createWatchUpstream(clock: SteppedClock, report: (problem: string) => void): WatchUpstream {
  let inFlight = 0;
  let lastStartMs = -Infinity;
  let versionToldMs = -Infinity;
  let pause: PauseKept | null = null;
  let requests = 0;
  let mostInHour = 0;
  let hour: number[] = [];
  let allowed: number[] = [];

  const checkPause = (life: number, nowMs: number): void => {
    if (pause === null || nowMs >= pause.untilMs) return;
    const leftMs = pause.untilMs - nowMs;
    if (life === pause.life) report(`a request ${leftMs} ms before the registry's pause had passed`);
    else if (clock.nowMs() < Math.floor(pause.untilWallMs) && leftMs > 1)
      report(`after a restart, a request ${leftMs} ms before the registry's pause had passed`);
  };

  const checkHour = (nowMs: number): void => {
    hour = [...hour.filter((atMs) => atMs > nowMs - HOUR), nowMs];
    allowed = allowed.filter((atMs) => atMs > nowMs - HOUR - 3 * 60_000);
    mostInHour = Math.max(mostInHour, hour.length);
    const most = HOURLY_REQUESTS + REQUESTS_A_SYNC * allowed.length;
    if (hour.length > most) report(`${hour.length} requests in an hour; at most ${most} are allowed`);
  };

  return {
    get requests() {
      return requests;
    },
    get mostInHour() {
      return mostInHour;
    },
    get versionToldMs() {
      return versionToldMs;
    },
    get lastRequestMs() {
      return lastStartMs;
    },
    get pause() {
      return pause;
    },
    onRequest(life) {
      const nowMs = clock.monotonicMs();
      requests++;
      if (++inFlight > 1) report(`${inFlight} requests in flight`);
      if (nowMs - lastStartMs < SPACING_MS) report(`two requests ${nowMs - lastStartMs} ms apart`);
      lastStartMs = nowMs;
      checkPause(life, nowMs);
      checkHour(nowMs);
    },
    onAnswer(_life, { path, status }) {
      inFlight = Math.max(0, inFlight - 1);
      if (path.endsWith('/version') && (status === 200 || status === 304))
        versionToldMs = clock.monotonicMs();
    },
    onPause(life, durationMs) {
      const atMs = clock.monotonicMs();
      if (pause !== null && pause.untilMs >= atMs + durationMs) return;
      pause = { untilMs: atMs + durationMs, untilWallMs: clock.nowMs() + durationMs, life, atMs };
    },
    allow: () => allowed.push(clock.monotonicMs()),
    forgetPause() {
      pause = null;
    },
    endLife() {
      inFlight = 0;
    },
  };
}
