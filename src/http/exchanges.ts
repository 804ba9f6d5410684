import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The requests that wait for their answers or whose answers are not yet taken. */
export interface Exchanges {
  /** @param isSent whether the answer is with its connection already, so that only its taking is waited for */
  begin(response: ServerResponse, isSent?: boolean): void;
  /** The answer of one that has begun is with its connection, whatever its response says. */
  markSent(response: ServerResponse): void;
  /** Of one connection, the one at hand included. */
  countOf(connection: Duplex): number;
  hasTooManyUntaken(most: number): boolean;
  /** Whether the bytes of an answer are on their way, so that nothing may be written between them. */
  isAnswering(connection: Duplex): boolean;
  /** Those whose headers can still be changed. */
  findUnanswered(): ServerResponse[];
  /** Connections with an exchange that began before, each once. */
  findOlder(thanMs: number): ReadonlySet<Duplex>;
  forget(connection: Duplex): void;
}

export function createExchanges(monotonicMs: () => number): Exchanges {
  const begun = new Map<ServerResponse, { atMs: number; connection: Duplex; isSent: boolean }>();
  const ofConnection = new WeakMap<Duplex, Set<ServerResponse>>();
  const of = (connection: Duplex): ReadonlySet<ServerResponse> => ofConnection.get(connection) ?? new Set();
  const hasBegun = (response: ServerResponse): boolean =>
    response.headersSent || begun.get(response)?.isSent === true;
  return {
    begin(response, isSent = false) {
      const connection = response.req.socket;
      const own = ofConnection.get(connection) ?? new Set();
      ofConnection.set(connection, own.add(response));
      begun.set(response, { atMs: monotonicMs(), connection, isSent });
      response.once('close', () => {
        own.delete(response);
        begun.delete(response);
      });
    },
    markSent(response) {
      const exchange = begun.get(response);
      if (exchange !== undefined) exchange.isSent = true;
    },
    countOf: (connection) => ofConnection.get(connection)?.size ?? 0,
    hasTooManyUntaken(most) {
      // Counting is for the rare case that there can be too many.
      if (begun.size <= most) return false;
      let untaken = 0;
      for (const [response, { isSent }] of begun) untaken += Number(isSent || response.writableEnded);
      return untaken > most;
    },
    isAnswering: (connection) => [...of(connection)].some(hasBegun),
    findUnanswered: () => [...begun.keys()].filter((response) => !hasBegun(response)),
    findOlder(thanMs) {
      const older = new Set<Duplex>();
      for (const { atMs, connection } of begun.values()) {
        if (atMs >= thanMs) break;
        older.add(connection);
      }
      return older;
    },
    // An answer that still waits behind another never says that it is closed.
    forget(connection) {
      for (const response of of(connection)) begun.delete(response);
      ofConnection.delete(connection);
    },
  };
}
