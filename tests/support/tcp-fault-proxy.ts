import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { systemClock, type Clock } from '../../src/registry/clock.ts';

/** `upstream` is what the client sends to the server, `downstream` what comes back. */
export type Direction = 'upstream' | 'downstream';

/**
 * What can be wrong with a line, in the words of toxiproxy. Those of one direction are met in the order in which they
 * were added.
 */
export type Toxic =
  /** Everything comes later, by up to `jitterMs` more or less. */
  | { readonly kind: 'latency'; readonly latencyMs: number; readonly jitterMs?: number }
  /** A narrow line. */
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** The end of the connection comes later than its last byte. */
  | { readonly kind: 'slow_close'; readonly delayMs: number }
  /**
   * A black hole: nothing passes, and after `closeAfterMs` the connection is closed (absent: never). What was held
   * passes when the fault is removed, as TCP would send it again; toxiproxy drops it.
   */
  | { readonly kind: 'timeout'; readonly closeAfterMs?: number }
  /** Both ends get a reset: after `delayMs`, and when `afterBytes` is given, once those have passed. */
  | { readonly kind: 'reset_peer'; readonly delayMs: number; readonly afterBytes?: number }
  /** Small pieces, `variationBytes` more or less than the average, with a delay after each. */
  | {
      readonly kind: 'slicer';
      readonly averageBytes: number;
      readonly variationBytes?: number;
      readonly delayMs: number;
    }
  /** The connection is closed in good order after so many bytes. */
  | { readonly kind: 'limit_data'; readonly bytes: number };

/** A TCP proxy between a client and a server that knows neither, with faults that are switched while it runs. */
export interface TcpFaultProxy {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Adds a fault, for open connections too; the function that comes back removes it. */
  add(direction: Direction, toxic: Toxic): () => void;
  /** Removes all faults. */
  clear(): void;
  /** From now on connections are refused, and those that are open are closed. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  close(): Promise<void>;
}

/** A fault in its place; the signal ends its waits when it is removed. */
interface ActiveToxic {
  readonly direction: Direction;
  readonly toxic: Toxic;
  readonly removed: AbortController;
  /** Bytes that have passed since the fault was added, of each connection. */
  readonly passedBytes: WeakMap<Link, number>;
}

/** One connection through the proxy. */
interface Link {
  readonly closed: AbortSignal;
  /** Ends both sides in good order. */
  end(): void;
  /** Breaks both sides off. */
  reset(): void;
}

interface Line {
  readonly clock: Clock;
  readonly random: () => number;
  toxicsOf(direction: Direction): readonly ActiveToxic[];
}

/** What one connection may hold; a source that is faster than the line waits, as it would for a full window. */
const LARGEST_QUEUE_BYTES = 1024 * 1024;
/** A narrow line passes its bytes in pieces of a tenth of a second. */
const BANDWIDTH_PIECES_PER_SECOND = 10;

/** Starts a proxy on a free port of the loopback. */
export async function startTcpFaultProxy(options: {
  upstream: { host?: string; port: number };
  clock?: Clock;
  random?: () => number;
}): Promise<TcpFaultProxy> {
  const { upstream, clock = systemClock, random = Math.random } = options;
  let active: ActiveToxic[] = [];
  let accepted = 0;
  const links = new Set<Link>();
  const line: Line = {
    clock,
    random,
    toxicsOf: (direction) => active.filter((one) => one.direction === direction),
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted++;
    const far = createConnection({ host: '127.0.0.1', ...upstream, allowHalfOpen: true });
    const link = joinSockets(client, far, line);
    links.add(link);
    link.closed.addEventListener('abort', () => links.delete(link));
    for (const one of active) startTimer(one, link, clock);
  });
  const port = await listen(server, 0);

