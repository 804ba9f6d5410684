import { z } from 'zod';
import type { Term } from '../trials/vocabulary.ts';
import { valuesOf } from '../trials/vocabulary.ts';
import type { SnapshotDiff } from './compare-snapshots.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a list is held back (promise P10): each a change that a fault of the registry or of ours makes, and hardly a day's work. */
export const GUARD = {
  no_trials: { label: 'No trials', definition: 'The list is empty.' },
  too_few: { label: 'Too few trials', definition: 'Fewer than 80 % of the trials accepted last.' },
  too_many: { label: 'Too many trials', definition: 'More than 150 % of the trials accepted last.' },
  field_changed: {
    label: 'One field changed everywhere',
    definition: 'More than 30 % of the trials changed the same field at once.',
  },
  older_data: {
    label: 'Older data',
    definition: 'The registry served a dataset that is older than the one accepted last.',
  },
} as const satisfies Record<string, Term>;

export const GuardReason = z
  .object({ code: z.enum(valuesOf(GUARD)), detail: z.string().describe('The figures, in a sentence.') })
  .meta({ id: 'GuardReason' });
export type GuardReason = z.infer<typeof GuardReason>;

const LEAST_SHARE = 0.8;
const MOST_SHARE = 1.5;
const MOST_CHANGED_SHARE = 0.3;

/**
 * Everything that speaks against publishing; nothing speaks against most lists.
 * @param before the last accepted list of the registry under the same pack, or `null` when there is none
 */
export function findGuardReasons(
  before: Snapshot | null,
  after: Snapshot,
  diff: SnapshotDiff,
): GuardReason[] {
  const reasons: GuardReason[] = [];
  const count = after.trials.length;
  if (count === 0) reasons.push({ code: 'no_trials', detail: 'The list would have no trials.' });
  if (before === null) return reasons;
  const had = before.trials.length;
  if (count > 0 && count < had * LEAST_SHARE)
    reasons.push({ code: 'too_few', detail: `${count} trials after ${had}; at least 80 % are expected.` });
  if (had > 0 && count > had * MOST_SHARE)
    reasons.push({ code: 'too_many', detail: `${count} trials after ${had}; at most 150 % are expected.` });
  reasons.push(...findChangedFields(before, after, diff));
  if (isOlder(after.sourceDataTimestamp, before.sourceDataTimestamp))
    reasons.push({
      code: 'older_data',
      detail: `Data of ${after.sourceDataTimestamp ?? ''} after data of ${before.sourceDataTimestamp ?? ''}.`,
    });
  return reasons;
}

function findChangedFields(before: Snapshot, after: Snapshot, { changed }: SnapshotDiff): GuardReason[] {
  const shared = after.trials.filter(({ nctId }) => before.findTrial(nctId) !== null).length;
  const counts = new Map<string, number>();
  for (const { fields } of changed)
    for (const field of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > shared * MOST_CHANGED_SHARE)
    .map(([field, count]) => ({
      code: 'field_changed',
      detail: `${count} of ${shared} trials changed ${field} at once; at most 30 % are expected.`,
    }));
}

/** Stamps such as `2026-11-20T09:00:04`, or days, which order as text as far as both go. */
export function isOlder(stamp: string | null, than: string | null): boolean {
  if (stamp === null || than === null) return false;
  const length = Math.min(stamp.length, than.length);
  return stamp.slice(0, length) < than.slice(0, length);
}
