import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Catalog } from '../catalog/catalog.ts';
import type { Sync } from '../catalog/sync.ts';
import { SYNC_STATES } from '../catalog/sync.ts';

/** What the service counts, in Prometheus' form. */
export interface Metrics {
  readonly contentType: string;
  countRequest(request: { route: string; method: string; status: number; seconds: number }): void;
  countCache(outcome: 'hit' | 'miss'): void;
  countSync(result: string): void;
  format(): Promise<string>;
}

export function createMetrics(sources: {
  catalog: Catalog;
  sync: Pick<Sync, 'status'> | null;
  nowMs: () => number;
}): Metrics {
  const register = new Registry();
  const { catalog, sync, nowMs } = sources;
  const requests = new Counter({
    name: 'uab_all_trials_http_requests_total',
    help: 'Requests by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers: [register],
  });
  const durations = new Histogram({
    name: 'uab_all_trials_http_request_seconds',
    help: 'Time to answer, by route.',
    labelNames: ['route'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1],
    registers: [register],
  });
  const cache = new Counter({
    name: 'uab_all_trials_rendered_answers_total',
    help: 'Answers by whether they were rendered before.',
    labelNames: ['outcome'],
    registers: [register],
  });
  const syncs = new Counter({
    name: 'uab_all_trials_syncs_total',
    help: 'Synchronisations by result or failure code.',
    labelNames: ['result'],
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
  gauge(register, 'uab_all_trials_stale', '1 when the list is stale or missing.', () =>
    Number(catalog.current === null || catalog.isStale(catalog.current)),
  );
  gauge(
    register,
    'uab_all_trials_checked_seconds_ago',
    'Seconds since the registry confirmed the list; -1 for never.',
    () => {
      const checkedAt = catalog.current?.checkedAt;
      return checkedAt ? (nowMs() - Date.parse(checkedAt)) / 1000 : -1;
    },
  );
  gauge(
    register,
    'uab_all_trials_sync_state',
    `State of the sync: ${SYNC_STATES.map((state, index) => `${index} ${state}`).join(', ')}.`,
    () => SYNC_STATES.indexOf(sync?.status.state ?? 'idle'),
  );
  return {
    contentType: register.contentType,
    countRequest({ route, method, status, seconds }) {
      requests.inc({ route, method, status });
      durations.observe({ route }, seconds);
    },
    countCache: (outcome) => cache.inc({ outcome }),
    countSync: (result) => syncs.inc({ result }),
    format: async () => register.metrics(),
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
