import type { ServerLimits } from './server-limits.ts';

/** Where requests wait for their turn, and where those who would wait too long are refused (P6). */
export interface WaitingLine<Visit> {
  join(visit: Visit): void;
  /** Whether who comes now may be answered without joining: nobody waits, and this turn has not lasted long yet. */
  readonly hasRoomBeside: () => boolean;
  /** To be told of every new connection. */
  noteConnection(): void;
}

/**
 * Answers one request at least in each turn of the event loop, and lets the others wait here instead of in their
 * sockets: so their wait is known, probes pass them by, and new connections, of which a turn accepts one, do not wait
 * for the whole line. While none come a turn may go on for a moment; and who finds nobody before him is answered at
 * once, as are those who come in the same moment: to wait costs as much as many an answer. What is answered beside the
 * line, at the front desk, makes a turn long: as long as the rest of a turn took, the line may take as well, so that
 * neither starves the other.
 *
 * A line that empties again is a burst, and everybody in it is worth answering. A line that has stood for a while is
 * overload: then each wait beyond the shorter one only makes all behind wait longer (the rule of "controlled delay",
 * Nichols and Jacobson 2012). No rate is measured, so that after a block of the loop all is as before, and, as in that
 * rule, nobody is refused while the line is short: a process that was not let run for a moment is not overloaded.
 */
export function createWaitingLine<Visit>(options: {
  limits: Pick<
    ServerLimits,
    | 'burstWaitMs'
    | 'overloadWaitMs'
    | 'overloadAfterMs'
    | 'waitingRequests'
    | 'shortLine'
    | 'longestTurnMs'
    | 'shortTurnMs'
  >;
  monotonicMs: () => number;
  atNextTurn: (callback: () => void) => void;
  serve: (visit: Visit) => void;
  refuse: (visit: Visit) => void;
  hasLeft: (visit: Visit) => boolean;
}): WaitingLine<Visit> {
  const { limits, monotonicMs, atNextTurn, serve, refuse, hasLeft } = options;
  const line = createQueue<Visit>(limits.waitingRequests);
  let standsSinceMs: number | null = null;
  /** When the line was last at its turn. */
  let endedMs = 0;
  /** Until when this turn answers beside the line; `null` while nobody has asked for it. */
  let besideUntilMs: number | null = null;
  /** Connections that came since the last turn. */
  let newcomers = 0;
  /** How long a turn may go on where nothing else says it. */
  const momentMs = (): number => (newcomers === 0 ? limits.shortTurnMs : 0);

  const takeNext = (): Visit | null => {
    const nowMs = monotonicMs();
    const isOverload = nowMs - (standsSinceMs ?? nowMs) > limits.overloadAfterMs;
    const longestWaitMs = isOverload ? limits.overloadWaitMs : limits.burstWaitMs;
    for (;;) {
      const sinceMs = line.firstSinceMs();
      const visit = line.shift();
      if (visit === null) return null;
      if (hasLeft(visit)) continue;
      if (nowMs - sinceMs <= longestWaitMs || line.length() < limits.shortLine) return visit;
      refuse(visit);
    }
  };
  let hasNextTurn = false;
  const takeTurn = (): void => {
    if (!hasNextTurn) atNextTurn(turn);
    hasNextTurn = true;
  };
  const turn = (): void => {
    hasNextTurn = false;
    const beganMs = monotonicMs();
    const leastMs = momentMs();
    newcomers = 0;
    let next = takeNext();
    if (next === null) {
      standsSinceMs = null;
      return;
    }
    takeTurn();
    const shareMs = Math.min(beganMs - endedMs, limits.longestTurnMs);
    const endMs = beganMs + Math.max(shareMs, leastMs);
    do {
      serve(next);
      next = monotonicMs() < endMs ? takeNext() : null;
    } while (next !== null);
    endedMs = monotonicMs();
    // Who comes before the next turn finds nobody before him.
    if (line.length() === 0) standsSinceMs = null;
  };
  return {
    hasRoomBeside() {
      if (standsSinceMs !== null) return false;
      const nowMs = monotonicMs();
      if (besideUntilMs === null) {
        besideUntilMs = nowMs + momentMs();
        atNextTurn(() => {
          besideUntilMs = null;
          // Else the turn that comes with this one forgets them.
          if (!hasNextTurn) newcomers = 0;
        });
      }
      return nowMs < besideUntilMs;
    },
    noteConnection() {
      newcomers++;
    },
    join(visit) {
      const nowMs = monotonicMs();
      if (standsSinceMs === null) {
        standsSinceMs = nowMs;
        takeTurn();
        serve(visit);
        endedMs = monotonicMs();
      } else if (line.length() >= limits.waitingRequests) refuse(visit);
      else line.push(visit, nowMs);
    },
  };
}

interface Queue<Visit> {
  readonly length: () => number;
  readonly firstSinceMs: () => number;
  readonly push: (visit: Visit, sinceMs: number) => void;
  readonly shift: () => Visit | null;
}

/**
 * In places that are used again, round and round. An array that is taken from at its front is copied again and again,
 * and who stood in an old copy, with his answer, is not free before the collector has looked through all memory.
 */
function createQueue<Visit>(places: number): Queue<Visit> {
  const visits = Array.from({ length: places }, (): Visit | null => null);
  const sinceMs = new Float64Array(places);
  let [first, length] = [0, 0];
  return {
    length: () => length,
    firstSinceMs: () => sinceMs[first] as number,
    push(visit, nowMs) {
      const place = (first + length++) % places;
      visits[place] = visit;
      sinceMs[place] = nowMs;
    },
    shift() {
      if (length === 0) return null;
      const visit = visits[first] as Visit;
      visits[first] = null;
      first = (first + 1) % places;
      length--;
      return visit;
    },
  };
}
