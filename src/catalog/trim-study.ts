import type { PackPlace } from '../trials/institution-pack.ts';
import { Study } from '../registry/study.ts';
import type { HarvestedStudy } from './build-snapshot.ts';

/**
 * Leaves out the sites of other states, which are most of a record (a study can have 800), and keeps their number.
 * A study that cannot be read stays as it is, to be set aside with its reason.
 */
export function trimStudy(harvested: HarvestedStudy, place: PackPlace): HarvestedStudy {
  const parsed = Study.safeParse(harvested.study);
  if (!parsed.success) return harvested;
  const study = parsed.data;
  const module = study.protocolSection.contactsLocationsModule;
  const locations = module?.locations;
  if (module === undefined || locations === undefined) return harvested;
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
