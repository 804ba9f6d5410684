import type { Clock } from '../registry/clock.ts';
import type { RegistryClient, RequestHooks } from '../registry/registry-client.ts';
import { buildFollowUpQueries, FOLLOW_UP } from '../registry/study-query.ts';
import { readAliases } from '../registry/study.ts';
import type { StudyQuery, WalkProgress } from '../registry/walk-studies.ts';
import type { PackPlace } from '../trials/institution-pack.ts';
import { circuitAfter, createWaiting, waitAfterFailures, type CircuitState } from './back-off.ts';
import type { Harvest, SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { findGuardReasons } from './guards.ts';
import { createHolding, reviveHeld, type Candidate } from './holding.ts';
import { mendHarvest, trimHarvest } from './keep-harvest.ts';
import type { OperatorRequests } from './operator-requests.ts';
import type { Snapshot } from './snapshot.ts';
import type { CatalogStore, HeldList, Pause, SavedList, SyncMemory } from './store.ts';
import { codeOfFailure, refuseUnreadable, type SyncFailureCode } from './sync-failure.ts';
import type { SyncOutcome } from './sync-outcome.ts';
import { createSyncState, type SyncState } from './sync-state.ts';
import type { Whereabouts } from './tombstones.ts';

/** What `/health/ready` and `/v1/meta` say of the sync; times are ISO 8601. */
export interface SyncStatus {
  readonly state: SyncState;
  readonly lastAttemptAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly lastError: { readonly code: SyncFailureCode; readonly at: string } | null;
  readonly nextAttemptAt: string | null;
  /** Failures in a row. */
  readonly failures: number;
  readonly circuit: CircuitState;
  /** The registry asked not to be asked until then. */
  readonly pause: Pause | null;
  readonly held: HeldList | null;
}

export interface Sync {
  readonly status: SyncStatus;
  /** One synchronisation now; calls during a running one share it. A pause that the registry asked for is kept. Never throws. */
  syncOnce(): Promise<SyncOutcome>;
  /** Publishes the list that a guard holds back. Never throws. */
  acceptHeld(): Promise<SyncOutcome>;
  /** Syncs now and then on, until stopped. */
  start(): void;
  /** Ends what is under way, a request to the registry included, and keeps what it knows. */
  stop(): Promise<void>;
}

/** Everything worth a metric or a line in a log. */
export interface SyncEvents {
  onTransition?(from: SyncState, to: SyncState): void;
  onOutcome?(outcome: SyncOutcome): void;
  onSaveFailed?(error: unknown): void;
  onRegistryRequest?(): void;
  onRegistryPause?(reason: Pause['reason'], durationMs: number): void;
  onPage?(progress: WalkProgress): void;
}

/** What an earlier process left. */
export interface KeptState {
  readonly list: SavedList | null;
  readonly held: HeldList | null;
  readonly memory: SyncMemory;
}

export interface SyncOptions {
  readonly client: RegistryClient;
  readonly queries: readonly StudyQuery[];
  /** Equal for equal packs and queries: lists under different ones are not compared. */
  readonly question: string;
  readonly place: PackPlace;
  readonly buildSnapshot: SnapshotBuilder;
  readonly catalog: Catalog;
  readonly store: CatalogStore;
  readonly kept: KeptState;
  /** 0 = only at the start, and after it until it has worked once. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random?: () => number;
  readonly requests?: OperatorRequests;
  readonly events?: SyncEvents;
}

const JITTER = 0.1;
/** A wait is slept in pieces, to notice an operator's request and that the machine itself has slept. */
const WAKE_EVERY_MS = 2_000;

/** Keeps the catalog current: asks for the version, walks when it has changed, judges, publishes or holds, waits. */
export function createSync(options: SyncOptions): Sync {
  const { client, catalog, clock, store, question, random = Math.random, events = {}, kept } = options;
  const stopping = new AbortController();
  const state = createSyncState((from, to) => events.onTransition?.(from, to));
  const holding = createHolding({ clock, question, held: findHeld(kept) });
  const pause = createWaiting(clock, kept.memory.pause);
  const circuit = createWaiting(clock, kept.memory.circuit);
  /** The registry's answer that was accepted last under this very question. */
  let accepted: Harvest | null = kept.list?.question === question ? kept.list.harvest : null;
  let { failures, lastSuccessAt, lastError, confirmed } = kept.memory;
  let lastAttemptAt: string | null = null;
  let nextAttemptAt: string | null = null;
  let unsaved = { list: false, held: false };
  let running: Promise<SyncOutcome> | null = null;
  let saving: Promise<void> = Promise.resolve();
  let started = false;
  let loop: Promise<void> = Promise.resolve();
  const isoNow = (): string => new Date(clock.nowMs()).toISOString();
  const hooks: RequestHooks = {
    signal: stopping.signal,
    onSend: () => events.onRegistryRequest?.(),
    onPause(reason, durationMs) {
      pause.begin(reason, durationMs);
      events.onRegistryPause?.(reason, durationMs);
      void remember();
    },
  };

  /** What an accepted list is compared with: never the sample, never a list under another pack. */
  const baseline = (): Snapshot | null =>
    accepted === null || catalog.current?.source === 'bundled' ? null : (catalog.current?.snapshot ?? null);

  const attempt = async (): Promise<SyncOutcome> => {
    const outcome = await synchronise();
    failures = 0;
    circuit.end();
    lastError = null;
    if (outcome.result !== 'held') confirmed = confirmAt(isoNow());
    return outcome;
  };

  const synchronise = async (): Promise<SyncOutcome> => {
    state.enter('checking');
    lastAttemptAt = isoNow();
    if (await isUnchanged()) return { result: 'unchanged' };
    state.enter('walking');
    const harvest = await walk();
    state.enter('judging');
    const candidate = await judge(harvest);
    stopping.signal.throwIfAborted();
    if (candidate.reasons.length > 0 && !holding.hold(candidate)) {
      state.enter('held');
      unsaved.held = true;
      return { result: 'held', held: holding.held as HeldList };
    }
    state.enter('publishing');
    return publish(candidate, isoNow());
  };

  /** A held list needs walks that agree, so that nothing is unchanged while there is one. */
  const isUnchanged = async (): Promise<boolean> => {
    const etag = holding.held === null && catalog.current !== null ? (accepted?.etag ?? null) : null;
    const answer = await client.fetchVersion({ ...hooks, etag });
    return !answer.changed || (etag !== null && answer.version.etag === etag);
  };

  const walk = async (): Promise<Harvest> => {
    const listed = baseline()?.trials ?? [];
    const { version, proposed, queries } = await client.walkStudies(options.queries, {
      ...hooks,
      ...(events.onPage && { onPage: (progress) => events.onPage?.(progress) }),
      followUp: (found) =>
        buildFollowUpQueries(listed.flatMap(({ nctId }) => (found.has(nctId) ? [] : [nctId]))),
    });
    return { dataTimestamp: version.dataTimestamp, etag: version.etag, queries, studies: proposed };
  };

  const judge = async (harvest: Harvest): Promise<Candidate> => {
    const fresh = await options.buildSnapshot(harvest);
    refuseUnreadable(fresh, harvest.studies.length);
    const mended = mendHarvest(harvest, fresh, accepted);
    const snapshot = mended === harvest ? fresh : await options.buildSnapshot(mended);
    const served = catalog.current?.source === 'bundled' ? null : (catalog.current?.snapshot ?? null);
    const diff = compareSnapshots(served, snapshot);
    const reasons = findGuardReasons(baseline(), snapshot, diff);
    return { snapshot, harvest: trimHarvest(mended, snapshot, options.place), diff, reasons };
  };

  const publish = ({ snapshot, harvest, diff }: Candidate, checkedAt: string): SyncOutcome => {
    catalog.publish({ snapshot, source: 'registry', checkedAt }, { whereabouts: findWhereabouts(harvest) });
    accepted = harvest;
    holding.drop();
    unsaved = { list: true, held: true };
    return { result: 'published', snapshot, diff };
  };

  const accept = async (): Promise<SyncOutcome> => {
    const { held } = holding;
    if (held === null) return { result: 'nothing_held' };
    state.enter('publishing');
    const snapshot = await options.buildSnapshot(held.harvest);
    return publish(reviveHeld(held, snapshot, baseline()), held.agreedAt);
  };

  /** Runs one thing at a time, and turns whatever it throws into an outcome. */
  const runAlone = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    try {
      return await task();
    } catch (error) {
      return stopping.signal.aborted ? { result: 'stopped' } : fail(error);
    } finally {
      await save();
      state.enter(restingState());
    }
  };

  const confirmAt = (at: string): SyncMemory['confirmed'] => {
    catalog.confirm(at);
    lastSuccessAt = at;
    return { etag: accepted?.etag ?? null, at };
  };

  const fail = (error: unknown): SyncOutcome => {
    failures++;
    const code = codeOfFailure(error);
    lastError = { code, at: isoNow() };
    if (circuitAfter(failures) === 'open') circuit.begin('circuit', jittered(waitAfterFailures(failures)));
    return { result: 'failed', code, error };
  };

  const restingState = (): SyncState => {
    if (!started || stopping.signal.aborted) return 'idle';
    return holding.held === null ? 'waiting' : 'held';
  };

  const remember = async (): Promise<void> =>
    saveNext(async () =>
      store.saveMemory({
        failures,
        pause: pause.kept,
        circuit: circuit.kept,
        lastSuccessAt,
        lastError,
        confirmed,
      }),
    );

  /** What could not be saved is tried again after the next attempt: a full disk costs nothing but time. */
  const save = async (): Promise<void> => {
    if (unsaved.list) await saveNext(saveList);
    if (unsaved.held)
      await saveNext(async () => {
        await store.saveHeld(holding.held);
        unsaved.held = false;
      });
    await remember();
  };

  const saveList = async (): Promise<void> => {
    const checkedAt = catalog.current?.checkedAt;
    if (!checkedAt || accepted === null) return;
    await store.saveList({ harvest: accepted, tombstones: [...catalog.tombstones], checkedAt, question });
    unsaved.list = false;
  };

  const saveNext = async (task: () => Promise<void>): Promise<void> => {
    saving = saving.then(task).catch((error: unknown) => events.onSaveFailed?.(error));
    return saving;
  };

  const jittered = (durationMs: number): number => durationMs * (1 - JITTER + 2 * JITTER * random());

  const waitAfter = ({ result }: SyncOutcome): number => {
    if (result === 'failed') return jittered(waitAfterFailures(failures));
    if (result === 'paused') return 0;
    if (holding.held !== null) return Math.max(holding.countsInMs, jittered(options.intervalMs));
    return options.intervalMs === 0 ? Infinity : jittered(options.intervalMs);
  };

  const run = async (): Promise<void> => {
    await rest(0);
    while (!stopping.signal.aborted) await rest(waitAfter(await tellOutcome(syncOnce)));
  };

  const tellOutcome = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    const outcome = await task();
    events.onOutcome?.(outcome);
    return outcome;
  };

  /**
   * Waits until it is due by either clock: one stands still while a machine sleeps, the other can be set back. What
   * the registry asked for, and an open circuit, are waited for by the clock that never jumps.
   */
  const rest = async (waitMs: number): Promise<void> => {
    let due = { monotonicMs: clock.monotonicMs() + waitMs, wallMs: clock.nowMs() + waitMs };
    const leftMs = (): number => {
      const ownMs = Math.min(due.monotonicMs - clock.monotonicMs(), due.wallMs - clock.nowMs());
      return Math.max(ownMs, pause.leftMs, circuit.leftMs);
    };
    for (let left = leftMs(); left > 0 && !stopping.signal.aborted; left = leftMs()) {
      // Somebody may have asked for a sync meanwhile, which then has the state.
      if (running === null) state.enter(restingState());
      nextAttemptAt = left === Infinity ? null : new Date(clock.nowMs() + left).toISOString();
      await clock.sleep(Math.min(left, WAKE_EVERY_MS), stopping.signal).catch(() => undefined);
      const outcome = await serveRequest();
      if (outcome === null) continue;
      const nextMs = waitAfter(outcome);
      due = { monotonicMs: clock.monotonicMs() + nextMs, wallMs: clock.nowMs() + nextMs };
    }
    nextAttemptAt = null;
  };

  const serveRequest = async (): Promise<SyncOutcome | null> => {
    const request = (await options.requests?.take()) ?? null;
    if (request === null) return null;
    const outcome = await tellOutcome(request.action === 'accept' ? acceptHeld : syncOnce);
    await options.requests?.answer(request, outcome);
    return outcome.result === 'nothing_held' ? null : outcome;
  };

  const syncOnce = async (): Promise<SyncOutcome> => {
    if (pause.kept !== null) return { result: 'paused', pause: pause.kept };
    running ??= runAlone(attempt).finally(() => {
      running = null;
    });
    return running;
  };

  const acceptHeld = async (): Promise<SyncOutcome> => {
    await running;
    running ??= runAlone(accept).finally(() => {
      running = null;
    });
    return running;
  };

  return {
    get status() {
      return {
        state: state.current,
        lastAttemptAt,
        lastSuccessAt,
        lastError,
        nextAttemptAt,
        failures,
        circuit: circuitAfter(failures),
        pause: pause.kept,
        held: holding.held,
      };
    },
    syncOnce,
    acceptHeld,
    start() {
      started = true;
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
      await running;
      await saving;
      state.enter('idle');
    },
  };
}

/** A list that was held before the one saved last is over: a crash can bring its file back, with all its agreements. */
function findHeld({ held, list }: KeptState): HeldList | null {
  return held === null || list === null || held.agreedAt > list.checkedAt ? held : null;
}

/** What the harvest says of studies that are not on the list any more. */
function findWhereabouts({ studies, queries }: Harvest): Whereabouts {
  const mergedInto = new Map(
    studies.flatMap(({ study, nctId }) =>
      nctId === null ? [] : readAliases(study).map((alias) => [alias, nctId] as const),
    ),
  );
  return { mergedInto, followedUp: queries.some(({ name }) => name === FOLLOW_UP) };
}
