import type { ServerLimits } from './server-limits.ts';

/** Where requests wait for their turn, and where those who would wait too long are refused (P6). */
export interface WaitingLine<Visit> {
  join(visit: Visit): void;
}

/**
 * Answers one request a turn of the event loop and lets the others wait here instead of in their sockets: so their
 * wait is known, probes pass them by, and new connections, of which a turn accepts one, do not wait for the whole line.
 * Who finds nobody before him is answered at once. What is answered beside the line, at the front desk, makes a turn
 * long: as long as the rest of a turn took, the line may take as well, so that neither starves the other.
 *
 * A line that empties again is a burst, and everybody in it is worth answering. A line that has stood for a while is
 * overload: then each wait beyond the shorter one only makes all behind wait longer (the rule of "controlled delay",
 * Nichols and Jacobson 2012). No rate is measured, so that after a block of the loop all is as before, and, as in that
 * rule, nobody is refused while the line is short: a process that was not let run for a moment is not overloaded.
 */
export function createWaitingLine<Visit>(options: {
  limits: Pick<
    ServerLimits,
    'burstWaitMs' | 'overloadWaitMs' | 'overloadAfterMs' | 'waitingRequests' | 'shortLine' | 'longestTurnMs'
  >;
  monotonicMs: () => number;
  atNextTurn: (callback: () => void) => void;
  serve: (visit: Visit) => void;
  refuse: (visit: Visit) => void;
  hasLeft: (visit: Visit) => boolean;
}): WaitingLine<Visit> {
  const { limits, monotonicMs, atNextTurn, serve, refuse, hasLeft } = options;
  const line: { visit: Visit; sinceMs: number }[] = [];
  let standsSinceMs: number | null = null;
  /** When the line was last at its turn. */
  let endedMs = 0;

  const takeNext = (): Visit | null => {
    const nowMs = monotonicMs();
    const isOverload = nowMs - (standsSinceMs ?? nowMs) > limits.overloadAfterMs;
    const longestWaitMs = isOverload ? limits.overloadWaitMs : limits.burstWaitMs;
    for (;;) {
      const next = line.shift();
      if (next === undefined) return null;
      if (hasLeft(next.visit)) continue;
      if (nowMs - next.sinceMs <= longestWaitMs || line.length < limits.shortLine) return next.visit;
      refuse(next.visit);
    }
  };
  const turn = (): void => {
    const beganMs = monotonicMs();
    let next = takeNext();
    if (next === null) {
      standsSinceMs = null;
      return;
    }
    atNextTurn(turn);
    const endMs = beganMs + Math.min(beganMs - endedMs, limits.longestTurnMs);
    do {
      serve(next);
      next = monotonicMs() < endMs ? takeNext() : null;
    } while (next !== null);
    endedMs = monotonicMs();
  };
  return {
    join(visit) {
      const nowMs = monotonicMs();
      if (standsSinceMs === null) {
        standsSinceMs = nowMs;
        atNextTurn(turn);
        serve(visit);
        endedMs = monotonicMs();
      } else if (line.length >= limits.waitingRequests) refuse(visit);
      else line.push({ visit, sinceMs: nowMs });
    },
  };
}
