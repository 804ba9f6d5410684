import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRedisServer, type RedisServer } from '../support/redis-server.ts';
import { startRegistryStandIn, type RegistryStandIn } from '../support/registry-stand-in.ts';
import {
  isAtRest,
  startTestReplica,
  TIMES,
  until,
  type Role,
  type TestReplica,
} from '../support/replica-world.ts';
import { worldStudies } from '../support/sync-world.ts';

/** Three replicas, one real server, one registry. */

const READS = 500;

let redis: RedisServer;
let registry: RegistryStandIn;
const replicas: TestReplica[] = [];
beforeEach(async () => {
  redis = await startRedisServer();
  registry = await startRegistryStandIn({ studies: worldStudies });
});
afterEach(async () => {
  await Promise.all(replicas.splice(0).map(async (replica) => replica.stop()));
  await registry.close();
  await redis.close();
});

const start = async (options: Partial<Parameters<typeof startTestReplica>[0]> = {}): Promise<TestReplica> => {
  const replica = await startTestReplica({ registry, redisUrl: redis.url, ...options });
  replicas.push(replica);
  return replica;
};
const startThree = async (options: Partial<Parameters<typeof startTestReplica>[0]> = {}) => {
  for (let count = 0; count < 3; count++) await start(options);
  await until(() => {
    expect(new Set(replicas.map(({ catalog }) => catalog.current?.snapshot.id)).size).toBe(1);
    expect(replicas.every(isAtRest)).toBe(true);
  });
  return replicas;
};
const roles = (): Role[] => replicas.map(({ replica }) => replica.role).toSorted();
const withRole = (role: Role): TestReplica =>
  replicas.find(({ replica }) => replica.role === role) as TestReplica;
const remove = (replica: TestReplica): void => void replicas.splice(replicas.indexOf(replica), 1);
const versionRequests = (): number =>
  registry.requests.filter(({ path }) => path.endsWith('/version')).length;
const listed = ({ catalog }: TestReplica): number | undefined => catalog.current?.snapshot.trials.length;
const refresh = (studies: readonly unknown[], day = '2026-11-25'): void => {
  registry.setStudies(studies);
  registry.refresh(`${day}T09:00:04`);
};

