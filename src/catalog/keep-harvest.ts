import type { PackPlace } from '../trials/institution-pack.ts';
import { readAliases, Study } from '../registry/study.ts';
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
