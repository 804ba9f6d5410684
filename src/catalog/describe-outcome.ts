import type { WalkProgress } from '../registry/walk-studies.ts';
import type { SnapshotDiff } from './compare-snapshots.ts';
import { AGREEMENT } from './holding.ts';
import type { HeldList, Pause } from './store.ts';
import { SYNC_FAILURE } from './sync-failure.ts';
import type { SyncOutcome } from './sync-outcome.ts';

const PAUSE_REASON: Readonly<Record<Pause['reason'], string>> = {
  busy: 'the registry asked to wait',
  refused: 'the registry refused us',
};

/** One page more. */
export function describePage({ query, page, rows, totalCount }: WalkProgress): string {
  return `${query}: page ${page}, ${rows} of ${totalCount} studies`;
}

/** How a sync ended, in lines for an operator: first the whole in one line, then what came, went and changed. */
export function describeOutcome(outcome: SyncOutcome): string[] {
  switch (outcome.result) {
    case 'unchanged':
      return ['The registry has not changed.'];
    case 'failed':
      return [`The sync failed (${outcome.code}): ${SYNC_FAILURE[outcome.code].definition}`];
    case 'paused':
      return [
        `Nothing was asked: ${PAUSE_REASON[outcome.pause.reason]}, until ${outcome.pause.until} at least.`,
      ];
    case 'nothing_held':
      return ['No list is held back.'];
    case 'stopped':
      return ['The sync was stopped.'];
    case 'held':
      return describeHeld(outcome.held);
    case 'published':
      return [
        `Published ${outcome.snapshot.trials.length} trials: ${countDiff(outcome.diff)}.`,
        ...describeDiff(outcome.diff),
      ];
    default:
      return outcome satisfies never;
  }
}

function describeHeld({ reasons, agreed, diff }: HeldList): string[] {
  return [
    `Held back (${agreed} of ${AGREEMENT.syncs} syncs agree): ${countDiff(diff)}. The list before is kept.`,
    ...reasons.map(({ detail }) => `! ${detail}`),
    ...describeDiff(diff),
  ];
}

function countDiff({ added, gone, changed }: SnapshotDiff): string {
  return `${added.length} added, ${gone.length} gone, ${changed.length} changed`;
}

function describeDiff({ added, gone, changed }: SnapshotDiff): string[] {
  return [
    ...added.map(({ nctId, briefTitle }) => `+ ${nctId} ${briefTitle}`),
    ...gone.map(({ nctId, briefTitle }) => `- ${nctId} ${briefTitle}`),
    ...changed.map(({ nctId, briefTitle, fields }) => `~ ${nctId} ${briefTitle} (${fields.join(', ')})`),
  ];
}
