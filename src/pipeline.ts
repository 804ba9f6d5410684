import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import process from 'node:process';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SETTINGS, type Config } from './config.ts';
import { createSnapshotBuilder } from './catalog/build-snapshot.ts';
import { createCatalog, type Catalog } from './catalog/catalog.ts';
import { createDisk, type Disk } from './catalog/disk.ts';
import { createDiskStore } from './catalog/disk-store.ts';
import { createJudgements, markRuling } from './catalog/keep-judged.ts';
import { markRules } from './catalog/mark-rules.ts';
import { createOperatorRequests, joinRequests } from './catalog/operator-requests.ts';
import { readSample } from './catalog/read-sample.ts';
import { restoreList } from './catalog/restore-list.ts';
import { NO_JUDGED_FILE, type JudgedFile } from './catalog/judged-file.ts';
import { NO_STORE, type CatalogStore } from './catalog/store.ts';
import type { KeptState } from './catalog/knowledge.ts';
import type { RedisLink } from './catalog/shared/redis-link.ts';
import { createReplica, type Replica, type ReplicaEvents } from './catalog/shared/replica.ts';
import { createCountExchange, type SharedCounts } from './catalog/shared/share-counts.ts';
import { createSharedRequests } from './catalog/shared/shared-requests.ts';
import { createSharedState } from './catalog/shared/shared-state.ts';
import { shortHash } from './catalog/short-hash.ts';
import { createSync, type Sync, type SyncEvents } from './catalog/sync.ts';
import { createWriterLock, type WriterLock } from './catalog/writer-lock.ts';
import { checkInstitutionPack, readPackShape } from './read-institution-pack.ts';
import { systemClock, type Clock } from './registry/clock.ts';
import type { RegistryClient } from './registry/registry-client.ts';
import { buildStudyQueries } from './registry/study-query.ts';
import type { StudyQuery } from './registry/walk-studies.ts';
import type { InstitutionPack } from './trials/institution-pack.ts';
import { SNAPSHOT_SOURCE } from './trials/vocabulary.ts';

/** Everything from the registry to the list being served, put together by the settings. */
export interface Pipeline {
  readonly pack: InstitutionPack;
  /** Under which everything is kept and shared. */
  readonly packKey: string;
  readonly catalog: Catalog;
  readonly sync: Sync;
  /** `DATA_DIR` as this process sees it; `null` when nothing is kept on disk. */
  readonly folder: Folder | null;
  /** The other replicas; `null` without `REDIS_URL`. */
  readonly company: { readonly link: RedisLink; readonly replica: Replica } | null;
  /** Begins to sync and, among replicas, to lead or follow. */
  start(counts?: SharedCounts): void;
  /** One line for the operator: where the data came from and how old it is. */
  describeData(): string;
  close(): Promise<void>;
}

export interface Folder {
  readonly disk: Disk;
  readonly lock: WriterLock;
}

/** What an operator should hear of the folder. */
export interface FolderEvents {
  onBadFile?(bad: { name: string; problem: string; quarantined: boolean }): void;
  /** Another process writes in the folder: this one serves, and saves once that one has gone. */
  onFolderBusy?(owner: { pid: number }): void;
}

export type PipelineEvents = SyncEvents & FolderEvents & ReplicaEvents;

/** A start does not wait longer than this for the shared store. */
const WAIT_FOR_STORE_MS = 2_000;

const SAMPLE = new URL('../sample/', import.meta.url);
/** Where this runs from: the source, or `dist` beside it. */
const CODE = { root: fileURLToPath(new URL('../', import.meta.url)), code: basename(import.meta.dirname) };
const MODIFICATIONS_LINK = '/v1/meta';

/**
 * Reads the pack, then the newest list that is saved, or else the bundled sample, so that there is something to
 * serve before the first synchronisation. Nothing is asked of the registry before `sync.start()`.
 * @throws PackUnusable
 */
