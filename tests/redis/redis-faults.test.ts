import { createServer } from 'node:tls';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRedisLink } from '../../src/catalog/shared/redis-link.ts';
import { SharedStoreAway } from '../../src/catalog/shared/shared-store-errors.ts';
import { seal } from '../../src/catalog/sealed-file.ts';
import { startRedisServer, type RedisServer } from '../support/redis-server.ts';
import { startRegistryStandIn, type RegistryStandIn } from '../support/registry-stand-in.ts';
import { isAtRest, startTestReplica, until, type TestReplica } from '../support/replica-world.ts';
import { worldStudies } from '../support/sync-world.ts';
import { startTcpFaultProxy, type TcpFaultProxy } from '../support/tcp-fault-proxy.ts';

const KEY = (name: string): string => `uab-all-trials:{uab-all}:${name}`;

let redis: RedisServer;
let registry: RegistryStandIn;
let line: TcpFaultProxy;
const replicas: TestReplica[] = [];
beforeEach(async () => {
  redis = await startRedisServer();
  registry = await startRegistryStandIn({ studies: worldStudies });
  line = await startTcpFaultProxy({ upstream: { port: redis.port } });
});
afterEach(async () => {
  await Promise.all(replicas.splice(0).map(async (replica) => replica.stop()));
  await line.close();
  await registry.close();
  await redis.close();
});

/** Its connection to the store runs through the line that can fail. */
const start = async (options: Partial<Parameters<typeof startTestReplica>[0]> = {}): Promise<TestReplica> => {
  const redisUrl = `redis://127.0.0.1:${line.port}`;
  const replica = await startTestReplica({ registry, redisUrl, ...options });
  replicas.push(replica);
  return replica;
};
const startServing = async (): Promise<TestReplica> => {
  const replica = await start();
  await until(() => {
    expect(isAtRest(replica)).toBe(true);
  });
  return replica;
};
const reads = async ({ app }: TestReplica): Promise<number> =>
  (await app.server.inject('/v1/trials?ageGroup=child')).statusCode;
const refresh = (studies: readonly unknown[], day = '2026-11-25'): void => {
  registry.setStudies(studies);
  registry.refresh(`${day}T09:00:04`);
};
const sharedVersion = async (): Promise<number> =>
  Number(await redis.command('HGET', KEY('versions'), 'list'));