  const remove = (one: ActiveToxic): void => {
    active = active.filter((other) => other !== one);
    one.removed.abort();
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const done = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const link of links) link.reset();
    await done;
  };
  return {
    port,
    get accepted() {
      return accepted;
    },
    add(direction, toxic) {
      const one = { direction, toxic, removed: new AbortController(), passedBytes: new WeakMap() };
      active = [...active, one];
      for (const link of links) startTimer(one, link, clock);
      return () => remove(one);
    },
    clear: () => active.forEach(remove),
    down: stop,
    up: async () => void (await listen(server, port)),
    close: stop,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function joinSockets(client: Socket, far: Socket, line: Line): Link {
  const closing = new AbortController();
  const sockets = [client, far];
  const link: Link = {
    closed: closing.signal,
    end() {
      for (const socket of sockets) socket.destroySoon();
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
  let open = sockets.length;
  for (const socket of sockets) {
    socket.setNoDelay(true);
    socket.on('error', () => link.reset());
    socket.on('close', () => {
      if (--open === 0) closing.abort();
    });
  }
  carry({ source: client, sink: far, direction: 'upstream', link, line });
  carry({ source: far, sink: client, direction: 'downstream', link, line });
  return link;
}

/** One direction of one connection. */
interface Carrying {
  readonly source: Socket;
  readonly sink: Socket;
  readonly direction: Direction;
  readonly link: Link;
  readonly line: Line;
}

/** Reading goes on while pieces wait, so that a latency delays every byte once and does not add up. */
function carry(carrying: Carrying): void {
  const { source, sink, direction, link, line } = carrying;
  let tail: Promise<void> = Promise.resolve();
  let queuedBytes = 0;
  const next = (step: () => Promise<void>): void => {
    // A step that fails has lost its connection, which the sockets tell by themselves.
    tail = tail.then(async () => (sink.destroyed ? undefined : step())).catch(() => undefined);
  };
  source.on('data', (chunk: Buffer) => {
    const arrivedMs = line.clock.monotonicMs();
    queuedBytes += chunk.length;
    if (queuedBytes > LARGEST_QUEUE_BYTES) source.pause();
    next(async () => {
      await pass(chunk, line.toxicsOf(direction), { ...carrying, arrivedMs });
      queuedBytes -= chunk.length;
      if (source.isPaused()) source.resume();
    });
  });
  source.on('end', () =>
    next(async () => {
      for (const one of line.toxicsOf(direction))
        if (one.toxic.kind === 'slow_close') await wait(one.toxic.delayMs, one, carrying);
        else if (one.toxic.kind === 'timeout') await untilRemoved(one, link);
      sink.end();
    }),
  );
  source.on('close', () => next(async () => sink.destroySoon()));
}

/** Takes a piece through the faults that are left and then to the other side. */
async function pass(
  piece: Buffer,
  toxics: readonly ActiveToxic[],
  carrying: Carrying & { readonly arrivedMs: number },
): Promise<void> {
  const { sink, link, line, arrivedMs } = carrying;
  const [one, ...rest] = toxics;
  if (sink.destroyed || sink.writableEnded) return;
  if (one === undefined) return write(sink, piece);
  const { toxic } = one;
  switch (toxic.kind) {
    case 'latency': {
      const delayMs = toxic.latencyMs + spread(toxic.jitterMs ?? 0, line.random);
      await wait(arrivedMs + delayMs - line.clock.monotonicMs(), one, carrying);
      return pass(piece, rest, carrying);
    }
    case 'bandwidth': {
      const size = Math.max(1, Math.floor(toxic.bytesPerSecond / BANDWIDTH_PIECES_PER_SECOND));
      return cutAnd(
        piece,
        () => size,
        async (part) => {
          await wait((part.length / toxic.bytesPerSecond) * 1000, one, carrying);
          await pass(part, rest, carrying);
        },
      );
    }
    case 'slicer': {
      const { averageBytes, variationBytes = 0 } = toxic;
      return cutAnd(
        piece,
        () => Math.max(1, Math.round(averageBytes + spread(variationBytes, line.random))),
        async (part) => {
          await pass(part, rest, carrying);
          await wait(toxic.delayMs, one, carrying);
        },
      );
    }
    case 'limit_data':
      return passUpTo(toxic.bytes, piece, { one, rest, carrying, act: () => link.end() });
    case 'reset_peer':
      if (toxic.afterBytes === undefined) return pass(piece, rest, carrying);
      return passUpTo(toxic.afterBytes, piece, {
        one,
        rest,
        carrying,
        act: async () => {
          await wait(toxic.delayMs, one, carrying);
          link.reset();
        },
      });
    case 'timeout':
      await untilRemoved(one, link);
      return pass(piece, rest, carrying);
    case 'slow_close':
      return pass(piece, rest, carrying);
    default:
      return toxic satisfies never;
  }
}

async function write(sink: Socket, piece: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    sink.write(piece, () => resolve());
  });
}

async function cutAnd(
  piece: Buffer,
  sizeOf: () => number,
  take: (part: Buffer) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < piece.length;) {
    const end = start + sizeOf();
    await take(piece.subarray(start, end));
    start = end;
  }
}

async function passUpTo(
  limitBytes: number,
  piece: Buffer,
  after: {
    one: ActiveToxic;
    rest: readonly ActiveToxic[];
    carrying: Carrying & { readonly arrivedMs: number };
    act: () => void | Promise<void>;
  },
): Promise<void> {
  const { one, rest, carrying, act } = after;
  const passed = one.passedBytes.get(carrying.link) ?? 0;
  const part = one.removed.signal.aborted ? piece : piece.subarray(0, Math.max(0, limitBytes - passed));
  one.passedBytes.set(carrying.link, passed + part.length);
  if (part.length > 0) await pass(part, rest, carrying);
  if (!one.removed.signal.aborted && passed + part.length >= limitBytes) await act();
}

/** Faults that act by time alone, from when a connection met them. */
function startTimer(one: ActiveToxic, link: Link, clock: Clock): void {
  const { toxic } = one;
  if (toxic.kind === 'timeout' && toxic.closeAfterMs !== undefined)
    void after(toxic.closeAfterMs, { one, link, clock, act: () => link.end() });
  if (toxic.kind === 'reset_peer' && toxic.afterBytes === undefined)
    void after(toxic.delayMs, { one, link, clock, act: () => link.reset() });
}

async function after(
  durationMs: number,
  what: { one: ActiveToxic; link: Link; clock: Clock; act: () => void },
): Promise<void> {
  const { one, link, clock, act } = what;
  await sleepUnlessOver(durationMs, clock, [one.removed.signal, link.closed]);
  if (!one.removed.signal.aborted && !link.closed.aborted) act();
}

async function wait(
  durationMs: number,
  one: ActiveToxic,
  { link, line }: { link: Link; line: Line },
): Promise<void> {
  await sleepUnlessOver(durationMs, line.clock, [one.removed.signal, link.closed]);
}

async function sleepUnlessOver(durationMs: number, clock: Clock, ends: AbortSignal[]): Promise<void> {
  const over = AbortSignal.any(ends);
  if (durationMs > 0 && !over.aborted) await clock.sleep(durationMs, over).catch(() => undefined);
}

async function untilRemoved(one: ActiveToxic, link: Link): Promise<void> {
  const over = AbortSignal.any([one.removed.signal, link.closed]);
  if (over.aborted) return;
  await new Promise<void>((resolve) => {
    over.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Evenly between that much less and that much more. */
function spread(width: number, random: () => number): number {
  return width === 0 ? 0 : (random() * 2 - 1) * width;
}
