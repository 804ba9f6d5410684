import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { startTcpFaultProxy, type TcpFaultProxy } from './tcp-fault-proxy.ts';

/** A server that answers every piece with itself, and tells when it has heard the first. */
const startEcho = async () => {
  const sockets: Socket[] = [];
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      hear();
      socket.write(piece);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, sockets, heard, port: (server.address() as AddressInfo).port };
};

let echo: Awaited<ReturnType<typeof startEcho>>;
let clock: FakeClock;
let proxy: TcpFaultProxy;
const clients: Socket[] = [];
beforeEach(async () => {
  echo = await startEcho();
  clock = createFakeClock(0);
  proxy = await startTcpFaultProxy({ upstream: { port: echo.port }, clock, random: () => 1 });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  for (const socket of echo.sockets) socket.destroy();
  echo.server.close();
});

/** A client of the proxy; `ended` tells how its connection ended. */
const open = async () => {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('end', () => resolve('end'));
  });
  await once(socket, 'connect');
  const received = async (length: number): Promise<string> => {
    while (text.length < length) await once(socket, 'data');
    return text;
  };
  return { socket, ended, received, text: () => text };
};

test('without faults passes everything both ways, and half-closes as a line does', async () => {
  const { socket, received, ended } = await open();
  const much = 'x'.repeat(3_000_000);
  socket.end(much);
  expect(await received(much.length)).toBe(much);
  expect(await ended).toBe('end');
  expect(proxy.accepted).toBe(1);
});

describe('latency', () => {
  test('delays each direction by its own, with the jitter that chance gives', async () => {
    proxy.add('upstream', { kind: 'latency', latencyMs: 100 });
    proxy.add('downstream', { kind: 'latency', latencyMs: 1_000, jitterMs: 50 });
    const { socket, received } = await open();
    socket.write('ping');
    expect(await received(4)).toBe('ping');
    expect(clock.sleptMs).toEqual([100, 1_050]);
  });

  test('is switched off for a connection that is open', async () => {
    const remove = proxy.add('downstream', { kind: 'latency', latencyMs: 1_000 });
    const { socket, received } = await open();
    socket.write('a');
    await received(1);
    remove();
    socket.write('b');
    expect(await received(2)).toBe('ab');
    expect(clock.sleptMs).toEqual([1_000]);
  });
});

test('bandwidth passes pieces of a tenth of a second', async () => {
  proxy.add('upstream', { kind: 'bandwidth', bytesPerSecond: 1_000 });
  const { socket, received } = await open();
  socket.write('x'.repeat(250));
  await received(250);
  expect(clock.sleptMs).toEqual([100, 100, 50]);
});

test('slicer cuts into pieces around the average, with a delay after each', async () => {
  proxy.add('downstream', { kind: 'slicer', averageBytes: 2, variationBytes: 1, delayMs: 7 });
  const { socket, received } = await open();
  socket.write('abcdefghi');
  expect(await received(9)).toBe('abcdefghi');
  expect(clock.sleptMs.slice(0, 2)).toEqual([7, 7]);
});

test('slow_close ends a connection later than its last byte', async () => {
  proxy.add('downstream', { kind: 'slow_close', delayMs: 3_000 });
  const { socket, received, ended } = await open();
  socket.end('last');
  expect(await received(4)).toBe('last');
  expect(await ended).toBe('end');
  expect(clock.sleptMs).toEqual([3_000]);
});

describe('timeout', () => {
  test('is a black hole, and what it held passes when it is removed', async () => {
    const remove = proxy.add('downstream', { kind: 'timeout' });
    const { socket, received, text } = await open();
    socket.write('held');
    await echo.heard;
    await shortWhile();
    expect(text()).toBe('');
    remove();
    expect(await received(4)).toBe('held');
  });

  test('closes the connection when asked to', async () => {
    const { socket, received, ended } = await open();
    socket.write('a');
    await received(1);
    proxy.add('downstream', { kind: 'timeout', closeAfterMs: 500 });
    socket.write('b');
    expect(await ended).toBe('end');
    expect(clock.sleptMs).toEqual([500]);
  });
});

describe('reset_peer', () => {
  test('resets a connection that is open', async () => {
    const { socket, received, ended } = await open();
    socket.write('a');
    await received(1);
    proxy.add('downstream', { kind: 'reset_peer', delayMs: 20 });
    expect(await ended).toBe('ECONNRESET');
    expect(clock.sleptMs).toEqual([20]);
  });

  test('can wait until so many bytes have passed', async () => {
    proxy.add('downstream', { kind: 'reset_peer', delayMs: 0, afterBytes: 3 });
    const { socket, ended, text } = await open();
    socket.write('abcdef');
    expect(await ended).toBe('ECONNRESET');
    expect('abc'.startsWith(text())).toBe(true);
  });
});

test('limit_data closes after so many bytes, counted for each connection alone', async () => {
  proxy.add('downstream', { kind: 'limit_data', bytes: 5 });
  for (let round = 0; round < 2; round++) {
    const { socket, ended, text } = await open();
    socket.write('abc');
    socket.write('defghi');
    expect(await ended).toBe('end');
    expect(text()).toBe('abcde');
  }
});

test('faults of one direction are met in the order in which they were added', async () => {
  proxy.add('downstream', { kind: 'slicer', averageBytes: 2, delayMs: 7 });
  proxy.add('downstream', { kind: 'bandwidth', bytesPerSecond: 10 });
  const { socket, received } = await open();
  socket.write('abcd');
  expect(await received(4)).toBe('abcd');
  expect(clock.sleptMs.slice(0, 5)).toEqual([100, 100, 7, 100, 100]);
});

test('clear removes every fault', async () => {
  proxy.add('upstream', { kind: 'timeout' });
  proxy.add('downstream', { kind: 'limit_data', bytes: 0 });
  proxy.clear();
  const { socket, received } = await open();
  socket.write('through');
  expect(await received(7)).toBe('through');
});

test('down refuses and closes, up serves again on the same port', async () => {
  const { socket, received, ended } = await open();
  socket.write('a');
  await received(1);
  await proxy.down();
  expect(await ended).toBe('ECONNRESET');
  await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.up();
  const again = await open();
  again.socket.write('back');
  expect(await again.received(4)).toBe('back');
});

test('a server that is not there closes the client’s connection', async () => {
  echo.server.close();
  const { ended } = await open();
  expect(await ended).toBe('ECONNRESET');
});

/** Long enough for loopback; nothing tells that nothing comes. */
async function shortWhile(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}
