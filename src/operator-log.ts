import type { FastifyBaseLogger } from 'fastify';
import { describeOutcome } from './catalog/describe-outcome.ts';
import type { Snapshot } from './catalog/snapshot.ts';
import type { SyncOutcome } from './catalog/sync-outcome.ts';
import type { Metrics } from './http/metrics.ts';
import type { PipelineEvents } from './pipeline.ts';
import { RegistryError } from './registry/registry-errors.ts';

interface Target {
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
}

/**
 * Each thing that happens to the list moves a metric and writes one line (P13). What happens before there is an
 * application, while the saved files are read, is told as soon as there is one.
 */
export function createOperatorLog(): {
  readonly events: PipelineEvents;
  attach(target: Target): void;
} {
  let target: Target | null = null;
  const early: ((to: Target) => void)[] = [];
  const tell = (task: (to: Target) => void): void => {
    if (target === null) early.push(task);
    else task(target);
  };
  return {
    events: {
      onTransition: (from, to) =>
        tell(({ metrics, log }) => {
          metrics.countSyncTransition(from, to);
          log.info({ from, to }, 'sync');
        }),
      onOutcome: (outcome) => tell((to) => tellOutcome(outcome, to)),
      onSaveFailed: (error) =>
        tell(({ metrics, log }) => {
          metrics.countFile('save_failed');
          log.warn({ cause: (error as Error).message }, 'the list could not be saved; tried again later');
        }),
      onRegistryRequest: () => tell(({ metrics }) => metrics.countRegistryRequest()),
      onRegistryPause: (reason, durationMs) =>
        tell(({ metrics, log }) => {
          metrics.countRegistryPause(reason);
          log.warn({ reason, seconds: Math.round(durationMs / 1000) }, 'the registry is left alone');
        }),
      onBadFile: (bad) =>
        tell(({ metrics, log }) => {
          metrics.countFile(bad.quarantined ? 'quarantined' : 'passed_over');
          log.warn(bad, 'a saved file is passed over');
        }),
      onRole: (role) => tell(({ log }) => log.info({ role }, 'among the replicas')),
      onStore: (isThere, problem) =>
        tell(({ metrics, log }) => {
          if (isThere) log.info('the shared store is there');
          else {
            metrics.countSharedFault('away');
            log.warn({ problem }, 'the shared store is away: the list is served on, and kept current alone');
          }
        }),
      onBadShared: (kind, problem) =>
        tell(({ metrics, log }) => {
          metrics.countSharedFault('unreadable');
          log.warn({ kind, problem }, 'what the shared store holds cannot be read and is passed over');
        }),
      onFolderBusy: ({ pid }) =>
        tell(({ metrics, log }) => {
          metrics.countFile('folder_busy');
          log.warn({ writer: pid }, 'another process writes in DATA_DIR: this one serves and does not save');
        }),
    },
    attach(to) {
      target = to;
      for (const task of early.splice(0)) task(to);
    },
  };
}

function tellOutcome(outcome: SyncOutcome, { metrics, log }: Target): void {
  metrics.countSync(outcome.result === 'failed' ? outcome.code : outcome.result);
  const [line = '', ...details] = describeOutcome(outcome);
  if (outcome.result === 'failed') log.warn(describeFailure(outcome), line);
  else if (outcome.result === 'held') log.warn({ reasons: outcome.held.reasons }, line);
  else log.info(details.length === 0 ? {} : { changes: details.slice(0, MOST_CHANGES_LOGGED) }, line);
  if (outcome.result === 'published') tellOddRecords(outcome.snapshot, log);
}

/** What the registry sent and we could not use: the numbers are gauges, the line says which. */
function tellOddRecords({ setAside, provenance }: Snapshot, log: FastifyBaseLogger): void {
  if (setAside.length > 0)
    log.warn({ setAside: setAside.slice(0, MOST_CHANGES_LOGGED) }, 'studies that cannot be read');
  const unknown = provenance.flatMap(({ nctId, unknownValues }) =>
    unknownValues.map(({ field, value }) => `${nctId} ${field}: ${value}`),
  );
  if (unknown.length > 0)
    log.warn({ unknown: unknown.slice(0, MOST_CHANGES_LOGGED) }, 'values that are not known');
}

/** A log line is for reading; `/v1/meta` and `npm run sync` have the whole. */
const MOST_CHANGES_LOGGED = 20;

/** What an operator needs; the stack only of a fault of ours. */
function describeFailure({ code, error }: Extract<SyncOutcome, { result: 'failed' }>): object {
  if (!(error instanceof RegistryError)) return { code, err: error };
  const cause = error.cause instanceof Error ? error.cause.message : null;
  return { code, problem: error.message, cause, upstreamText: error.upstreamText };
}