describe('the store', { timeout: 60_000 }, () => {
  test('down at the start: the list of the own disk is served; when it is there, all is shared', async () => {
    const first = await startServing();
    await first.stop();
    replicas.splice(0);
    await redis.command('FLUSHALL');
    await line.down();
    const again = await start({ disk: first.disk });
    expect(again.catalog.current?.source).toBe('saved');
    expect(await reads(again)).toBe(200);
    await line.up();
    await until(() => {
      expect(again.replica.role).toBe('leader');
    });
    await expect.poll(sharedVersion, { timeout: 10_000 }).toBeGreaterThan(0);
  });

  test('down at the start and nothing on the disk: the registry is asked alone', async () => {
    await line.down();
    const replica = await start();
    expect(await reads(replica)).toBe(503);
    await until(() => {
      expect(replica.catalog.current?.source).toBe('registry');
    });
    expect(await reads(replica)).toBe(200);
  });

  test('dies: reads go on, the replica keeps its list current alone, and shares it when the store is back', async () => {
    const replica = await startServing();
    await redis.kill();
    expect(await reads(replica)).toBe(200);
    await until(() => {
      expect(replica.replica.role).toBe('alone');
    });
    refresh(worldStudies.slice(1));
    expect((await replica.sync.syncOnce()).result).toBe('published');
    expect(replica.catalog.current?.source).toBe('registry');
    await redis.start();
    await until(() => {
      expect(replica.replica.role).toBe('leader');
    });
    const other = await start();
    await until(() => {
      expect(other.catalog.current?.snapshot.id).toBe(replica.catalog.current?.snapshot.id);
    });
  });

  test('is emptied: versions go on growing, and what it lacks is brought in', async () => {
    await startServing();
    const before = await sharedVersion();
    await redis.command('FLUSHALL');
    await expect.poll(sharedVersion, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  test('goes back to an older state: the leader goes on from what it knows', async () => {
    const leader = await startServing();
    for (let day = 25; day <= 27; day++) {
      refresh(worldStudies.slice(day % 2), `2026-11-${day}`);
      expect((await leader.sync.syncOnce()).result).toBe('published');
    }
    const before = await sharedVersion();
    await redis.command('HSET', KEY('versions'), 'list', '1');
    await expect.poll(sharedVersion, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  test('has lost the fencing number: one leads again', async () => {
    const leader = await startServing();
    await redis.command('DEL', KEY('fence'));
    await expect.poll(async () => redis.command('GET', KEY('fence')), { timeout: 10_000 }).not.toBeNull();
    await until(() => {
      expect(leader.replica.role).toBe('leader');
    });
  });

  test('answers too late for one replica: another leads', async () => {
    line.add('downstream', { kind: 'latency', latencyMs: 900 });
    const slow = await start();
    const quick = await start({ redisUrl: redis.url });
    await until(() => {
      expect(quick.replica.role).toBe('leader');
    });
    expect(slow.replica.role).not.toBe('leader');
    await expect.poll(async () => reads(quick), { timeout: 15_000 }).toBe(200);
  });

  test('flaps: no read fails, and in the end one leads', async () => {
    const replica = await startServing();
    for (let time = 0; time < 8; time++) {
      await line.down();
      expect(await reads(replica)).toBe(200);
      await line.up();
      expect(await reads(replica)).toBe(200);
    }
    await until(() => {
      expect(replica.replica.role).toBe('leader');
    });
  });

  test('is slow: a command is given up, and nobody else waits', async () => {
    const replica = await startServing();
    const remove = line.add('downstream', { kind: 'latency', latencyMs: 2_000 });
    const link = createRedisLink({ url: `redis://127.0.0.1:${redis.port}` });
    await link.waitUntilReady(2_000);
    await redis.command('CLIENT', 'PAUSE', '1500', 'ALL');
    await expect(link.run('return 1', [], [])).rejects.toThrow(SharedStoreAway);
    expect(await reads(replica)).toBe(200);
    link.close();
    remove();
    await until(() => {
      expect(replica.replica.role).toBe('leader');
    });
  });

  test('hangs without a word: the connection is given up and made anew', async () => {
    const replica = await startServing();
    const { accepted } = line;
    const remove = line.add('downstream', { kind: 'timeout' });
    await until(() => {
      expect(replica.replica.role).not.toBe('leader');
      // Both connections, the one for commands and the one that listens.
      expect(line.accepted).toBeGreaterThan(accepted + 1);
    });
    expect(await reads(replica)).toBe(200);
    remove();
    await until(() => {
      expect(replica.replica.role).toBe('leader');
    });
  });

  test.each([
    ['garbage', 'garbage'],
    ['a cut-off text', seal('list', 'uab-all', { harvest: {} }).toString().slice(0, 60)],
    ['a whole text of another shape', seal('list', 'uab-all', { harvest: 1 }).toString()],
    ['a later form', seal('list', 'uab-all', {}).toString().replace('"format":1', '"format":9')],
    ['another kind', seal('held', 'uab-all', {}).toString()],
  ])('holds %s: it is passed over, the list stays, and the leader publishes anew', async (_name, text) => {
    const leader = await startServing();
    const follower = await start();
    const before = leader.catalog.current?.snapshot.id;
    await redis.command('SET', KEY('list'), text);
    await redis.command('HINCRBY', KEY('versions'), 'list', '5');
    await redis.command('PUBLISH', KEY('changes'), 'list');
    await until(() => {
      expect(leader.badShared.length).toBeGreaterThan(0);
      expect(follower.badShared.length).toBeGreaterThan(0);
    });
    expect([leader, follower].map(({ catalog }) => catalog.current?.snapshot.id)).toEqual([before, before]);
    await expect
      .poll(async () => String(await redis.command('GET', KEY('list'))).length, { timeout: 10_000 })
      .toBeGreaterThan(10_000);
  });

  test('holds another type under the key: it is passed over and written over', async () => {
    const leader = await startServing();
    await redis.command('DEL', KEY('list'));
    await redis.command('RPUSH', KEY('list'), 'x');
    await redis.command('HINCRBY', KEY('versions'), 'list', '5');
    await expect.poll(async () => redis.command('TYPE', KEY('list')), { timeout: 10_000 }).toBe('string');
    expect(leader.badShared[0]).toMatch(/^list: /);
  });

  test('is full: what is brought is shown here, and shared when there is room', async () => {
    const leader = await startServing();
    const before = await sharedVersion();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1000');
    refresh(worldStudies.slice(1));
    expect((await leader.sync.syncOnce()).result).toBe('published');
    expect(leader.catalog.current?.source).toBe('registry');
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await expect.poll(sharedVersion, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  test('only reads, as a replica of it does: reads go on, and nothing is lost', async () => {
    const leader = await startServing();
    await redis.command('REPLICAOF', '127.0.0.1', '9');
    await until(() => {
      expect(leader.replica.role).not.toBe('leader');
    });
    expect(await reads(leader)).toBe(200);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await until(() => {
      expect(leader.replica.role).toBe('leader');
    });
  });

  test('a replica that is cut off serves on, and takes up what it missed', async () => {
    const leader = await startServing();
    const cutOff = await start();
    const direct = await start({ redisUrl: redis.url });
    await until(() => {
      expect(direct.catalog.current?.snapshot.id).toBe(leader.catalog.current?.snapshot.id);
    });
    await leader.stop();
    replicas.splice(replicas.indexOf(leader), 1);
    await line.down();
    await until(() => {
      expect(direct.replica.role).toBe('leader');
    });
    refresh(worldStudies.slice(1));
    expect((await direct.sync.syncOnce()).result).toBe('published');
    expect(await reads(cutOff)).toBe(200);
    await line.up();
    await until(() => {
      expect(cutOff.catalog.current?.snapshot.id).toBe(direct.catalog.current?.snapshot.id);
    });
  });

  test('of two who lead at once only the newer one publishes', async () => {
    const leader = await startServing();
    const cutOff = line.add('upstream', { kind: 'timeout' });
    const next = await start({ redisUrl: redis.url });
    await until(() => {
      expect(next.replica.role).toBe('leader');
    });
    const before = await sharedVersion();
    refresh(worldStudies.slice(1));
    expect((await next.sync.syncOnce()).result).toBe('published');
    const after = await sharedVersion();
    // The old one still has something to publish: nobody can tell it that it lost the lead.
    expect((await leader.sync.syncOnce()).result).toBe('published');
    cutOff();
    await until(() => {
      expect(leader.replica.role).toBe('follower');
    });
    for (let look = 0; look < 3; look++) await leader.replica.meet();
    expect(leader.catalog.current?.snapshot.id).toBe(next.catalog.current?.snapshot.id);
    expect([after > before, await sharedVersion()]).toEqual([true, after]);
  });
});

test('a store whose certificate nobody vouches for is never spoken to', { timeout: 20_000 }, async () => {
  const [key, cert] = await Promise.all(
    ['self-signed.key.pem', 'self-signed.cert.pem'].map(async (name) =>
      readFile(`tests/support/tls/${name}`),
    ),
  );
  let bytes = 0;
  const server = createServer({ key, cert }, (socket) => {
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const errors: string[] = [];
  const { port } = server.address() as AddressInfo;
  const link = createRedisLink({
    url: `rediss://127.0.0.1:${port}`,
    onError: (error) => errors.push(error.message),
  });
  await until(() => {
    expect(errors.length).toBeGreaterThan(0);
  });
  await expect(link.run('return 1', [], [])).rejects.toThrow(SharedStoreAway);
  expect([bytes, errors[0]]).toEqual([0, expect.stringMatching(/self.signed|certificate/i)]);
  link.close();
  server.close();
});
