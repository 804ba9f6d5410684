import type { Clock } from '../registry/clock.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import {
  REGISTRY_FAILURE,
  RegistryBusy,
  RegistryError,
  RegistryRefused,
} from '../registry/registry-errors.ts';
import type { StudyQuery, WalkProgress } from '../registry/walk-studies.ts';
import type { Harvest } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import type { SavedHarvest } from './snapshot-file.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a sync failed: what can go wrong at the registry, and what we refuse to publish. */
export const SYNC_FAILURE = {
  ...REGISTRY_FAILURE,
  empty_answer: {
    label: 'Empty answer',
    definition: 'The registry returned no study that belongs; the list before is kept.',
  },
  too_many_unreadable: {
    label: 'Too many unreadable studies',
    definition: 'At least 10 studies, or 5 % of them, could not be read; the list before is kept.',
  },
  internal: { label: 'Internal', definition: 'A fault of this service; see its log.' },
} as const;
export type SyncFailureCode = keyof typeof SYNC_FAILURE;

export const SYNC_STATES = ['idle', 'checking', 'walking', 'publishing', 'waiting'] as const;
export type SyncState = (typeof SYNC_STATES)[number];

/** What `/health/ready` says of the sync; times are ISO 8601. */
export interface SyncStatus {
  readonly state: SyncState;
  readonly lastAttemptAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly lastError: { readonly code: SyncFailureCode; readonly at: string } | null;
  readonly nextAttemptAt: string | null;
}

export type SyncOutcome =
  | { readonly result: 'unchanged' }
  | { readonly result: 'published'; readonly snapshot: Snapshot; readonly before: Snapshot | null }
  | { readonly result: 'failed'; readonly code: SyncFailureCode; readonly error: unknown };

export interface Sync {
  readonly status: SyncStatus;
  /** One synchronisation now; calls during a running one share it. Never throws. */
  syncOnce(): Promise<SyncOutcome>;
  /** Syncs now and then on, until stopped. */
  start(): void;
  stop(): Promise<void>;
}

/** A list that must not replace the one being served. */
class Unpublishable extends Error {
  readonly code: 'empty_answer' | 'too_many_unreadable';
  constructor(code: Unpublishable['code']) {
    super(SYNC_FAILURE[code].definition);
    this.code = code;
  }
}

const REFUSED_PAUSE_MS = 30 * 60_000;
const FIRST_RETRY_MS = 5 * 60_000;
const LONGEST_RETRY_MS = 60 * 60_000;
const JITTER = 0.1;
const MOST_UNREADABLE = 10;
const MOST_UNREADABLE_SHARE = 0.05;

interface SyncOptions {
  readonly client: RegistryClient;
  readonly queries: readonly StudyQuery[];
  readonly buildSnapshot: (harvest: Harvest) => Snapshot;
  readonly catalog: Catalog;
  readonly save: (saved: Omit<SavedHarvest, 'packKey'>) => Promise<void>;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random?: () => number;
  /** The registry's tag of the list being served, when that list is of the registry. */
  readonly etag?: string | null;
  readonly onOutcome?: (outcome: SyncOutcome) => void;
  readonly onSaveFailed?: (error: unknown) => void;
  readonly onPage?: (progress: WalkProgress) => void;
}