export async function createPipeline(
  config: Config,
  options: {
    version: string;
    publicUrl: string;
    /** False for a command, which serves nobody. */
    serves?: boolean;
    clock?: Clock;
    events?: PipelineEvents;
  },
): Promise<Pipeline> {
  const { version, publicUrl, serves = true, clock = systemClock, events = {} } = options;
  const pack = await readPackShape(config.INSTITUTION_FILE);
  const packKey = nameOfKept(pack, config.CTGOV_BASE_URL);
  const folder = config.DATA_DIR === '' ? null : openFolder(config.DATA_DIR, { clock, serves });
  const files = folder === null ? null : createStore(folder, packKey, events);
  const ruling = files === null ? null : markRuling(markRules(CODE), pack);
  const judged = ruling === null ? null : ((await files?.readJudged()) ?? null);
  if (judged === null || judged.ruling !== ruling) {
    try {
      checkInstitutionPack(config.INSTITUTION_FILE, pack);
    } catch (error) {
      // Putting a damaged file aside may have taken it.
      await folder?.lock.release();
      throw error;
    }
  }
  let isServing = false;
  // Half of the time at most is a list's in the making: requests come first, once there can be any.
  const rest = async (workedMs: number): Promise<unknown> => (isServing ? delay(workedMs) : setImmediate());
  const buildSnapshot = createSnapshotBuilder(pack, { modifications: MODIFICATIONS_LINK, rest });
  const catalog = createCatalog({ staleAfterMs: config.STALE_AFTER_SECONDS * 1000, clock });
  const contact = publicUrl === '' ? '' : ` (+${publicUrl})`;
  const client = createLateClient(async () => {
    const { createRegistryClient } = await import('./registry/registry-client.ts');
    return createRegistryClient({
      baseUrl: config.CTGOV_BASE_URL,
      userAgent: config.CTGOV_USER_AGENT || `uab-all-trials/${version}${contact}`,
      clock,
    });
  });
  const company =
    config.REDIS_URL === '' ? null : await meetCompany(config.REDIS_URL, { packKey, catalog, clock, events });
  const own = files ?? NO_STORE;
  const judgements = createJudgements({
    file: files ?? NO_JUDGED_FILE,
    ruling,
    kept: judged,
    vocabulary: pack.facets,
    buildSnapshot,
    rest,
  });
  // A disk that fails is told with the first save.
  if (folder !== null && !(await folder.lock.acquire().catch(() => true))) await tellBusy(folder, events);
  const shared = (await company?.replica.readKept()) ?? {};
  const kept: KeptState = {
    list: shared.list ?? (await own.readList()),
    held: shared.held ?? (await own.readHeld()),
    memory: shared.memory ?? (await own.readMemory()),
  };
  const queries = buildStudyQueries(pack);
  const question = describeQuestion(pack, queries);
  const sync = createSync({
    client,
    queries,
    question,
    place: pack.place,
    buildSnapshot,
    catalog,
    store: judgements.wrap(company?.replica.wrap(own) ?? own, catalog),
    kept,
    intervalMs: config.SYNC_INTERVAL_SECONDS * 1000,
    clock,
    events,
    ...(company !== null && { company: company.replica }),
    requests: joinRequests([
      ...(folder === null ? [] : [createOperatorRequests({ ...folder, clock })]),
      ...(company === null ? [] : [createSharedRequests(company.link, { packKey, clock })]),
    ]),
  });
  let exchange: ReturnType<typeof createCountExchange> | null = null;
  const restored = await restoreList(kept, {
    catalog,
    buildSnapshot: judgements.restore,
    question,
    source: shared.list ? 'shared' : 'saved',
  });
  if (!restored && config.BUNDLED_SAMPLE === 'serve') {
    const snapshot = await buildSnapshot(await readSample(SAMPLE));
    catalog.publish({ snapshot, source: 'bundled', checkedAt: null });
  }
  return {
    pack,
    packKey,
    catalog,
    sync,
    folder,
    company,
    start(counts) {
      isServing = true;
      judgements.start();
      if (company !== null) {
        company.replica.start(sync);
        if (counts !== undefined) {
          exchange = createCountExchange({ link: company.link, packKey, counts, clock });
          exchange.start();
        }
      }
      sync.start();
    },
    describeData: () => describeData(catalog),
    async close() {
      await sync.stop();
      await judgements.settled();
      await exchange?.stop();
      await company?.replica.stop();
      company?.link.close();
      await client.close();
      await folder?.lock.release();
    },
  };
}

