import { copySampleStudy } from '../support/sample.ts';

/** What can change of a made-up study. */
export interface StudyState {
  readonly nctId: string;
  status: string;
  edition: number;
  unreadable: boolean;
  /** Its only site is elsewhere. */
  away: boolean;
  /** Searches do not return it; asked for by number it is there. */
  hidden: boolean;
  aliases: string[];
}

const real = copySampleStudy('NCT03959085').protocolSection;
const home = real.contactsLocationsModule.locations.find(({ facility }) =>
  String(facility).includes("Children's Hospital of Alabama"),
);
if (home === undefined) throw new Error('the sample has no site here any more');
const elsewhere = real.contactsLocationsModule.locations.find(({ state }) => state !== 'Alabama');

export const STATUSES = ['RECRUITING', 'ACTIVE_NOT_RECRUITING', 'COMPLETED', 'SUSPENDED'] as const;
export const nctIdOf = (number: number): string => `NCT9${String(number).padStart(7, '0')}`;

export function makeStudyState(number: number): StudyState {
  return {
    nctId: nctIdOf(number),
    status: 'RECRUITING',
    edition: 0,
    unreadable: false,
    away: false,
    hidden: false,
    aliases: [],
  };
}

/** A real study cut down to what its listing needs, so that a list is judged in a few milliseconds. */
export function writeStudy(state: StudyState, day: string): object {
  const { nctId, edition, aliases } = state;
  return {
    protocolSection: {
      identificationModule: {
        nctId,
        briefTitle: state.unreadable
          ? ''
          : `Study ${nctId} of Acute Lymphoblastic Leukemia, version ${edition}`,
        ...(aliases.length > 0 && { nctIdAliases: aliases }),
      },
      statusModule: {
        overallStatus: state.status,
        startDateStruct: real.statusModule['startDateStruct'],
        lastUpdatePostDateStruct: real.statusModule['lastUpdatePostDateStruct'],
      },
      conditionsModule: { conditions: ['Acute Lymphoblastic Leukemia'] },
      designModule: { studyType: 'INTERVENTIONAL', phases: ['PHASE2'] },
      eligibilityModule: {
        eligibilityCriteria:
          'Inclusion Criteria:\n\n* Newly diagnosed B-ALL\n\nExclusion Criteria:\n\n* Pregnancy',
        minimumAge: '1 Year',
        maximumAge: '25 Years',
        stdAges: ['CHILD', 'ADULT'],
        sex: 'ALL',
      },
      contactsLocationsModule: { locations: state.away ? [elsewhere] : [home, elsewhere] },
    },
    derivedSection: { miscInfoModule: { versionHolder: day } },
    hasResults: false,
  };
}
