import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers';
import { createDoor, type Door } from '../../src/http/door.ts';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';

/** The door before a handler, listening, at a time that stands still. */
export interface DoorServer {
  readonly door: Door;
  readonly server: Server;
  readonly port: number;
  readonly faults: readonly string[];
  readonly state: { stopping: boolean };
  readonly close: () => void;
}

type DoorOptions = Parameters<typeof createDoor>[0];

export async function startDoor(
  handler: Parameters<Door['createServer']>[0],
  options: Partial<DoorOptions> = {},
): Promise<DoorServer> {
  const faults: string[] = [];
  const state = { stopping: false };
  const door = createDoor({
    limits: SERVER_LIMITS,
    monotonicMs: () => 0,
    nowMs: () => 0,
    random: () => 0,
    atNextTurn: setImmediate,
    reportFault: (kind) => void faults.push(kind),
    publicUrl: () => '',
    isStopping: () => state.stopping,
    isAlwaysAnswered: () => false,
    answerAtOnce: () => false,
    answerAgain: () => false,
    ...options,
  });
  const server = door.createServer(handler);
  server.on('clientError', (error, connection) => door.answerClientError(error, connection));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    door,
    server,
    port,
    faults,
    state,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
