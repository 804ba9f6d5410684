import type { Clock } from '../registry/clock.ts';
import type { RequestHooks } from '../registry/registry-client.ts';
import type { WalkProgress } from '../registry/walk-studies.ts';
import { adoptShared } from './adopt-shared.ts';
import { circuitAfter, type CircuitState } from './back-off.ts';
import { ALONE, type Company } from './company.ts';
import { describePage } from './describe-outcome.ts';
import type { JournalEntry } from './journal.ts';
import { createKeeper } from './keeper.ts';
import { createKnowledge, type KeptState } from './knowledge.ts';
import type { OperatorRequest, OperatorRequests } from './operator-requests.ts';
import type { CatalogStore, HeldList, Pause, SavedList } from './store.ts';
import { createSyncDue } from './sync-due.ts';
import { codeOfFailure, type SyncFailureCode } from './sync-failure.ts';
import type { SyncOutcome } from './sync-outcome.ts';
import { createSyncState, type SyncState } from './sync-state.ts';
import { createSynchronisation, type SyncBasis } from './synchronisation.ts';

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

export interface SyncOptions extends SyncBasis {
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

/** Keeps the catalog current: synchronises when it is due or an operator asks, one thing at a time, and rests. */
export function createSync(options: SyncOptions): Sync {
  const { catalog, clock, question, random = Math.random, events = {}, company = ALONE } = options;
  const jittered = (durationMs: number): number => durationMs * (1 - JITTER + 2 * JITTER * random());
  const stopping = new AbortController();
  const { signal } = stopping;
  const state = createSyncState((from, to) => events.onTransition?.(from, to));
  const knowledge = createKnowledge({ ...options, jittered });
  const due = createSyncDue({ ...options, knowledge, jittered });
  const keeper = createKeeper({
    store: options.store,
    read: () => kept(),
    onSaveFailed: (error) => events.onSaveFailed?.(error),
  });
  const hooks: RequestHooks & { signal: AbortSignal } = {
    signal,
    onSend: () => events.onRegistryRequest?.(),
    onPause(reason, durationMs) {
      knowledge.pause.begin(reason, durationMs);
      events.onRegistryPause?.(reason, durationMs);
      void keeper.remember();
    },
  };
  const synchronisation = createSynchronisation({
    ...options,
    knowledge,
    keeper,
    company,
    hooks,
    onPage(progress) {
      events.onPage?.(progress);
      if (asked !== null) void options.requests?.report(asked, describePage(progress));
    },
    enter: (next) => state.enter(next),
  });
  let nextAttemptAt: string | null = null;
  let running: Promise<SyncOutcome> | null = null;
  /** The operator's request that is being served. */
  let asked: OperatorRequest | null = null;
  let saveAgainMs = -Infinity;
  let started = false;
  let loop: Promise<void> = Promise.resolve();

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

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await rest();
      if (!signal.aborted) due.setAfter(await tellOutcome(syncOnce));
    }
  };

  /** Waits until it is due and, among replicas, our turn. */
  const rest = async (): Promise<void> => {
    for (let left = due.leftMs; left > 0 || company.role === 'follower'; left = due.leftMs) {
      if (signal.aborted) return;
      // Somebody may have asked for a sync meanwhile, which then has the state.
      if (running === null) state.enter(restingState());
      nextAttemptAt = Number.isFinite(left)
        ? new Date(clock.nowMs() + Math.max(0, left)).toISOString()
        : null;
      const sleepMs = left > 0 ? Math.min(left, WAKE_EVERY_MS) : WAKE_EVERY_MS;
      await clock.sleep(sleepMs, signal).catch(() => undefined);
      await serveRequest();
      await saveAgain();
    }
    nextAttemptAt = null;
  };

  const restingState = (): SyncState => {
    if (!started || signal.aborted) return 'idle';
    return knowledge.holding.held === null ? 'waiting' : 'held';
  };

  const syncOnce = async (): Promise<SyncOutcome> => {
    const pause = knowledge.pause.kept;
    return pause === null ? takeTurn(async () => synchronisation.attempt()) : { result: 'paused', pause };
  };

  const acceptHeld = async (): Promise<SyncOutcome> => {
    if (running === null) return takeTurn(async () => synchronisation.accept());
    await running;
    return acceptHeld();
  };

  const takeTurn = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    running ??= runAlone(task).finally(() => {
      running = null;
    });
    return running;
  };

  /** Runs one thing at a time, and turns whatever it throws into an outcome. */
  const runAlone = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    try {
      return await task();
    } catch (error) {
      return signal.aborted ? { result: 'stopped' } : fail(error);
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

  const serveRequest = async (): Promise<void> => {
    const request = company.role === 'follower' ? null : ((await options.requests?.take()) ?? null);
    if (request === null) return;
    asked = request;
    const outcome = await tellOutcome(request.action === 'accept' ? acceptHeld : syncOnce);
    asked = null;
    await options.requests?.answer(request, outcome);
    // Accepting asks the registry nothing: the next check is due when it was.
    if (request.action === 'sync') due.setAfter(outcome);
  };

  const tellOutcome = async (task: () => Promise<SyncOutcome>): Promise<SyncOutcome> => {
    const outcome = await task();
    events.onOutcome?.(outcome);
    return outcome;
  };

  /** What could not be saved is not left until the next sync: a pause of the registry must outlive a crash. */
  const saveAgain = async (): Promise<void> => {
    if (!keeper.isBehind || clock.monotonicMs() < saveAgainMs) return;
    saveAgainMs = clock.monotonicMs() + SAVE_AGAIN_EVERY_MS;
    if (running === null) await keeper.save();
  };

  const adopt = async (shared: Partial<KeptState>): Promise<void> => {
    await running;
    try {
      await adoptShared(shared, { ...options, knowledge, keeper, due, signal });
    } catch (error) {
      if (!signal.aborted) events.onSaveFailed?.(error);
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
        lastAttemptAt: synchronisation.lastAttemptAt,
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
