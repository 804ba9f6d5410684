import { z } from 'zod';
import { NctId } from '../trials/trial.ts';
import type { SnapshotDiff } from './compare-snapshots.ts';
import { isRecent } from './recent-past.ts';
import type { Snapshot } from './snapshot.ts';

/** What one publication changed on the list. */
export const JournalEntry = z
  .object({
    at: z.iso.datetime().describe('When the registry was asked for it.'),
    snapshotId: z.string(),
    sourceDataTimestamp: z.string().nullable(),
    trials: z.int().min(0),
    added: z.array(NctId),
    gone: z.array(NctId),
    changed: z.array(NctId),
  })
  .meta({ id: 'JournalEntry' });
export type JournalEntry = z.infer<typeof JournalEntry>;

/** The registry changes on working days: some seventy publications in ninety days, and many more only in a fault. */
const MOST_ENTRIES = 200;

/** The journal with one more publication, newest first; one that changes nothing is none. */
export function extendJournal(
  journal: readonly JournalEntry[],
  published: { at: string; snapshot: Snapshot; diff: SnapshotDiff },
): JournalEntry[] {
  const { at, snapshot, diff } = published;
  const [added, gone, changed] = [diff.added, diff.gone, diff.changed].map((list) =>
    list.map(({ nctId }) => nctId),
  ) as [string[], string[], string[]];
  if (added.length + gone.length + changed.length === 0) return [...journal];
  const { id: snapshotId, sourceDataTimestamp, trials } = snapshot;
  const entry: JournalEntry = {
    at,
    snapshotId,
    sourceDataTimestamp,
    trials: trials.length,
    added,
    gone,
    changed,
  };
  const recent = journal.filter((one) => isRecent(one.at, Date.parse(at)));
  return [entry, ...recent].slice(0, MOST_ENTRIES);
}
