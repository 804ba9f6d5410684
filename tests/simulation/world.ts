import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { LightMyRequestResponse } from 'fastify';
import { buildApp, type App } from '../../src/app.ts';
import type { SnapshotBuilder } from '../../src/catalog/build-snapshot.ts';
import { createCatalog, type Catalog } from '../../src/catalog/catalog.ts';
import { createDiskStore } from '../../src/catalog/disk-store.ts';
import { restoreList } from '../../src/catalog/restore-list.ts';
import type { Snapshot } from '../../src/catalog/snapshot.ts';
import { createSync, type Sync } from '../../src/catalog/sync.ts';
import { createRegistryClient } from '../../src/registry/registry-client.ts';
import { buildStudyQueries } from '../../src/registry/study-query.ts';
import { APP_DEFAULTS } from '../support/app-defaults.ts';
import { createMemoryDisk } from '../support/memory-disk.ts';
import { buildSnapshot, pack } from '../support/sample.ts';
import { createSteppedClock, type SteppedClock } from '../support/stepped-clock.ts';
import { createMadeUpRegistry, type MadeUpRegistry } from './made-up-registry.ts';
import { createMortalDisk, type MortalDisk } from './mortal-disk.ts';
import type { Step } from './plan.ts';
import { createRandom } from './random.ts';
import { createWatchList, type WatchList } from './watch-list.ts';
import { createWatchReads, type WatchReads } from './watch-reads.ts';
import { createWatchUpstream, type WatchUpstream } from './watch-upstream.ts';

const START = Date.parse('2026-11-24T12:00:00Z');
const SECOND = 1_000;
const HOUR = 3_600_000;
const STALE_AFTER_MS = 6 * HOUR;
/** The loop's own wait is slept in pieces of this length. */
const WAKE_MS = 2_100;
/** The interval with its jitter, an open circuit with its, and time for a sync: nothing takes longer to begin. */
const LONGEST_SILENCE_MS = 75 * 60_000;

/** One process: the real parts of the service over the world's clock, disk and registry. */
interface Life {
  readonly number: number;
  readonly startedMs: number;
  readonly app: App;
  readonly catalog: Catalog;
  readonly sync: Sync;
  readonly disk: MortalDisk;
  alive: boolean;
  /** It died in the middle of a save and is to be buried. */
  died: { powerLoss: boolean; downMs: number; atMs: number } | null;
  saveFailedMs: number;
  saveFailed: boolean;
  publishedMs: number;
  request: 'sync' | 'accept' | null;
  /** The list is at least as old as if it had been confirmed then; monotonic. */
  confirmedMs: number;
}

export interface Figures {
  steps: number;
  reads: number;
  restarts: number;
  kills: number;
  published: number;
  held: number;
  requests: number;
  mostInHour: number;
  readonly outcomes: Record<string, number>;
  days: number;
}

/** A registry, a disk and a clock, one process after the other, and everybody who watches them. */
export interface World {
  readonly clock: SteppedClock;
  readonly registry: MadeUpRegistry;
  readonly life: Life;
  take(step: Step): Promise<void>;
  get(url: string): Promise<LightMyRequestResponse>;
  /** The first thing that was wrong, if anything was. */
  readonly problem: string | null;
  readonly figures: Figures;
  close(): Promise<void>;
}

const RESTS: ReadonlySet<string> = new Set(['idle', 'waiting', 'held']);
const isResting = ({ status }: Sync): boolean => RESTS.has(status.state);

