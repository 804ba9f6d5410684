import type { FieldFilter, FilterableTrial } from './filter-trials.ts';

/** What some filters look at together. Trials with equal keys pass or fail them alike, whatever is asked. */
interface Aspect {
  readonly filters: readonly FieldFilter[];
  readonly keyOf: (trial: FilterableTrial) => string;
}

/** Site, kind of site and availability are one aspect, because they must hold at the same site. */
const ASPECT = {
  ageGroups: { filters: ['ageGroup'], keyOf: ({ ageGroups }) => JSON.stringify(ageGroups) },
  ages: {
    filters: ['age', 'ageMin', 'ageMax'],
    keyOf: ({ ageRange }) => `${ageRange.fromDays} ${ageRange.beforeDays}`,
  },
  phases: { filters: ['phase'], keyOf: ({ phases }) => JSON.stringify(phases) },
  places: {
    filters: ['availability', 'site', 'siteMatch'],
    keyOf: ({ sites }) =>
      JSON.stringify(sites.map(({ key, kind, availability }) => [key, kind, availability])),
  },
  sex: { filters: ['sex'], keyOf: ({ sex }) => sex ?? '' },
  studyType: { filters: ['studyType'], keyOf: ({ studyType }) => studyType ?? '' },
  relevance: { filters: ['relevance'], keyOf: ({ relevance }) => relevance.tier },
} as const satisfies Record<string, Aspect>;
export type AspectName = keyof typeof ASPECT;
export const ASPECT_NAMES = Object.keys(ASPECT) as AspectName[];

/** The same table by a wider type, for those who ask with any name. */
export const ASPECTS: Readonly<Record<AspectName, Aspect>> = ASPECT;

/** The aspect that a filter looks at. */
export const ASPECT_OF = Object.fromEntries(
  ASPECT_NAMES.flatMap((name) => ASPECTS[name].filters.map((filter) => [filter, name])),
) as Readonly<Record<FieldFilter, AspectName>>;
