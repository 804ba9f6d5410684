import type { Clock } from '../registry/clock.ts';
import type { RegistryClient, RequestHooks } from '../registry/registry-client.ts';
import { buildFollowUpQueries } from '../registry/study-query.ts';
import type { StudyQuery, WalkProgress } from '../registry/walk-studies.ts';
import type { PackPlace } from '../trials/institution-pack.ts';
import { circuitAfter, waitAfterFailures, type CircuitState } from './back-off.ts';
import type { Harvest, SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import { reviveHeld, type Candidate } from './holding.ts';
import { findWhereabouts, judgeHarvest } from './judge-harvest.ts';
import { extendJournal, type JournalEntry } from './journal.ts';
import { createKeeper } from './keeper.ts';
import { createKnowledge, type KeptState } from './knowledge.ts';
import { describePage } from './describe-outcome.ts';
import type { OperatorRequest, OperatorRequests } from './operator-requests.ts';
import type { Snapshot } from './snapshot.ts';
import type { CatalogStore, HeldList, Pause, SavedList, SyncMemory } from './store.ts';
import { codeOfFailure, LeadLost, type SyncFailureCode } from './sync-failure.ts';
import type { SyncOutcome } from './sync-outcome.ts';
import { createSyncState, type SyncState } from './sync-state.ts';
import { ALONE, type Company } from './company.ts';

/** What `/health/ready` and `/v1/meta` say of the sync; times are ISO 8601. */
export interface SyncStatus {
  readonly state: SyncState;
  readonly role: Company['role'];
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
  readonly journal: readonly JournalEntry[];
}

export interface Sync {
  readonly status: SyncStatus;
  /** What it knows, as it is saved and shared; there is no list while the sample is served, or one of another question. */
  readonly kept: KeptState;
  /** One synchronisation now; calls during a running one share it. A pause that the registry asked for is kept. Never throws. */
  syncOnce(): Promise<SyncOutcome>;
  /** Publishes the list that a guard holds back. Never throws. */
  acceptHeld(): Promise<SyncOutcome>;
  /** Takes over what another replica has published. Never throws. */
  adopt(shared: Partial<KeptState>): Promise<void>;
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
  /** The other replicas; nobody unless given. */
  readonly company?: Company;
}

const JITTER = 0.1;
/** A wait is slept in pieces, to notice an operator's request and that the machine itself has slept. */
const WAKE_EVERY_MS = 2_000;
const SAVE_AGAIN_EVERY_MS = 10_000;

/** Keeps the catalog current: asks for the version, walks when it has changed, judges, publishes or holds, waits. */
export function createSync(options: SyncOptions): Sync {
  const { client, catalog, clock, question, random = Math.random, events = {}, company = ALONE } = options;
  const jittered = (durationMs: number): number => durationMs * (1 - JITTER + 2 * JITTER * random());
  const stopping = new AbortController();
  const state = createSyncState((from, to) => events.onTransition?.(from, to));
  const knowledge = createKnowledge({ ...options, jittered });
  const keeper = createKeeper({
    store: options.store,
    read: () => kept(),
    onSaveFailed: (error) => events.onSaveFailed?.(error),
  });
  let lastAttemptAt: string | null = null;
  let nextAttemptAt: string | null = null;
  let due = { monotonicMs: -Infinity, wallMs: -Infinity };
  let running: Promise<SyncOutcome> | null = null;
  /** The operator's request that is being served. */
  let asked: OperatorRequest | null = null;
  let saveAgainMs = -Infinity;
  let started = false;
  let loop: Promise<void> = Promise.resolve();
  const isoNow = (): string => new Date(clock.nowMs()).toISOString();
  const hooks: RequestHooks = {
    signal: stopping.signal,
    onSend: () => events.onRegistryRequest?.(),
    onPause(reason, durationMs) {
      knowledge.pause.begin(reason, durationMs);
      events.onRegistryPause?.(reason, durationMs);
      void keeper.remember();
    },
  };

  const served = (): Snapshot | null =>
    catalog.current === null || catalog.current.source === 'bundled' ? null : catalog.current.snapshot;
  /** What an accepted list is compared with: never the sample, never a list under another pack. */
  const baseline = (): Snapshot | null => (knowledge.accepted === null ? null : served());
  const currentList = (): SavedList | null => {
    const checkedAt = catalog.current?.checkedAt;
    const harvest = knowledge.accepted;
    if (!checkedAt || harvest === null) return null;
    const { journal } = knowledge;
    return { harvest, tombstones: [...catalog.tombstones], journal: [...journal], checkedAt, question };
  };

  const kept = (): KeptState => ({
    list: currentList(),
    held: knowledge.holding.held,
    memory: knowledge.memory,
  });

  const attempt = async (): Promise<SyncOutcome> => {
    const outcome = await synchronise();
    const confirmedAt = outcome.result === 'held' ? null : isoNow();
    if (confirmedAt !== null) catalog.confirm(confirmedAt);
    knowledge.succeed(confirmedAt);
    return outcome;
  };

  const synchronise = async (): Promise<SyncOutcome> => {
    state.enter('checking');
    lastAttemptAt = isoNow();
    if (await isUnchanged()) return { result: 'unchanged' };
    state.enter('walking');
    const harvest = await walk();
    state.enter('judging');
    const { accepted, holding } = knowledge;
    const { signal } = stopping;
    const context = { ...options, served: served(), baseline: baseline(), accepted, signal };
    const candidate = await judgeHarvest(harvest, context);
    stopping.signal.throwIfAborted();
    if (candidate.reasons.length > 0 && !holding.hold(candidate)) {
      state.enter('held');
      keeper.mark('held');
      return { result: 'held', held: holding.held as HeldList };
    }
    state.enter('publishing');
    return publish(candidate, isoNow());
  };

  /** A held list needs walks that agree, so that nothing is unchanged while there is one. */
  const isUnchanged = async (): Promise<boolean> => {
    const hasHeld = knowledge.holding.held !== null;
    const etag = hasHeld || served() === null ? null : knowledge.etag;
    const answer = await client.fetchVersion({ ...hooks, etag });
    if (!answer.changed) return true;
    // A front that sends the same tag for other data would hide every change.
    const sameData = answer.version.dataTimestamp === (knowledge.accepted?.dataTimestamp ?? null);
    return etag !== null && answer.version.etag === etag && sameData;
  };

  const walk = async (): Promise<Harvest> => {
    const listed = baseline()?.trials ?? [];
    const { version, proposed, queries, followedUp } = await client.walkStudies(options.queries, {
      ...hooks,
      onPage(progress) {
        events.onPage?.(progress);
        if (asked !== null) void options.requests?.report(asked, describePage(progress));
      },
      followUp: (found) =>
        buildFollowUpQueries(listed.flatMap(({ nctId }) => (found.has(nctId) ? [] : [nctId]))),
    });
    const { dataTimestamp, etag } = version;
    return { dataTimestamp, etag, queries, followedUp, studies: proposed };
  };

  /** Where there are replicas, the list is theirs first: one that has lost the lead must not show what they do not. */
  const publish = async (candidate: Candidate, checkedAt: string): Promise<SyncOutcome> => {
    const { snapshot, harvest, diff } = candidate;
    const tombstones = [...catalog.findTombstonesWith(snapshot, findWhereabouts(harvest))];
    const journal = extendJournal(knowledge.journal, { at: checkedAt, snapshot, diff });
    const list: SavedList = { harvest, tombstones, journal, checkedAt, question };
    const announced = await company.announce(list);
    if (announced === 'lost') throw new LeadLost();
    catalog.publish(
      { snapshot, source: announced === 'shared' ? 'shared' : 'registry', checkedAt },
      tombstones,
    );
    knowledge.accept(list);
    knowledge.holding.drop();
    keeper.mark('list');
    keeper.mark('held');
    return { result: 'published', snapshot, diff };
  };

  const accept = async (): Promise<SyncOutcome> => {
    const { held } = knowledge.holding;
    if (held === null) return { result: 'nothing_held' };
    state.enter('publishing');
    const snapshot = await options.buildSnapshot(held.harvest);
    return publish(reviveHeld(held, snapshot, served()), held.agreedAt);
  };

  /** Runs one thing at a time, and turns whatever it throws into an outcome. */
  const runAlone = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    try {
      return await task();
    } catch (error) {
      return stopping.signal.aborted ? { result: 'stopped' } : fail(error);
    } finally {
      await keeper.save();
      state.enter(restingState());
    }
  };

  const fail = (error: unknown): SyncOutcome => {
    const code = codeOfFailure(error);
    knowledge.fail(code);
    return { result: 'failed', code, error };
  };

  const restingState = (): SyncState => {
    if (!started || stopping.signal.aborted) return 'idle';
    return knowledge.holding.held === null ? 'waiting' : 'held';
  };

  const waitAfter = ({ result }: SyncOutcome): number => {
    const { failures } = knowledge.memory;
    if (result === 'failed' && circuitAfter(failures) === 'open') return knowledge.circuit.leftMs;
    if (result === 'failed') return jittered(waitAfterFailures(failures));
    if (result === 'paused') return 0;
    const { held, countsInMs } = knowledge.holding;
    if (held !== null) return Math.max(countsInMs, jittered(options.intervalMs));
    return options.intervalMs === 0 ? Infinity : jittered(options.intervalMs);
  };

  const setDue = (waitMs: number): void => {
    due = { monotonicMs: clock.monotonicMs() + waitMs, wallMs: clock.nowMs() + waitMs };
  };

  /**
   * Due by either clock: one stands still while a machine sleeps, the other can be set back. What the registry
   * asked for, and an open circuit, are waited for by the clock that never jumps.
   */
  const leftMs = (): number => {
    const ownMs = Math.min(due.monotonicMs - clock.monotonicMs(), due.wallMs - clock.nowMs());
    return Math.max(ownMs, knowledge.pause.leftMs, knowledge.circuit.leftMs);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await rest();
      if (!stopping.signal.aborted) setDue(waitAfter(await tellOutcome(syncOnce)));
    }
  };

  const tellOutcome = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    const outcome = await task();
    events.onOutcome?.(outcome);
    return outcome;
  };

  /** Waits until it is due and, among replicas, our turn. */
  const rest = async (): Promise<void> => {
    for (let left = leftMs(); left > 0 || company.role === 'follower'; left = leftMs()) {
      if (stopping.signal.aborted) return;
      // Somebody may have asked for a sync meanwhile, which then has the state.
      if (running === null) state.enter(restingState());
      nextAttemptAt = Number.isFinite(left)
        ? new Date(clock.nowMs() + Math.max(0, left)).toISOString()
        : null;
      const sleepMs = left > 0 ? Math.min(left, WAKE_EVERY_MS) : WAKE_EVERY_MS;
      await clock.sleep(sleepMs, stopping.signal).catch(() => undefined);
      await serveRequest();
      await saveAgain();
    }
    nextAttemptAt = null;
  };

  /** What could not be saved is not left until the next sync: a pause of the registry must outlive a crash. */
  const saveAgain = async (): Promise<void> => {
    if (!keeper.isBehind || clock.monotonicMs() < saveAgainMs) return;
    saveAgainMs = clock.monotonicMs() + SAVE_AGAIN_EVERY_MS;
    if (running === null) await keeper.save();
  };

  const serveRequest = async (): Promise<void> => {
    const request = company.role === 'follower' ? null : ((await options.requests?.take()) ?? null);
    if (request === null) return;
    asked = request;
    const outcome = await tellOutcome(request.action === 'accept' ? acceptHeld : syncOnce);
    asked = null;
    await options.requests?.answer(request, outcome);
    // Accepting asks the registry nothing: the next check is due when it was.
    if (request.action === 'sync') setDue(waitAfter(outcome));
  };

  const takeTurn = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    running ??= runAlone(task).finally(() => {
      running = null;
    });
    return running;
  };

  const syncOnce = async (): Promise<SyncOutcome> => {
    const pause = knowledge.pause.kept;
    return pause === null ? takeTurn(attempt) : { result: 'paused', pause };
  };

  const acceptHeld = async (): Promise<SyncOutcome> => {
    if (running === null) return takeTurn(accept);
    await running;
    return acceptHeld();
  };

  const adoptList = async (list: SavedList): Promise<void> => {
    // Another replica can be behind for a moment, after the store was away: nobody is shown older data for it.
    const isOlder = (): boolean => (list.harvest.dataTimestamp ?? '') < (served()?.sourceDataTimestamp ?? '');
    if (isOlder()) return;
    const snapshot = await options.buildSnapshot(list.harvest, stopping.signal);
    if (isOlder()) return;
    catalog.publish({ snapshot, source: 'shared', checkedAt: list.checkedAt }, list.tombstones);
    knowledge.accept(list);
    keeper.mark('list');
  };

  const adoptMemory = (memory: SyncMemory): void => {
    knowledge.adoptMemory(memory);
    const { confirmed } = memory;
    if (confirmed === null) return;
    if (confirmed.etag === knowledge.etag) catalog.confirm(confirmed.at);
    const sinceMs = clock.nowMs() - Date.parse(confirmed.at);
    setDue(options.intervalMs === 0 ? Infinity : Math.max(0, jittered(options.intervalMs) - sinceMs));
  };

  const adopt = async ({ list, held, memory }: Partial<KeptState>): Promise<void> => {
    await running;
    try {
      if (list) await adoptList(list);
      if (held !== undefined) {
        knowledge.adoptHeld(held);
        keeper.mark('held');
      }
      if (memory !== undefined) adoptMemory(memory);
    } catch (error) {
      if (!stopping.signal.aborted) events.onSaveFailed?.(error);
    }
    await keeper.save();
  };

  return {
    get status() {
      const { memory, holding } = knowledge;
      const { failures, lastSuccessAt, lastError, pause } = memory;
      return {
        state: state.current,
        role: company.role,
        lastAttemptAt,
        lastSuccessAt,
        lastError,
        nextAttemptAt,
        failures,
        circuit: circuitAfter(failures),
        pause,
        held: holding.held,
        journal: knowledge.journal,
      };
    },
    get kept() {
      return kept();
    },
    syncOnce,
    acceptHeld,
    adopt,
    start() {
      started = true;
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
      await running;
      await keeper.settled();
      state.enter('idle');
    },
  };
}
