import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createBalancer, HEALTH_EVERY_MS } from './support/balancer.ts';
import { startRegistryStandIn } from './support/registry-stand-in.ts';
import { sampleStudies } from './support/sample.ts';
import { runCommand, startServiceProcess, type ServiceProcess } from './support/service-process.ts';

const REPLICAS = 3;
const CLIENTS = 8;
const PATHS = [
  '/v1/trials?ageGroup=child&phase=3',
  '/v1/trials?limit=5',
  '/v1/trials/NCT03959085',
  '/v1/vocabulary',
];

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

test(
  'three replicas are restarted in turn under load and no request fails',
  { timeout: 120_000 },
  async () => {
    const registry = await startRegistryStandIn({ studies: sampleStudies });
    const folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
    cleanups.push(async () => rm(folder, { recursive: true }));
    const first = join(folder, '0');
    await runCommand('src/sync-once.ts', [], { CTGOV_BASE_URL: registry.baseUrl, DATA_DIR: first });
    // From here on the registry is down: what is served is the saved list, the same everywhere.
    await registry.close();
    const start = async (replica: number, port = '0'): Promise<ServiceProcess> =>
      startServiceProcess({
        CTGOV_BASE_URL: registry.baseUrl,
        DATA_DIR: join(folder, String(replica)),
        PUBLIC_URL: 'https://trials.example',
        BUNDLED_SAMPLE: 'refuse',
        RATE_LIMIT_PER_MINUTE: '0',
        PORT: port,
      });
    const replicas: ServiceProcess[] = [];
    cleanups.push(async () => Promise.all(replicas.map(async (replica) => replica.stop())));
    for (let replica = 0; replica < REPLICAS; replica++) {
      if (replica > 0) await cp(first, join(folder, String(replica)), { recursive: true });
    }
    for (let replica = 0; replica < REPLICAS; replica++) replicas.push(await start(replica));
    const portOf = (replica: number): string => String(replicas[replica]?.port);
    const balancer = createBalancer(replicas.map(({ port }) => `http://127.0.0.1:${port}`));
    cleanups.push(async () => balancer.close());

    const traffic = { isOver: false };
    let answers = 0;
    const failures: string[] = [];
    const tags = new Map<string, Set<string>>();
    const client = async (index: number): Promise<void> => {
      for (let request = index; !traffic.isOver; request++) {
        const path = PATHS[request % PATHS.length] ?? '/';
        try {
          const { statusCode, headers, body } = await balancer.request(path);
          await body.dump();
          if (statusCode === 200) answers++;
          else failures.push(`${statusCode} ${path}`);
          tags.set(path, (tags.get(path) ?? new Set()).add(String(headers['etag'])));
        } catch (error) {
          failures.push(`${(error as Error).message} ${path}`);
        }
      }
    };
    const load = Promise.all(Array.from({ length: CLIENTS }, async (_, index) => client(index)));
    for (let replica = 0; replica < REPLICAS; replica++) {
      const port = portOf(replica);
      expect(await replicas[replica]?.stop('SIGTERM')).toBe(0);
      replicas[replica] = await start(replica, port);
      while (!balancer.isReady(replica)) await delay(HEALTH_EVERY_MS);
    }
    traffic.isOver = true;
    await load;
    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThan(1_000);
    expect([...tags.values()].map(({ size }) => size)).toEqual(PATHS.map(() => 1));
  },
);