/** Keeps the catalog current: asks for the version, walks when it has changed, builds, publishes, saves, waits. */
export function createSync(options: SyncOptions): Sync {
  const { client, catalog, clock, random = Math.random } = options;
  const stopping = new AbortController();
  let etag = options.etag ?? null;
  let lastHarvest: Harvest | null = null;
  let failures = 0;
  let running: Promise<SyncOutcome> | null = null;
  let loop: Promise<void> = Promise.resolve();
  let status: SyncStatus = {
    state: 'idle',
    lastAttemptAt: null,
    lastSuccessAt: null,
    lastError: null,
    nextAttemptAt: null,
  };
  const enter = (change: Partial<SyncStatus>): void => {
    status = { ...status, ...change };
  };
  const now = (): string => new Date(clock.nowMs()).toISOString();

  const walk = async (): Promise<SyncOutcome> => {
    enter({ state: 'walking' });
    const { signal } = stopping;
    const pages = options.onPage ? { onPage: options.onPage } : {};
    const { version, proposed, queries } = await client.walkStudies(options.queries, { signal, ...pages });
    enter({ state: 'publishing' });
    const harvest: Harvest = { ...version, queries, studies: proposed };
    const snapshot = options.buildSnapshot(harvest);
    checkPublishable(snapshot, harvest);
    const before = catalog.current?.snapshot ?? null;
    catalog.publish({ snapshot, source: 'registry', checkedAt: now() });
    etag = version.etag;
    lastHarvest = harvest;
    await save();
    return { result: 'published', snapshot, before };
  };

  const save = async (): Promise<void> => {
    if (lastHarvest === null) return;
    try {
      await options.save({ harvest: lastHarvest, tombstones: catalog.tombstones, checkedAt: now() });
    } catch (error) {
      options.onSaveFailed?.(error);
    }
  };

  const attempt = async (): Promise<SyncOutcome> => {
    enter({ state: 'checking', lastAttemptAt: now() });
    try {
      const fromRegistry = catalog.current !== null && catalog.current.source !== 'bundled';
      const answer = await client.fetchVersion({
        etag: fromRegistry ? etag : null,
        signal: stopping.signal,
      });
      const same =
        !answer.changed || (fromRegistry && answer.version.etag !== null && answer.version.etag === etag);
      if (same) catalog.confirm(now());
      const outcome: SyncOutcome = same ? { result: 'unchanged' } : await walk();
      failures = 0;
      enter({ lastSuccessAt: now(), lastError: null });
      return outcome;
    } catch (error) {
      failures++;
      const code = failureCode(error);
      enter({ lastError: { code, at: now() } });
      return { result: 'failed', code, error };
    } finally {
      enter({ state: 'idle' });
    }
  };

  const syncOnce = async (): Promise<SyncOutcome> => {
    running ??= attempt().finally(() => {
      running = null;
    });
    return running;
  };

  const waitAfter = (outcome: SyncOutcome): number => {
    const jittered = (durationMs: number): number => durationMs * (1 - JITTER + 2 * JITTER * random());
    if (outcome.result !== 'failed') return jittered(options.intervalMs);
    const backoff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
    const { error } = outcome;
    if (error instanceof RegistryBusy) return Math.max(error.retryAfterMs, jittered(backoff));
    return Math.max(error instanceof RegistryRefused ? REFUSED_PAUSE_MS : 0, jittered(backoff));
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const outcome = await syncOnce();
      if (stopping.signal.aborted) return;
      options.onOutcome?.(outcome);
      if (options.intervalMs === 0 && outcome.result !== 'failed') return;
      const waitMs = waitAfter(outcome);
      enter({ state: 'waiting', nextAttemptAt: new Date(clock.nowMs() + waitMs).toISOString() });
      await clock.sleep(waitMs, stopping.signal).catch(() => undefined);
      enter({ nextAttemptAt: null });
    }
  };

  return {
    get status() {
      return status;
    },
    syncOnce,
    start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
      await running;
    },
  };
}

/** An empty or half-unreadable list would hide every trial; the one before is better. */
function checkPublishable(snapshot: Snapshot, harvest: Harvest): void {
  if (snapshot.trials.length === 0) throw new Unpublishable('empty_answer');
  const unreadable = snapshot.setAside.length;
  const share = unreadable / Math.max(1, harvest.studies.length);
  if (unreadable >= MOST_UNREADABLE || (unreadable > 1 && share >= MOST_UNREADABLE_SHARE))
    throw new Unpublishable('too_many_unreadable');
}

function failureCode(error: unknown): SyncFailureCode {
  if (error instanceof RegistryError || error instanceof Unpublishable) return error.code;
  return 'internal';
}
