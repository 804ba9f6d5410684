import type { PackPlace } from '../trials/institution-pack.ts';
import { Study } from '../registry/study.ts';
import type { Harvest, HarvestedStudy } from './build-snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * The harvest as it is kept: only what we read of each study, copied afresh, without the sites of other states,
 * and nothing of a record that could not be read but the reason.
 */
export function trimHarvest(harvest: Harvest, snapshot: Snapshot, place: PackPlace): Harvest {
  const unreadable = new Map(snapshot.setAside.map(({ nctId, reason }) => [nctId, reason]));
  return {
    ...harvest,
    studies: harvest.studies.map((harvested) => {
      const reason = unreadable.get(harvested.nctId);
      if (reason === undefined || harvested.unreadable !== undefined) return trimStudy(harvested, place);
      return { ...harvested, study: null, unreadable: reason };
    }),
  };
}

/**
 * Leaves out the sites of other states, which are most of a record (a study can have 800), and keeps their number.
 * A study that cannot be read stays as it is.
 */
export function trimStudy(harvested: HarvestedStudy, place: PackPlace): HarvestedStudy {
  const parsed = Study.safeParse(harvested.study);
  if (!parsed.success) return harvested;
  const study = parsed.data;
  const module = study.protocolSection.contactsLocationsModule;
  const locations = module?.locations;
  if (module === undefined || locations === undefined) return { ...harvested, study };
  const near = locations.filter(
    ({ state, country }) =>
      country === place.country && (state === place.state || state === place.stateAbbreviation),
  );
  return {
    ...harvested,
    study: {
      ...study,
      protocolSection: {
        ...study.protocolSection,
        contactsLocationsModule: { ...module, locations: near },
      },
    },
    leftOutSitesCount: (harvested.leftOutSitesCount ?? 0) + locations.length - near.length,
  };
}

/**
 * Puts the last readable version in place of every record that can no longer be read (P9): one bad study costs
 * nobody a trial. It is marked, and stays among those set aside.
 */
export function mendHarvest(harvest: Harvest, fresh: Snapshot, earlier: Harvest | null): Harvest {
  if (fresh.setAside.length === 0 || earlier === null) return harvest;
  const reasons = new Map(fresh.setAside.map(({ nctId, reason }) => [nctId, reason]));
  const readable = new Map(
    earlier.studies.flatMap((harvested) => (harvested.study === null ? [] : [[harvested.nctId, harvested]])),
  );
  return {
    ...harvest,
    studies: harvest.studies.map((harvested) => {
      const unreadable = reasons.get(harvested.nctId);
      const last = harvested.nctId === null ? undefined : readable.get(harvested.nctId);
      if (unreadable === undefined || last === undefined) return harvested;
      return { ...last, foundBy: harvested.foundBy, unreadable };
    }),
  };
}
