import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A client that sends what no HTTP library would. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything that came back so far. */
  readonly text: () => string;
  /** Resolves with everything when the other side has closed, whether with a reset or not. */
  readonly closed: Promise<string>;
  /** Resolves when that many answers have begun. */
  answers(count: number): Promise<string>;
}

/** Listens on a free port of the loopback. */
export async function listen(server: FastifyInstance): Promise<number> {
  await server.listen({ host: '127.0.0.1', port: 0 });
  return (server.server.address() as { port: number }).port;
}

export async function openRawClient(port: number, bytes: string | Buffer = ''): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const text = (): string => Buffer.concat(chunks).toString('latin1');
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(text()));
  });
  await once(socket, 'connect');
  if (bytes.length > 0) socket.write(bytes);
  const count = (): number => text().split(/HTTP\/1\.1 \d{3} /).length - 1;
  return {
    socket,
    text,
    closed,
    async answers(wanted) {
      while (count() < wanted && !socket.destroyed)
        await Promise.race([once(socket, 'data').catch(() => {}), closed]);
      return text();
    },
  };
}

/** The parts of the last answer in what was received. */
export function readAnswer(text: string): { status: number; head: string; body: string } {
  const start = text.lastIndexOf('HTTP/1.1 ');
  const end = text.indexOf('\r\n\r\n', start);
  return {
    status: Number(text.slice(start + 9, start + 12)),
    head: text.slice(start, end),
    body: text.slice(end + 4),
  };
}

/** The statuses of all answers in what was received. */
export function readStatuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
