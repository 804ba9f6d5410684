import { Counter, Gauge, Registry } from 'prom-client';
import type { Catalog } from '../catalog/catalog.ts';
import type { Sync } from '../catalog/sync.ts';
import { ROLES } from '../catalog/company.ts';
import { SYNC_STATES, type SyncState } from '../catalog/sync-state.ts';
import { createAnswerTallies, type CountedAnswer } from './answer-tallies.ts';

/** What the service counts, in Prometheus' form. */
export interface Metrics {
  readonly contentType: string;
  countRequest(answer: CountedAnswer): void;
  countCache(outcome: 'hit' | 'miss'): void;
  countSync(result: string): void;
  countSyncTransition(from: SyncState, to: SyncState): void;
  countRegistryRequest(): void;
  countRegistryPause(reason: string): void;
  countFile(kind: FileFault): void;
  countSharedFault(kind: 'away' | 'unreadable'): void;
  countFault(kind: string): void;
  format(): Promise<string>;
}

/** What can go wrong in `DATA_DIR`. */
export type FileFault = 'save_failed' | 'quarantined' | 'passed_over' | 'folder_busy';

export function createMetrics(sources: { catalog: Catalog; sync: Pick<Sync, 'status'> | null }): Metrics {
  const register = new Registry();
  const { catalog, sync } = sources;
  const tallies = createAnswerTallies();
  const rendered = { hit: 0, miss: 0 };
  // What every request moves is counted beside, and put in form when somebody reads it.
  const requests = new Counter({
    name: 'uab_all_trials_http_requests_total',
    help: 'Requests by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers: [],
    collect() {
      this.reset();
      for (const { labels, count } of tallies.counts) this.inc(labels, count);
    },
  });
  const cache = new Counter({
    name: 'uab_all_trials_rendered_answers_total',
    help: 'Answers by whether they were rendered before.',
    labelNames: ['outcome'],
    registers: [],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(rendered)) if (count > 0) this.inc({ outcome }, count);
    },
  });
  register.registerMetric(requests);
  register.registerMetric(cache);
  const syncs = new Counter({
    name: 'uab_all_trials_syncs_total',
    help: 'Synchronisations by result or failure code.',
    labelNames: ['result'],
    registers: [register],
  });
  const faults = new Counter({
    name: 'uab_all_trials_http_faults_total',
    help: 'Faults of clients and of their number, by kind.',
    labelNames: ['kind'],
    registers: [register],
  });
  const transitions = new Counter({
    name: 'uab_all_trials_sync_transitions_total',
    help: 'Changes of the state of the sync.',
    labelNames: ['from', 'to'],
    registers: [register],
  });
  const registryRequests = new Counter({
    name: 'uab_all_trials_registry_requests_total',
    help: 'Requests sent to the registry.',
    registers: [register],
  });
  const registryPauses = new Counter({
    name: 'uab_all_trials_registry_pauses_total',
    help: 'Times that the registry asked to wait (busy) or refused us (refused).',
    labelNames: ['reason'],
    registers: [register],
  });
  const fileFaults = new Counter({
    name: 'uab_all_trials_file_faults_total',
    help: 'Saves that failed, files that were quarantined or passed over, a folder that another process has.',
    labelNames: ['kind'],
    registers: [register],
  });
  const sharedFaults = new Counter({
    name: 'uab_all_trials_shared_store_faults_total',
    help: 'Times that the shared store went away, or held what could not be read.',
    labelNames: ['kind'],
    registers: [register],
  });
  gauge(
    register,
    'uab_all_trials_trials',
    'Trials in the snapshot.',
    () => catalog.current?.snapshot.trials.length ?? 0,
  );
  gauge(
    register,
    'uab_all_trials_set_aside_studies',
    'Studies that could not be read.',
    () => catalog.current?.snapshot.setAside.length ?? 0,
  );
  gauge(
    register,
    'uab_all_trials_unknown_values',
    'Values in the records of listed trials that are not known; they are kept as they are.',
    () =>
      (catalog.current?.snapshot.provenance ?? []).reduce(
        (sum, { unknownValues }) => sum + unknownValues.length,
        0,
      ),
  );
  gauge(register, 'uab_all_trials_stale', '1 when the list is stale or missing.', () =>
    Number(catalog.current === null || catalog.isStale(catalog.current)),
  );
  gauge(
    register,
    'uab_all_trials_checked_seconds_ago',
    'Seconds since the registry confirmed the list; -1 for never.',
    () => {
      const agoMs = catalog.current === null ? null : catalog.checkedAgoMs(catalog.current);
      return agoMs === null ? -1 : agoMs / 1000;
    },
  );
  gauge(
    register,
    'uab_all_trials_sync_failures',
    'Failed synchronisations in a row.',
    () => sync?.status.failures ?? 0,
  );
  gauge(register, 'uab_all_trials_circuit_open', '1 after three failures in a row, until one works.', () =>
    Number(sync?.status.circuit === 'open'),
  );
  gauge(register, 'uab_all_trials_held', '1 while a guard holds a list back.', () =>
    Number((sync?.status.held ?? null) !== null),
  );
  oneOf(register, {
    name: 'uab_all_trials_sync_state',
    help: '1 for the state that the sync is in.',
    label: 'state',
    values: SYNC_STATES,
    read: () => sync?.status.state ?? 'idle',
  });
  oneOf(register, {
    name: 'uab_all_trials_role',
    help: '1 for the role among the replicas: leader, follower, or alone.',
    label: 'role',
    values: ROLES,
    read: () => sync?.status.role ?? 'alone',
  });
  gauge(register, 'process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge(register, 'process_start_time_seconds', 'When the process started.', () =>
    Math.round(performance.timeOrigin / 1000),
  );
  return {
    contentType: register.contentType,
    countRequest: tallies.count,
    countCache(outcome) {
      rendered[outcome]++;
    },
    countSync: (result) => syncs.inc({ result }),
    countSyncTransition: (from, to) => transitions.inc({ from, to }),
    countRegistryRequest: () => registryRequests.inc(),
    countRegistryPause: (reason) => registryPauses.inc({ reason }),
    countFile: (kind) => fileFaults.inc({ kind }),
    countSharedFault: (kind) => sharedFaults.inc({ kind }),
    countFault: (kind) => faults.inc({ kind }),
    format: async () =>
      `${await register.metrics()}\n${tallies.format('uab_all_trials_http_request_seconds', 'Time to answer, by route.')}`,
  };
}

function gauge(register: Registry, name: string, help: string, read: () => number): void {
  const made = new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(read());
    },
  });
  register.registerMetric(made);
}

/** A gauge with one series a value, of which one is 1. */
function oneOf(
  register: Registry,
  given: { name: string; help: string; label: string; values: readonly string[]; read: () => string },
): void {
  const { name, help, label, values, read } = given;
  const made = new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [],
    collect() {
      for (const value of values) this.set({ [label]: value }, Number(read() === value));
    },
  });
  register.registerMetric(made);
}