/** A client that is made when the registry is first asked: a saved list is served without it, perhaps for an hour. */
function createLateClient(create: () => Promise<RegistryClient>): RegistryClient {
  let made: Promise<RegistryClient> | null = null;
  const client = async (): Promise<RegistryClient> => (made ??= create());
  return {
    fetchVersion: async (options) => (await client()).fetchVersion(options),
    walkStudies: async (queries, options) => (await client()).walkStudies(queries, options),
    close: async () => (await made)?.close(),
  };
}

async function meetCompany(
  url: string,
  context: { packKey: string; catalog: Catalog; clock: Clock; events: PipelineEvents },
): Promise<{ link: RedisLink; replica: Replica }> {
  const { packKey, catalog, clock, events } = context;
  // Most have no store, and its client is a fifth of what a start loads.
  const { createRedisLink } = await import('./catalog/shared/redis-link.ts');
  const link = createRedisLink({ url });
  await link.waitUntilReady(WAIT_FOR_STORE_MS);
  const state = createSharedState({ link, packKey, id: randomUUID() });
  const hasList = (): boolean => catalog.served !== null;
  return { link, replica: createReplica({ link, state, clock, hasList, events }) };
}

function openFolder(path: string, owner: { clock: Clock; serves: boolean }): Folder {
  const disk = createDisk(path);
  return { disk, lock: createWriterLock({ ...owner, disk, pid: process.pid }) };
}

function createStore(
  { disk, lock }: Folder,
  packKey: string,
  events: FolderEvents,
): CatalogStore & JudgedFile {
  return createDiskStore({ disk, lock, packKey, onBadFile: (bad) => events.onBadFile?.(bad) });
}

async function tellBusy({ lock }: Folder, events: FolderEvents): Promise<void> {
  const owner = await lock.findOwner();
  if (owner !== null) events.onFolderBusy?.(owner);
}

/** What is kept of another registry, such as a stand-in, is never taken for what the registry said. */
function nameOfKept({ key }: InstitutionPack, baseUrl: string): string {
  if (baseUrl === SETTINGS.CTGOV_BASE_URL.default) return key;
  return `${key}-${shortHash(baseUrl).slice(0, 8)}`;
}

/** Which pack decides what belongs, and what the registry is asked under it (see `isSamePack`). */
function describeQuestion(
  { key, condition, place, sites }: InstitutionPack,
  queries: readonly StudyQuery[],
): string {
  const hash = (value: unknown): string => shortHash(JSON.stringify(value));
  const deciding = sites.map(({ key: site, kind, patterns, loosePatterns }) => [
    site,
    kind,
    patterns,
    loosePatterns,
  ]);
  return `${hash([key, condition, place, deciding])}.${hash(queries)}`;
}

function describeData(catalog: Catalog): string {
  const edition = catalog.current;
  if (edition === null) return 'No list yet: waiting for the first synchronisation.';
  const { snapshot, source, checkedAt } = edition;
  const age = checkedAt === null ? 'never checked; a sample, not the current list' : `checked ${checkedAt}`;
  return `${snapshot.trials.length} trials from: ${SNAPSHOT_SOURCE[source].label.toLowerCase()}, data of ${snapshot.sourceDataTimestamp ?? 'unknown day'}, ${age}.`;
}
