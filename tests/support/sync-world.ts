import { setImmediate } from 'node:timers/promises';
import { createCatalog, type Catalog } from '../../src/catalog/catalog.ts';
import { createDiskStore } from '../../src/catalog/disk-store.ts';
import type { OperatorRequest } from '../../src/catalog/operator-requests.ts';
import { restoreList } from '../../src/catalog/restore-list.ts';
import { createSync, type Sync, type SyncEvents } from '../../src/catalog/sync.ts';
import type { SyncOutcome } from '../../src/catalog/sync-outcome.ts';
import type { SyncState } from '../../src/catalog/sync-state.ts';
import { createRegistryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { buildStudyQueries } from '../../src/registry/study-query.ts';
import { FREE_LOCK } from './free-lock.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import { startRegistryStandIn, type RegistryStandIn } from './registry-stand-in.ts';
import { buildSnapshot, pack, sampleHarvest } from './sample.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';

export const START = Date.parse('2026-11-24T12:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Enough of the sample to be a list, and few enough to be judged in a moment. */
const LISTED =
  /^NCT0(?:3959085|3914625|3876769|5521087|5886491|2981628|5602194|3007147|6317662|0898755|3739814|2535364)$/;
export const worldStudies: readonly unknown[] = sampleHarvest.studies.flatMap(({ nctId, study }) =>
  LISTED.test(nctId ?? '') ? [study] : [],
);

/** One process: what it remembers and serves is gone with it, what is on the disk is not. */
export interface SyncProcess {
  readonly catalog: Catalog;
  readonly sync: Sync;
  readonly client: RegistryClient;
  readonly transitions: [SyncState, SyncState][];
  readonly outcomes: SyncOutcome[];
  readonly saveFailures: unknown[];
  readonly badFiles: string[];
  readonly answers: SyncOutcome[];
  /** What an operator asks for next. */
  request: OperatorRequest['action'] | null;
  /** Ends it without a word, as SIGKILL does: what it still does changes nothing. */
  kill(): Promise<void>;
}

interface ProcessOptions {
  readonly intervalMs?: number;
  readonly question?: string;
}

/** A registry, a disk and a clock that outlive processes. */
export interface SyncWorld {
  readonly registry: RegistryStandIn;
  readonly disk: MemoryDisk;
  readonly clock: SteppedClock;
  start(options?: ProcessOptions): Promise<SyncProcess>;
  /** A service that has synced once and waits. */
  startService(options?: ProcessOptions): Promise<SyncProcess>;
  /** Lets a process that was started run on until it waits. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function createSyncWorld(studies: readonly unknown[] = worldStudies): Promise<SyncWorld> {
  const registry = await startRegistryStandIn({ studies });
  const disk = createMemoryDisk();
  const processes: SyncProcess[] = [];
  const settle = async (): Promise<void> => {
    do await setImmediate();
    while (clock.sleepers === 0 && processes.some(({ sync }) => isRunning(sync)));
  };
  const clock = createSteppedClock(START, settle);
  const start = async (given: ProcessOptions = {}): Promise<SyncProcess> => {
    const { intervalMs = HOUR, question = 'pack.queries' } = given;
    const made = await createProcess({ registry, disk, clock, intervalMs, question });
    processes.push(made);
    return made;
  };
  return {
    registry,
    disk,
    clock,
    settle,
    start,
    async startService(given) {
      const service = await start(given);
      service.sync.start();
      await settle();
      await clock.advance(MINUTE);
      return service;
    },
    async close() {
      for (const one of processes) await one.kill();
      await registry.close();
    },
  };
}

const isRunning = ({ status }: Sync): boolean => !['idle', 'waiting', 'held'].includes(status.state);

async function createProcess(world: {
  registry: RegistryStandIn;
  disk: MemoryDisk;
  clock: SteppedClock;
  intervalMs: number;
  question: string;
}): Promise<SyncProcess> {
  const { registry, disk, clock, intervalMs, question } = world;
  const client = createRegistryClient({
    baseUrl: registry.baseUrl,
    userAgent: 'test/1',
    clock,
    random: () => 0,
  });
  const catalog = createCatalog({ staleAfterMs: 6 * HOUR, clock });
  let dead = false;
  const badFiles: string[] = [];
  const store = createDiskStore({
    disk,
    packKey: pack.key,
    // A dead process has no lock, so that nothing it still does reaches the disk.
    lock: { ...FREE_LOCK, acquire: async () => !dead },
    onBadFile: ({ name, problem }) => badFiles.push(`${name}: ${problem}`),
  });
  const kept = {
    list: await store.readList(),
    held: await store.readHeld(),
    memory: await store.readMemory(),
  };
  const transitions: [SyncState, SyncState][] = [];
  const outcomes: SyncOutcome[] = [];
  const saveFailures: unknown[] = [];
  const answers: SyncOutcome[] = [];
  const events: SyncEvents = {
    onTransition: (from, to) => transitions.push([from, to]),
    onOutcome: (outcome) => outcomes.push(outcome),
    onSaveFailed: (error) => saveFailures.push(error),
  };
  const made: SyncProcess = {
    catalog,
    client,
    transitions,
    outcomes,
    saveFailures,
    badFiles,
    answers,
    request: null,
    sync: createSync({
      client,
      queries: buildStudyQueries(pack),
      question,
      place: pack.place,
      buildSnapshot,
      catalog,
      store,
      kept,
      intervalMs,
      clock,
      random: () => 0.5,
      events,
      requests: {
        async take() {
          const action = made.request;
          made.request = null;
          return action === null ? null : { id: '', action, at: '' };
        },
        report: async () => undefined,
        answer: async (_request, outcome) => void answers.push(outcome),
      },
    }),
    async kill() {
      dead = true;
      await made.sync.stop();
      await client.close();
    },
  };
  await restoreList(kept, { catalog, buildSnapshot, question, source: 'saved' });
  return made;
}