export async function createWorld(seed: number): Promise<World> {
  const random = createRandom(seed ^ 0x5eed);
  const disk = createMemoryDisk();
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const outcomes: Record<string, number> = {};
  let building = 0;
  let lives = 0;
  let restarts = 0;
  let kills = 0;
  let failingShare = 0;
  let wallMoved = false;
  let life: Life;
  const meanwhile: Promise<void>[] = [];
  /** Judging rests between studies, for readers and not for a clock. */
  const isBuilding = (): boolean =>
    building > 0 || (life?.alive && life.died === null && life.sync.status.state === 'judging');

  const settle = async (): Promise<void> => {
    do await setImmediate();
    while (isBuilding());
    await setImmediate();
  };
  const clock = createSteppedClock(START, settle);
  const upstream: WatchUpstream = createWatchUpstream(clock, report);
  const list: WatchList = createWatchList(clock, report);
  const registry = createMadeUpRegistry({ clock, random, door: upstream });

  const get = async (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
    life.app.server.inject({ method: 'GET', url, headers });
  const reads: WatchReads = createWatchReads({
    clock,
    report,
    get,
    served: () => list.served,
    numbers: () => registry.numbers,
    mustBeStale: () => {
      const byWallMs = clock.nowMs() - (list.served?.confirmedWallMs ?? Infinity);
      const byMonotonicMs = clock.monotonicMs() - life.confirmedMs;
      return byWallMs > STALE_AFTER_MS || byMonotonicMs > STALE_AFTER_MS;
    },
  });

  const build: SnapshotBuilder = async (harvest) => {
    building++;
    try {
      if (life?.alive && random.next() < 0.1) meanwhile.push(reads.readMeanwhile());
      const snapshot: Snapshot = await buildSnapshot(harvest);
      list.onBuilt(snapshot);
      return snapshot;
    } finally {
      building--;
    }
  };

  const setDiskFault = (share: number): void => {
    failingShare = share;
    disk.fail = () => {
      if (failingShare > 0 && random.next() < failingShare)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
  };

  const beginLife = async (): Promise<void> => {
    upstream.allow();
    const number = ++lives;
    list.begin(number);
    const mortal = createMortalDisk(disk);
    const catalog = createCatalog({ staleAfterMs: STALE_AFTER_MS, clock });
    const watched = watchCatalog(catalog, () => made);
    const store = createDiskStore({
      disk: mortal,
      packKey: pack.key,
      lock: {
        acquire: async () => made.alive,
        findOwner: async () => null,
        release: async () => undefined,
      },
      onBadFile: ({ name, problem }) => report(`a saved file could not be read: ${name}, ${problem}`),
    });
    const kept = {
      list: await store.readList(),
      held: await store.readHeld(),
      memory: await store.readMemory(),
    };
    const sync = createSync({
      client: createRegistryClient({
        baseUrl: 'http://registry.invalid/',
        userAgent: 'simulation/1',
        clock,
        random: random.next,
        limits: { pageSize: 5 },
        dispatcher: registry.connect(number, () => made.alive),
      }),
      queries: buildStudyQueries(pack),
      question: 'one pack.one question',
      place: pack.place,
      buildSnapshot: build,
      catalog: watched,
      store,
      kept,
      intervalMs: HOUR,
      clock,
      random: random.next,
      requests: {
        async take() {
          const action = made.request;
          made.request = null;
          if (action === 'accept') list.onAcceptAsked();
          return action === null ? null : { id: '', action, at: '' };
        },
        report: async () => undefined,
        answer: async () => undefined,
      },
      events: {
        onTransition: (from, to) => onTransition(made, from, to),
        onOutcome: (outcome) =>
          count(outcome.result === 'failed' ? `failed ${outcome.code}` : outcome.result),
        onSaveFailed: () => {
          made.saveFailed = true;
          made.saveFailedMs = clock.monotonicMs();
        },
      },
    });
    const app = await buildApp({
      ...APP_DEFAULTS,
      catalog,
      sync,
      nowMs: () => clock.nowMs(),
    });
    await app.server.ready();
    const made: Life = {
      number,
      startedMs: clock.monotonicMs(),
      app,
      catalog,
      sync,
      disk: mortal,
      alive: true,
      died: null,
      saveFailedMs: -Infinity,
      saveFailed: false,
      publishedMs: -Infinity,
      request: null,
      confirmedMs: clock.monotonicMs(),
    };
    life = made;
    await restoreList(kept, {
      catalog: watched,
      buildSnapshot: build,
      question: 'one pack.one question',
      source: 'saved',
    });
    list.checkRestored();
    sync.start();
    await settle();
  };

  const watchCatalog = (catalog: Catalog, lifeOf: () => Life): Catalog => {
    const publish = catalog.publish.bind(catalog);
    const confirm = catalog.confirm.bind(catalog);
    catalog.publish = (edition, options) => {
      const made = lifeOf();
      if (!made.alive) return;
      publish(edition, options);
      if (edition.source === 'registry') {
        list.onPublish(edition);
        made.publishedMs = clock.monotonicMs();
        made.confirmedMs = list.votedMs;
      } else {
        list.onRestored(edition);
        const ageMs = clock.nowMs() - (list.served?.confirmedWallMs ?? clock.nowMs());
        made.confirmedMs = clock.monotonicMs() - Math.max(0, ageMs);
      }
    };
    catalog.confirm = (checkedAt) => {
      const made = lifeOf();
      if (!made.alive) return;
      confirm(checkedAt);
      if (catalog.current === null) return;
      list.onConfirmed(catalog.current);
      made.confirmedMs = upstream.versionToldMs;
      if (catalog.isStale(catalog.current)) report('a list is stale right after it was confirmed');
    };
    return catalog;
  };

  const onTransition = (made: Life, from: string, to: string): void => {
    if (!made.alive) return;
    list.onTransition(from, to);
    if (to === 'checking' || (to === 'publishing' && from !== 'judging')) made.saveFailed = false;
    // Every rest is entered after the save, but for that of a list that has just been held.
    const saved = RESTS.has(to) && !RESTS.has(from) && !(from === 'judging' && to === 'held');
    if (saved && !made.saveFailed && made.died === null) list.onSaved();
  };
  const count = (result: string): void => {
    outcomes[result] = (outcomes[result] ?? 0) + 1;
  };

  const advance = async (durationMs: number): Promise<void> => {
    const untilMs = clock.monotonicMs() + durationMs;
    for (let leftMs = durationMs; leftMs > 0; leftMs = untilMs - clock.monotonicMs()) {
      await clock.advance(Math.min(leftMs, WAKE_MS));
      await Promise.all(meanwhile.splice(0));
      if (life.died !== null) await endByDeath(life.died);
      if (wallMoved) {
        wallMoved = false;
        continue;
      }
      skipSleep(untilMs);
      if (problems.length > 0) return;
    }
    checkAlive();
  };

  /** Nothing happens until the next attempt but that the loop looks whether there is something to do. */
  const skipSleep = (untilMs: number): void => {
    const { nextAttemptAt } = life.sync.status;
    if (!isResting(life.sync) || nextAttemptAt === null || life.request !== null) return;
    const dueMs = Date.parse(nextAttemptAt) - clock.nowMs();
    const skippedMs = Math.min(dueMs, untilMs - clock.monotonicMs()) - 2 * WAKE_MS;
    if (skippedMs > 10 * SECOND) clock.sleepThrough(skippedMs);
  };

  const checkAlive = (): void => {
    if (clock.sleepers === 0) report('the sync has stopped waiting');
    // An accepted list starts the wait anew, like one from the registry.
    const sinceMs = Math.max(
      upstream.lastRequestMs,
      life.startedMs,
      life.publishedMs,
      upstream.pause?.untilMs ?? 0,
    );
    if (life.sync.status.pause === null && clock.monotonicMs() - sinceMs > LONGEST_SILENCE_MS)
      report(`no sync for ${Math.round((clock.monotonicMs() - sinceMs) / 60_000)} minutes`);
  };

  const restart = async (downMs: number): Promise<void> => {
    restarts++;
    life.app.announceStop();
    await life.sync.stop();
    await endLife({ powerLoss: false, downMs, atMs: Infinity });
  };
  const kill = async (how: { powerLoss: boolean; downMs: number }): Promise<void> => {
    kills++;
    await endLife({ ...how, atMs: Infinity });
  };
  const endByDeath = async (how: { powerLoss: boolean; downMs: number; atMs: number }): Promise<void> => {
    kills++;
    await endLife(how);
  };

  const endLife = async (how: { powerLoss: boolean; downMs: number; atMs: number }): Promise<void> => {
    life.alive = false;
    life.disk.die();
    await life.sync.stop();
    await life.app.server.close();
    upstream.endLife();
    if (how.powerLoss) {
      disk.crash();
      setDiskFault(failingShare);
    }
    checkFiles(disk.files, report);
    checkPauseKept(how.atMs);
    clock.sleepThrough(how.downMs);
    await beginLife();
  };

  /**
   * A pause outlives its process, unless it could not be written down: the disk was full since, or the process died
   * in the very save that was to keep it.
   */
  const checkPauseKept = (diedMs: number): void => {
    const { pause } = upstream;
    if (pause === null || pause.life !== life.number || pause.untilMs <= clock.monotonicMs()) return;
    const memory = disk.files.get(`sync-${pack.key}.json`)?.toString('utf8').split('\n')[1] ?? '{}';
    const saved = (JSON.parse(memory) as { pause?: { until: string } | null }).pause ?? null;
    if (saved !== null && Date.parse(saved.until) >= Math.floor(pause.untilWallMs)) return;
    if (life.saveFailedMs < pause.atMs && diedMs > pause.atMs)
      report('a pause was not on the disk at the end');
    upstream.forgetPause();
  };

  const askSync = async (callers: number): Promise<void> => {
    upstream.allow();
    const results = Array.from({ length: callers }, async () => life.sync.syncOnce());
    void (async () => {
      try {
        const [first, ...others] = await Promise.all(results);
        count(`asked ${first?.result ?? ''}`);
        if (others.some((one) => one !== first && one.result !== 'paused'))
          report('callers at once had syncs of their own');
      } catch (error) {
        report(`a sync threw: ${String(error)}`);
      }
    })();
    await settle();
  };

  const take = async (step: Step): Promise<void> => {
    switch (step.kind) {
      case 'advance':
        return advance(step.ms);
      case 'sync':
        return askSync(step.callers);
      case 'operator':
        upstream.allow();
        life.request = step.action;
        return undefined;
      case 'fault':
        return registry.setFault(step.fault);
      case 'no_fault':
        return registry.setFault(null);
      case 'registry':
        return registry.change(step.change, step.pick);
      case 'wall_jump':
        wallMoved = true;
        return clock.jump(step.ms);
      case 'read':
        return reads.read(step.what, step.pick);
      case 'walk':
        return reads.walk(step.fresh);
      case 'restart':
        return restart(step.downMs);
      case 'kill':
        return kill(step);
      case 'kill_in_save': {
        const made = life;
        made.disk.dieAfter(step.diskSteps, () => {
          made.alive = false;
          made.died = { ...step, atMs: clock.monotonicMs() };
        });
        return undefined;
      }
      case 'disk':
        return setDiskFault(step.failingShare);
      default:
        return step satisfies never;
    }
  };

  setDiskFault(0);
  await beginLife();
  return {
    clock,
    registry,
    get life() {
      return life;
    },
    async take(step) {
      await take(step);
      if (life.died !== null) await endByDeath(life.died);
    },
    get,
    get problem() {
      return problems[0] ?? null;
    },
    get figures() {
      return {
        steps: 0,
        reads: reads.reads,
        restarts,
        kills,
        published: list.published,
        held: list.held,
        requests: upstream.requests,
        mostInHour: upstream.mostInHour,
        outcomes,
        days: Math.round(clock.monotonicMs() / (24 * HOUR)),
      };
    },
    async close() {
      life.alive = false;
      await life.sync.stop();
      await life.app.server.close();
    },
  };
}

/** Every file under its own name is whole by its own checksum; only temporary ones may be cut off. */
function checkFiles(files: ReadonlyMap<string, Buffer>, report: (problem: string) => void): void {
  for (const [name, bytes] of files) {
    if (name.startsWith('.')) continue;
    const end = bytes.indexOf(0x0a);
    const body = bytes.subarray(end + 1);
    try {
      const { sha256, kind, packKey } = JSON.parse(bytes.subarray(0, end).toString('utf8')) as Record<
        string,
        string
      >;
      const sum = createHash('sha256')
        .update(JSON.stringify([kind, packKey]))
        .update(body)
        .digest('hex');
      if (sum === sha256) continue;
    } catch {
      // Said below: whatever is wrong with it, it is not whole.
    }
    report(`${name} is not whole on the disk`);
  }
}
