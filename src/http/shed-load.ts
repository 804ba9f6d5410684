/** Whether a request that is reached now is one too many. */
export interface LoadShedder {
  isOverBudget(): boolean;
}

/**
 * Requests are answered as they are read, so whoever waits, waits in a socket, and one turn of the event loop reads
 * all sockets that are ready. The age of the turn is therefore the time that the request at hand has waited at least,
 * and what is left over the budget would only make everybody behind it wait longer (P6). No queue is kept and no rate
 * is measured: after a block of the loop the first turn answers its budget, refuses the rest, and all is as before.
 */
export function createLoadShedder(options: {
  turnBudgetMs: number;
  monotonicMs: () => number;
  /** Calls back when this turn of the event loop has read all that was ready. */
  atEndOfTurn: (callback: () => void) => void;
}): LoadShedder {
  const { turnBudgetMs, monotonicMs, atEndOfTurn } = options;
  let turnBeganMs: number | null = null;
  const endTurn = (): void => {
    turnBeganMs = null;
  };
  return {
    isOverBudget() {
      if (turnBeganMs !== null) return monotonicMs() - turnBeganMs > turnBudgetMs;
      turnBeganMs = monotonicMs();
      atEndOfTurn(endTurn);
      return false;
    },
  };
}
