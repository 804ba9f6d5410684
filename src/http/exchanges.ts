import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request that waits for its answer or whose answer is not yet taken. */
export interface Exchange {
  readonly connection: Duplex;
  /** `null` for an answer that was given without one. */
  readonly response: ServerResponse | null;
  readonly atMs: number;
  /** Whether the answer is with the connection, so that only its taking is waited for. */
  isSent: boolean;
}

export interface Exchanges {
  begin(connection: Duplex, response: ServerResponse | null, isSent?: boolean): Exchange;
  end(exchange: Exchange): void;
  /** Of one connection, the one at hand included. */
  countOf(connection: Duplex): number;
  hasTooManyUntaken(most: number): boolean;
  /** Whether answers are being taken of which Node knows nothing. */
  hasUnknownToNode(): boolean;
  /** Whether the bytes of an answer are on their way, so that nothing may be written between them. */
  isAnswering(connection: Duplex): boolean;
  /** Those whose headers can still be changed. */
  findUnanswered(): ServerResponse[];
  /** Connections with an exchange that began before, each once. */
  findOlder(thanMs: number): ReadonlySet<Duplex>;
  forget(connection: Duplex): void;
}

export function createExchanges(monotonicMs: () => number): Exchanges {
  const begun = new Set<Exchange>();
  const ofConnection = new WeakMap<Duplex, Set<Exchange>>();
  const of = (connection: Duplex): ReadonlySet<Exchange> => ofConnection.get(connection) ?? new Set();
  const isSentOf = ({ response, isSent }: Exchange): boolean => isSent || response?.headersSent === true;
  return {
    begin(connection, response, isSent = false) {
      const exchange = { connection, response, atMs: monotonicMs(), isSent };
      const own = ofConnection.get(connection) ?? new Set();
      ofConnection.set(connection, own.add(exchange));
      begun.add(exchange);
      return exchange;
    },
    end(exchange) {
      ofConnection.get(exchange.connection)?.delete(exchange);
      begun.delete(exchange);
    },
    countOf: (connection) => ofConnection.get(connection)?.size ?? 0,
    hasTooManyUntaken(most) {
      // Counting is for the rare case that there can be too many.
      if (begun.size <= most) return false;
      let untaken = 0;
      for (const { response, isSent } of begun) untaken += Number(isSent || response?.writableEnded === true);
      return untaken > most;
    },
    hasUnknownToNode: () => [...begun].some(({ response }) => response === null),
    isAnswering: (connection) => [...of(connection)].some(isSentOf),
    findUnanswered: () =>
      [...begun].flatMap((exchange) => (isSentOf(exchange) ? [] : (exchange.response ?? []))),
    findOlder(thanMs) {
      const older = new Set<Duplex>();
      for (const { atMs, connection } of begun) {
        if (atMs >= thanMs) break;
        older.add(connection);
      }
      return older;
    },
    // An answer that still waits behind another never says that it is closed.
    forget(connection) {
      for (const exchange of of(connection)) begun.delete(exchange);
      ofConnection.delete(connection);
    },
  };
}
