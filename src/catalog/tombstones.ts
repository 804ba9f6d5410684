import { z } from 'zod';
import { NctId } from '../trials/trial.ts';
import type { Snapshot } from './snapshot.ts';

/** A trial that left the list: answered with 410 for 90 days. */
export const Tombstone = z
  .object({
    nctId: NctId,
    briefTitle: z.string(),
    goneAt: z.iso.datetime(),
    reason: z
      .enum(['not_proposed', 'not_kept'])
      .describe('`not_proposed`: the registry no longer returns it; `not_kept`: see /v1/excluded.'),
  })
  .meta({ id: 'Tombstone' });
export type Tombstone = z.infer<typeof Tombstone>;

const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;

/** The tombstones after a change of the list: new leavers added, returned and old ones dropped. */
export function updateTombstones(
  tombstones: readonly Tombstone[],
  change: { before: Snapshot | null; after: Snapshot; nowMs: number },
): Tombstone[] {
  const { before, after, nowMs } = change;
  const excluded = new Set(after.excluded.map(({ nctId }) => nctId));
  const merged = (nctId: string): boolean => after.findAlias(nctId) !== null;
  const leavers = (before?.trials ?? [])
    .filter(({ nctId }) => after.findTrial(nctId) === null && !merged(nctId))
    .map(({ nctId, briefTitle }): Tombstone => ({
      nctId,
      briefTitle,
      goneAt: new Date(nowMs).toISOString(),
      reason: excluded.has(nctId) ? 'not_kept' : 'not_proposed',
    }));
  const known = new Set(leavers.map(({ nctId }) => nctId));
  const lasting = tombstones.filter(
    ({ nctId, goneAt }) =>
      !known.has(nctId) && after.findTrial(nctId) === null && nowMs - Date.parse(goneAt) < KEPT_DAYS * DAY_MS,
  );
  return [...leavers, ...lasting];
}
