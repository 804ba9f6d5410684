import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The requests that wait for their answers or whose answers are not yet taken. */
export interface Exchanges {
  begin(response: ServerResponse): void;
  /** Of one connection, the one at hand included. */
  countOf(connection: Duplex): number;
  hasTooManyUntaken(most: number): boolean;
  /** Whether the bytes of an answer are on their way, so that nothing may be written between them. */
  isAnswering(connection: Duplex): boolean;
  /** Those whose headers can still be changed. */
  findUnanswered(): ServerResponse[];
  /** Connections with an exchange that began before. */
  findOlder(thanMs: number): Duplex[];
  forget(connection: Duplex): void;
}

export function createExchanges(monotonicMs: () => number): Exchanges {
  const begun = new Map<ServerResponse, { atMs: number; connection: Duplex }>();
  const ofConnection = new WeakMap<Duplex, Set<ServerResponse>>();
  const of = (connection: Duplex): ReadonlySet<ServerResponse> => ofConnection.get(connection) ?? new Set();
  return {
    begin(response) {
      const connection = response.req.socket;
      const own = ofConnection.get(connection) ?? new Set();
      ofConnection.set(connection, own.add(response));
      begun.set(response, { atMs: monotonicMs(), connection });
      response.once('close', () => {
        own.delete(response);
        begun.delete(response);
      });
    },
    countOf: (connection) => ofConnection.get(connection)?.size ?? 0,
    hasTooManyUntaken(most) {
      // Counting is for the rare case that there can be too many.
      if (begun.size <= most) return false;
      let untaken = 0;
      for (const response of begun.keys()) untaken += Number(response.writableEnded);
      return untaken > most;
    },
    isAnswering: (connection) => [...of(connection)].some(({ headersSent }) => headersSent),
    findUnanswered: () => [...begun.keys()].filter(({ headersSent }) => !headersSent),
    findOlder(thanMs) {
      const older: Duplex[] = [];
      for (const { atMs, connection } of begun.values()) {
        if (atMs >= thanMs) break;
        older.push(connection);
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
