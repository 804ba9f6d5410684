import { z } from 'zod';
import { NctId } from '../trials/trial.ts';
import { valuesOf, type Term } from '../trials/vocabulary.ts';
import { isRecent } from './recent-past.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a trial left the list. The list is closed. */
export const GONE_REASON = {
  gone_from_registry: {
    label: 'Gone from the registry',
    definition: 'The registry no longer has a study of this number.',
  },
  site_removed: {
    label: 'No site here',
    definition: 'The study no longer lists a site of this institution.',
  },
  no_longer_all: {
    label: 'No longer of this disease',
    definition: 'The study no longer belongs by its condition.',
  },
  merged: { label: 'Merged', definition: 'The number was merged into that of another study.' },
  unknown: {
    label: 'Not known',
    definition: 'The registry no longer proposes the study; why could not be found out.',
  },
} as const satisfies Record<string, Term>;

/** A trial that left the list: answered with 410 for 90 days. */
export const Tombstone = z
  .object({
    nctId: NctId,
    briefTitle: z.string(),
    goneAt: z.iso.datetime(),
    // A reason that only another version knows is none that this one could explain.
    reason: z.enum(valuesOf(GONE_REASON)).catch('unknown'),
    mergedInto: NctId.nullable().catch(null).describe('The other number, when the reason is `merged`.'),
  })
  .meta({ id: 'Tombstone' });
export type Tombstone = z.infer<typeof Tombstone>;

/** What the registry said of the studies that it no longer proposed. */
export interface Whereabouts {
  /** By the number that was merged, the number that it was merged into. */
  readonly mergedInto: ReadonlyMap<string, string>;
  /** True when the registry was asked for them by number: what it did not return is gone. */
  readonly followedUp: boolean;
}

export const NOWHERE: Whereabouts = { mergedInto: new Map(), followedUp: false };

/** The tombstones after a change of the list: new leavers added, returned and old ones dropped. */
export function updateTombstones(
  tombstones: readonly Tombstone[],
  change: { before: Snapshot | null; after: Snapshot; whereabouts: Whereabouts; nowMs: number },
): Tombstone[] {
  const { before, after, whereabouts, nowMs } = change;
  const goneAt = new Date(nowMs).toISOString();
  const leavers = (before?.trials ?? [])
    .filter(({ nctId }) => after.findTrial(nctId) === null && after.findAlias(nctId) === null)
    .map(({ nctId, briefTitle }): Tombstone => {
      const mergedInto = whereabouts.mergedInto.get(nctId) ?? null;
      return { nctId, briefTitle, goneAt, reason: reasonOf(nctId, after, whereabouts), mergedInto };
    });
  leavers.push(...buryAliases(before, after, goneAt));
  const known = new Set(leavers.map(({ nctId }) => nctId));
  const lasting = tombstones.filter(
    (tombstone) =>
      !known.has(tombstone.nctId) &&
      after.findTrial(tombstone.nctId) === null &&
      isRecent(tombstone.goneAt, nowMs),
  );
  return [...leavers, ...lasting];
}

/** A number that was merged into a trial was on the list as long as that trial told so. */
function buryAliases(before: Snapshot | null, after: Snapshot, goneAt: string): Tombstone[] {
  return (before?.trials ?? []).flatMap(({ nctId: into, briefTitle, aliases }) =>
    aliases
      .filter((nctId) => after.findTrial(nctId) === null && after.findAlias(nctId) === null)
      .map((nctId): Tombstone => {
        const still = after.findTrial(into) !== null;
        const reason = still ? 'unknown' : 'merged';
        return { nctId, briefTitle, goneAt, reason, mergedInto: still ? null : into };
      }),
  );
}

function reasonOf(
  nctId: string,
  after: Snapshot,
  { mergedInto, followedUp }: Whereabouts,
): Tombstone['reason'] {
  if (mergedInto.has(nctId)) return 'merged';
  const excluded = after.excluded.find((study) => study.nctId === nctId);
  if (excluded !== undefined) return excluded.reason === 'no_site_here' ? 'site_removed' : 'no_longer_all';
  if (after.setAside.some((study) => study.nctId === nctId)) return 'unknown';
  return followedUp ? 'gone_from_registry' : 'unknown';
}
