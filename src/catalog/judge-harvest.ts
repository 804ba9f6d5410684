import { readAliases } from '../registry/study.ts';
import type { PackPlace } from '../trials/institution-pack.ts';
import type { Harvest, SnapshotBuilder } from './build-snapshot.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { findGuardReasons } from './guards.ts';
import type { Candidate } from './holding.ts';
import { dropUnreadable, mendHarvest, trimHarvest } from './keep-harvest.ts';
import type { Snapshot } from './snapshot.ts';
import { refuseUnreadable } from './sync-failure.ts';
import type { Whereabouts } from './tombstones.ts';

/**
 * Makes a harvest into a list that could be published: studies that cannot be read are replaced by their last
 * readable version, and the guards are asked.
 * @throws TooManyUnreadable
 */
export async function judgeHarvest(
  harvest: Harvest,
  context: {
    buildSnapshot: SnapshotBuilder;
    place: PackPlace;
    /** What is being served, for the difference. */
    served: Snapshot | null;
    /** What the guards compare with: never the sample, never a list under another pack. */
    baseline: Snapshot | null;
    accepted: Harvest | null;
    signal: AbortSignal;
  },
): Promise<Candidate> {
  const { buildSnapshot, place, served, baseline, accepted, signal } = context;
  const trimmed = await trimHarvest(harvest, place, signal);
  const fresh = await buildSnapshot(trimmed, signal);
  refuseUnreadable(fresh, trimmed.studies.length);
  const listed = new Set((baseline?.trials ?? []).map(({ nctId }) => nctId));
  const mended = mendHarvest(trimmed, fresh, accepted && { harvest: accepted, listed });
  const snapshot = mended === trimmed ? fresh : await buildSnapshot(mended, signal);
  const diff = compareSnapshots(served, snapshot);
  const reasons = findGuardReasons(baseline, snapshot, diff);
  return { snapshot, harvest: dropUnreadable(mended, snapshot), diff, reasons };
}

/** What the harvest says of studies that are not on the list any more. */
export function findWhereabouts({ studies, followedUp = false }: Harvest): Whereabouts {
  const mergedInto = new Map(
    studies.flatMap(({ study, nctId }) =>
      nctId === null ? [] : readAliases(study).map((alias) => [alias, nctId] as const),
    ),
  );
  return { mergedInto, followedUp };
}