describe('three replicas', { timeout: 60_000 }, () => {
  test('ask the registry once, and give equal bytes and tags; a cursor walks across them', async () => {
    await startThree();
    expect(roles()).toEqual(['follower', 'follower', 'leader']);
    expect(versionRequests()).toBe(3);
    await until(() => {
      expect(new Set(replicas.map(({ catalog }) => catalog.current?.checkedAt)).size).toBe(1);
    });
    for (const url of [
      '/v1/trials',
      '/v1/trials?ageGroup=child&phase=3',
      '/v1/trials/NCT03959085',
      '/v1/excluded',
      '/v1/quality',
    ])
      for (const encoding of ['identity', 'gzip', 'br']) {
        const answers = await Promise.all(
          replicas.map(async ({ app }) =>
            app.server.inject({ url, headers: { 'accept-encoding': encoding } }),
          ),
        );
        expect(new Set(answers.map(({ headers }) => headers.etag)).size, url).toBe(1);
        expect(new Set(answers.map(({ rawPayload }) => rawPayload.toString('base64'))).size, url).toBe(1);
        expect(answers[0]?.statusCode).toBe(200);
      }
    const seen: string[] = [];
    let url = '/v1/trials?limit=2';
    for (let page = 0; url !== ''; page++) {
      const { app } = replicas[page % 3] as TestReplica;
      const answer = (await app.server.inject(url)).json<{
        data: { nctId: string }[];
        cursors: { next: string | null };
      }>();
      seen.push(...answer.data.map(({ nctId }) => nctId));
      url = answer.cursors.next === null ? '' : `/v1/trials?limit=2&cursor=${answer.cursors.next}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(6);
  });

  test('all learn of a new list at once, and bury alike', async () => {
    await startThree();
    refresh(worldStudies.slice(1));
    expect((await withRole('leader').sync.syncOnce()).result).toBe('published');
    await until(() => {
      expect(new Set(replicas.map(listed))).toEqual(new Set([listed(withRole('leader'))]));
      expect(replicas.map(({ catalog }) => catalog.tombstones.length)).toEqual([1, 1, 1]);
    });
    expect(new Set(replicas.map(({ catalog }) => JSON.stringify(catalog.tombstones))).size).toBe(1);
    expect(new Set(replicas.map(({ sync }) => JSON.stringify(sync.status.journal))).size).toBe(1);
    expect(replicas[0]?.sync.status.journal).toHaveLength(2);
  });

  test('learn of it by looking, when the message is lost', async () => {
    await startThree();
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    refresh(worldStudies.slice(1));
    expect((await withRole('leader').sync.syncOnce()).result).toBe('published');
    await until(() => {
      expect(new Set(replicas.map(({ catalog }) => catalog.current?.snapshot.id)).size).toBe(1);
    });
  });

  test('a leader that dies in the middle of a sync is replaced, and the next one finishes', async () => {
    await startThree();
    const leader = withRole('leader');
    refresh(worldStudies.slice(1));
    registry.faults.add({ kind: 'silence', path: '/studies', times: 1 });
    void leader.sync.syncOnce();
    await until(() => {
      expect(registry.requests.filter(({ path }) => path.endsWith('/studies')).length).toBeGreaterThan(3);
    });
    await leader.kill();
    remove(leader);
    await until(() => {
      expect(roles()).toEqual(['follower', 'leader']);
    });
    expect((await withRole('leader').sync.syncOnce()).result).toBe('published');
    await until(() => {
      expect(new Set(replicas.map(({ catalog }) => catalog.current?.snapshot.id)).size).toBe(1);
    });
  });

  test('a leader that takes over what another has published keeps the lead, and publishes once', async () => {
    const leader = await start();
    await until(() => {
      expect(isAtRest(leader)).toBe(true);
    });
    const version = async (kind: string): Promise<number> =>
      Number(await redis.command('HGET', 'uab-all-trials:{uab-all}:versions', kind));
    // As from a leader before it, in the moment of the change.
    await redis.command('HINCRBY', 'uab-all-trials:{uab-all}:versions', 'memory', '1');
    await leader.replica.meet();
    expect(leader.replica.role).toBe('leader');
    refresh(worldStudies.slice(1));
    expect((await leader.sync.syncOnce()).result).toBe('published');
    const before = await version('memory');
    for (let look = 0; look < 5; look++) await leader.replica.meet();
    expect([await version('memory'), leader.replica.role]).toEqual([before, 'leader']);
  });

  test('one that ends in good order gives the lead up at once', async () => {
    await startThree();
    const leader = withRole('leader');
    await leader.stop();
    remove(leader);
    await until(() => {
      expect(roles()).toEqual(['follower', 'leader']);
    });
  });

  test('a stale leader cannot publish', async () => {
    await startThree();
    const leader = withRole('leader');
    const { versions } = await leader.state.look(true);
    const [, fence] = [0, Number(await redis.command('GET', 'uab-all-trials:{uab-all}:fence'))];
    await redis.command('SET', 'uab-all-trials:{uab-all}:lease', 'another');
    await redis.command('INCR', 'uab-all-trials:{uab-all}:fence');
    const { list } = leader.sync.kept;
    expect(await leader.state.publish('list', list, { fence, known: versions.list })).toEqual({
      result: 'lost',
    });
    refresh(worldStudies.slice(1));
    const before = leader.catalog.current?.snapshot.id;
    expect(await leader.sync.syncOnce()).toMatchObject({ result: 'failed', code: 'lead_lost' });
    expect(leader.catalog.current?.snapshot.id).toBe(before);
  });

  test('what was published over an unknown version is not overwritten', async () => {
    const leader = await start();
    await until(() => {
      expect(isAtRest(leader)).toBe(true);
    });
    const { fence, versions } = await leader.state.look(true);
    const by = { fence: fence ?? 0, known: versions.list - 1 };
    expect(await leader.state.publish('list', leader.sync.kept.list, by)).toEqual({ result: 'lost' });
  });

  test('a held list is known to all, and its agreements outlive the leader', async () => {
    await startThree();
    const before = listed(withRole('leader'));
    refresh(worldStudies.slice(0, 6));
    expect((await withRole('leader').sync.syncOnce()).result).toBe('held');
    await until(() => {
      expect(replicas.map(({ sync }) => sync.status.held?.agreed)).toEqual([1, 1, 1]);
    });
    const leader = withRole('leader');
    await leader.kill();
    remove(leader);
    await until(() => {
      expect(roles()).toEqual(['follower', 'leader']);
    });
    expect(replicas.map(listed)).toEqual([before, before]);
    expect((await withRole('leader').sync.acceptHeld()).result).toBe('published');
    await until(() => {
      expect(new Set(replicas.map(listed))).toEqual(new Set([listed(withRole('leader'))]));
      expect(replicas.map(({ sync }) => sync.status.held)).toEqual([null, null]);
    });
  });

  test('a pause that the registry asked the leader for binds the next one', async () => {
    await startThree();
    registry.faults.add({ kind: 'status', status: 429, retryAfter: '7200', times: 1 });
    expect((await withRole('leader').sync.syncOnce()).result).toBe('failed');
    await until(() => {
      expect(replicas.map(({ sync }) => sync.status.pause?.reason)).toEqual(['busy', 'busy', 'busy']);
    });
    const leader = withRole('leader');
    await leader.kill();
    remove(leader);
    await until(() => {
      expect(roles()).toEqual(['follower', 'leader']);
    });
    const requests = registry.requests.length;
    expect(await withRole('leader').sync.syncOnce()).toMatchObject({ result: 'paused' });
    expect(registry.requests).toHaveLength(requests);
  });

  test('a client is counted on all of them', async () => {
    // Clients are counted by the minute, which must not end here.
    const nowMs = Date.now();
    await startThree({ rateLimitPerMinute: 10, nowMs: () => nowMs });
    const ask = async ({ app }: TestReplica): Promise<number> =>
      (await app.server.inject({ url: '/v1/vocabulary', remoteAddress: '203.0.113.7' })).statusCode;
    const [one, other] = replicas as [TestReplica, TestReplica];
    for (let request = 0; request < 10; request++) expect(await ask(one)).toBe(200);
    // The other alone would let ten through. It learns what the first has seen once it has seen the client, too.
    let asked = 0;
    await expect
      .poll(async () => (asked++ < 10 ? ask(other) : 'never'), { timeout: 15_000, interval: 700 })
      .toBe(429);
    const keys = (await redis.command('KEYS', '*')) as string[];
    const dump = await Promise.all(
      keys
        .filter((key) => key.includes(':clients:'))
        .map(async (key) => JSON.stringify(await redis.command('HGETALL', key))),
    );
    expect(dump.length).toBeGreaterThan(0);
    expect(dump.join('')).not.toContain('203.0.113');
  });

  test('reads touch neither the store nor the registry', async () => {
    await startThree();
    const follower = withRole('follower');
    // All that is sent to the store is sent by scripts.
    const calls = async (): Promise<number> =>
      Number(
        /cmdstat_eval:calls=(\d+)/.exec(String(await redis.command('INFO', 'commandstats')))?.[1] ?? NaN,
      );
    const requests = registry.requests.length;
    const before = await calls();
    const sinceMs = performance.now();
    for (let request = 0; request < READS; request++)
      expect((await follower.app.server.inject(`/v1/trials?age=${request % 90}`)).statusCode).toBe(200);
    const looks = (2 * replicas.length * (performance.now() - sinceMs)) / TIMES.lookEveryMs;
    expect((await calls()) - before).toBeLessThan(READS / 2 + looks);
    expect(registry.requests).toHaveLength(requests);
  });
});
