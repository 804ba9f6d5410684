import type { AddressInfo, Server, Socket } from 'node:net';

/** Lets a server listen on a free port; closing it cuts the connections, whatever they speak. */
export async function listen(server: Server): Promise<{ port: number; close: () => Promise<unknown> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
