import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { buildApp, type App } from '../../src/app.ts';
import { createCatalog, type Catalog } from '../../src/catalog/catalog.ts';
import type { ROLES } from '../../src/catalog/company.ts';
import { createDiskStore } from '../../src/catalog/disk-store.ts';
import { restoreList } from '../../src/catalog/restore-list.ts';
import { createRedisLink } from '../../src/catalog/shared/redis-link.ts';
import { createReplica, type Replica } from '../../src/catalog/shared/replica.ts';
import { createCountExchange } from '../../src/catalog/shared/share-counts.ts';
import { createSharedRequests } from '../../src/catalog/shared/shared-requests.ts';
import { createSharedState, type SharedState } from '../../src/catalog/shared/shared-state.ts';
import { createSync, type Sync } from '../../src/catalog/sync.ts';
import type { SyncOutcome } from '../../src/catalog/sync-outcome.ts';
import { systemClock } from '../../src/registry/clock.ts';
import { createRegistryClient } from '../../src/registry/registry-client.ts';
import { buildStudyQueries } from '../../src/registry/study-query.ts';
import { APP_DEFAULTS } from './app-defaults.ts';
import { FREE_LOCK } from './free-lock.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import type { RegistryStandIn } from './registry-stand-in.ts';
import { buildSnapshot, pack } from './sample.ts';

/** Short enough for a test, long enough for a busy machine. */
export const TIMES = {
  lookEveryMs: 100,
  leaseMs: 2_500,
  leaseMarginMs: 300,
  aloneAfterMs: 3_500,
  aloneWithoutListAfterMs: 500,
} as const;

/** A whole process in this one: all it shares with the others is the store and the registry. */
export interface TestReplica {
  readonly catalog: Catalog;
  readonly sync: Sync;
  readonly replica: Replica;
  readonly state: SharedState;
  readonly app: App;
  readonly disk: MemoryDisk;
  readonly outcomes: SyncOutcome[];
  readonly badShared: string[];
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Ends it without a word: the lease is left to run out. */
  kill(): Promise<void>;
}

export async function startTestReplica(options: {
  registry: RegistryStandIn;
  redisUrl: string;
  intervalMs?: number;
  disk?: MemoryDisk;
  rateLimitPerMinute?: number;
  /** What the clock on the wall says to the service. */
  nowMs?: () => number;
}): Promise<TestReplica> {
  const { registry, redisUrl, intervalMs = 3_600_000, disk = createMemoryDisk() } = options;
  const clock = systemClock;
  const catalog = createCatalog({ staleAfterMs: 6 * 3_600_000, clock });
  const client = createRegistryClient({
    baseUrl: registry.baseUrl,
    userAgent: 'test/1',
    limits: { spacingMs: 0, requestMs: 2_000, retries: 0 },
  });
  const link = createRedisLink({
    url: redisUrl,
    limits: {
      longestReconnectMs: 200,
      connectMs: 500,
      commandMs: 600,
      silentMs: 1_500,
      pingEveryMs: 500,
    },
  });
  await link.waitUntilReady(1_000);
  const state = createSharedState({ link, packKey: pack.key, id: randomUUID(), leaseMs: TIMES.leaseMs });
  const badShared: string[] = [];
  const replica = createReplica({
    link,
    state,
    clock,
    hasList: () => catalog.current !== null,
    times: TIMES,
    events: { onBadShared: (kind, problem) => badShared.push(`${kind}: ${problem}`) },
  });
  const own = createDiskStore({
    disk,
    packKey: pack.key,
    lock: FREE_LOCK,
    onBadFile: () => undefined,
  });
  const shared = await replica.readKept();
  const kept = {
    list: shared.list ?? (await own.readList()),
    held: shared.held ?? (await own.readHeld()),
    memory: shared.memory ?? (await own.readMemory()),
  };
  const outcomes: SyncOutcome[] = [];
  const question = 'pack.queries';
  const sync = createSync({
    client,
    queries: buildStudyQueries(pack),
    question,
    place: pack.place,
    buildSnapshot,
    catalog,
    store: replica.wrap(own),
    kept,
    intervalMs,
    clock,
    company: replica,
    requests: createSharedRequests(link, { packKey: pack.key, clock }),
    events: { onOutcome: (outcome) => outcomes.push(outcome) },
  });
  await restoreList(kept, { catalog, buildSnapshot, question, source: shared.list ? 'shared' : 'saved' });
  const app = await buildApp({
    ...APP_DEFAULTS,
    catalog,
    sync,
    rateLimitPerMinute: options.rateLimitPerMinute ?? 0,
    nowMs: options.nowMs ?? Date.now,
  });
  await app.server.ready();
  const exchange = createCountExchange({ link, packKey: pack.key, counts: app.clientCounts, clock });
  replica.start(sync);
  exchange.start();
  sync.start();
  const end = async (): Promise<void> => {
    await exchange.stop();
    await sync.stop();
    await replica.stop();
    link.close();
    await client.close();
    await app.server.close();
  };
  return {
    catalog,
    sync,
    replica,
    state,
    app,
    disk,
    outcomes,
    badShared,
    stop: end,
    async kill() {
      link.close();
      await end();
    },
  };
}

/** Serves what is shared, and does nothing else: a sync that is asked for now is one of its own. */
export const isAtRest = ({ catalog, sync }: TestReplica): boolean =>
  catalog.current?.source === 'shared' && sync.status.state === 'waiting';

/** Waits for what happens between processes; long, because the machine may be busy. */
export const until = async (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 15_000, interval: 20 });

export type Role = (typeof ROLES)[number];
