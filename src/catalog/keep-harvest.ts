import { setImmediate } from 'node:timers/promises';
import type { PackPlace } from '../trials/institution-pack.ts';
import { foldFacility } from '../trials/match-site.ts';
import { copyLocation, readAliases, Study, type StudyLocation } from '../registry/study.ts';
import type { Harvest, HarvestedStudy } from './build-snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * The harvest as it is judged and kept: only what we read of each study, copied afresh, without the sites of other
 * states. What is judged is what is kept, so that it is the same list after a restart and on every replica.
 */
export async function trimHarvest(
  harvest: Harvest,
  place: PackPlace,
  signal?: AbortSignal,
): Promise<Harvest> {
  const isNear = createNearTest(place);
  const studies: HarvestedStudy[] = [];
  for (const harvested of harvest.studies) {
    studies.push(trimStudy(harvested, place, isNear));
    // Large records take a millisecond each, and readers come first.
    await setImmediate();
    signal?.throwIfAborted();
  }
  return { ...harvest, studies };
}

/** Without the records that could not be read: nothing of them is kept but the reason. */
export function dropUnreadable(harvest: Harvest, snapshot: Snapshot): Harvest {
  const reasons = new Map(snapshot.setAside.map(({ nctId, reason }) => [nctId, reason]));
  return {
    ...harvest,
    studies: harvest.studies.map((harvested) => {
      const reason = reasons.get(harvested.nctId);
      if (reason === undefined || harvested.unreadable !== undefined) return harvested;
      return { ...harvested, study: null, unreadable: reason };
    }),
  };
}

/** Folds as `createSiteMatcher` does: a site that it would match must not be left out for its spelling. */
function createNearTest(place: PackPlace): (site: Pick<StudyLocation, 'state' | 'country'>) => boolean {
  const states = new Set([place.state, place.stateAbbreviation].map(foldFacility));
  const country = foldFacility(place.country);
  // Thousands of sites are in the same few states.
  const known = new Map<string, string>();
  const fold = (name = ''): string => {
    const folded = known.get(name) ?? foldFacility(name);
    known.set(name, folded);
    return folded;
  };
  return (site) => fold(site.country) === country && states.has(fold(site.state));
}

/**
 * Leaves out the sites of other states, which are most of a record (a study can have 800), and keeps their number.
 * A study that cannot be read stays as it is.
 */
export function trimStudy(
  harvested: HarvestedStudy,
  place: PackPlace,
  isNear = createNearTest(place),
): HarvestedStudy {
  const parsed = Study.safeParse(harvested.study);
  if (!parsed.success) return harvested;
  const study = parsed.data;
  const module = study.protocolSection.contactsLocationsModule;
  const locations = module?.locations;
  if (module === undefined || locations === undefined) return { ...harvested, study };
  const near = locations.filter(isNear);
  return {
    ...harvested,
    study: {
      ...study,
      protocolSection: {
        ...study.protocolSection,
        contactsLocationsModule: { ...module, locations: near.map(copyLocation) },
      },
    },
    leftOutSitesCount: (harvested.leftOutSitesCount ?? 0) + locations.length - near.length,
  };
}

/** Said of a trial whose record may be one of those that came without a readable number. */
const NUMBER_UNREADABLE = 'a record came without a readable number';

/**
 * Puts the last readable version in place of every record that can no longer be read (P9): one bad study costs
 * nobody a trial. It is marked, and stays among those set aside. A record whose number cannot be read may be that of
 * any trial that is missing.
 */
export function mendHarvest(
  harvest: Harvest,
  fresh: Snapshot,
  earlier: { harvest: Harvest; listed: ReadonlySet<string> } | null,
): Harvest {
  if (fresh.setAside.length === 0 || earlier === null) return harvest;
  const reasons = new Map(fresh.setAside.map(({ nctId, reason }) => [nctId, reason]));
  const readable = new Map(
    earlier.harvest.studies.flatMap((harvested) =>
      harvested.study === null || harvested.nctId === null ? [] : [[harvested.nctId, harvested] as const],
    ),
  );
  const mended = harvest.studies.map((harvested) => {
    const unreadable = reasons.get(harvested.nctId);
    const last = harvested.nctId === null ? undefined : readable.get(harvested.nctId);
    if (unreadable === undefined || last === undefined) return harvested;
    return { ...last, foundBy: harvested.foundBy, unreadable };
  });
  if (!reasons.has(null)) return { ...harvest, studies: mended };
  const answered = new Set(harvest.studies.flatMap(({ study, nctId }) => [nctId, ...readAliases(study)]));
  const missing = [...readable.values()].flatMap((last) =>
    answered.has(last.nctId) || !earlier.listed.has(last.nctId ?? '')
      ? []
      : [{ ...last, unreadable: NUMBER_UNREADABLE }],
  );
  return { ...harvest, studies: [...mended, ...missing] };
}
