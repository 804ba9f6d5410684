import type { Snapshot } from './snapshot.ts';
import { SYNC_FAILURE, type SyncOutcome } from './sync.ts';

/** One sync in one line. */
export function describeOutcome(outcome: SyncOutcome): string {
  if (outcome.result === 'unchanged') return 'The registry has not changed.';
  if (outcome.result === 'failed')
    return `The sync failed (${outcome.code}): ${SYNC_FAILURE[outcome.code].definition}`;
  const { added, gone, changed } = compareSnapshots(outcome.before, outcome.snapshot);
  return `Published ${outcome.snapshot.trials.length} trials: ${added.length} added, ${gone.length} gone, ${changed.length} changed.`;
}

/** The NCT ids that came, went and changed between two snapshots. */
export function compareSnapshots(
  before: Snapshot | null,
  after: Snapshot,
): { added: string[]; gone: string[]; changed: string[] } {
  const old = new Map((before?.trials ?? []).map((trial) => [trial.nctId, JSON.stringify(trial)]));
  const added = after.trials.filter(({ nctId }) => !old.has(nctId));
  const gone = [...old.keys()].filter((nctId) => after.findTrial(nctId) === null);
  const changed = after.trials.filter(
    (trial) => old.has(trial.nctId) && old.get(trial.nctId) !== JSON.stringify(trial),
  );
  return { added: added.map(({ nctId }) => nctId), gone, changed: changed.map(({ nctId }) => nctId) };
}
