import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** What `Keep-Alive` says of how long a connection may be idle. */
export function formatKeepAlive(keepAliveMs: number): string {
  return `timeout=${Math.floor(keepAliveMs / 1_000)}`;
}

/** Closes connections on which nothing is owed and nothing has moved for the keep-alive time. */
export interface IdleConnections {
  watch(connection: Socket): void;
  /** To be called from time to time: so much later than the keep-alive time a connection may be closed. */
  closeIdle(): void;
}

/**
 * Node sets two timers anew for every request, which costs a third of a small answer; what a connection has read and
 * written is at hand without.
 */
export function createIdleConnections(options: {
  keepAliveMs: number;
  monotonicMs: () => number;
  isOwed: (connection: Socket) => boolean;
}): IdleConnections {
  const { keepAliveMs, monotonicMs, isOwed } = options;
  const seen = new Map<Socket, { bytes: number; sinceMs: number }>();
  const bytesOf = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten;
  return {
    watch(connection) {
      seen.set(connection, { bytes: bytesOf(connection), sinceMs: monotonicMs() });
      connection.once('close', () => seen.delete(connection));
    },
    closeIdle() {
      const nowMs = monotonicMs();
      for (const [connection, state] of seen) {
        const bytes = bytesOf(connection);
        if (bytes !== state.bytes || isOwed(connection)) Object.assign(state, { bytes, sinceMs: nowMs });
        else if (nowMs - state.sinceMs >= keepAliveMs) connection.destroy();
      }
    },
  };
}

/**
 * To Node a connection is idle while it takes an answer of which Node knows nothing; a stop would cut it short. So idle
 * connections are closed when there is none any more.
 */
export function createIdleClosing(mustWait: () => boolean): { guard(server: Server): void; goOn(): void } {
  let close: (() => void) | null = null;
  const goOn = (): void => {
    if (close === null || mustWait()) return;
    const now = close;
    close = null;
    now();
  };
  return {
    guard(server) {
      const closeNow = server.closeIdleConnections.bind(server);
      server.closeIdleConnections = () => {
        close = closeNow;
        goOn();
      };
    },
    goOn,
  };
}
