import { availabilityAsked, type FieldFilter, type FilterableTrial } from './filter-trials.ts';
import { phasesOf } from './phases.ts';
import type { TrialQuery } from './trial-query.ts';

/** Filters whose values are counted. */
export const COUNTED_FILTERS = [
  'ageGroup',
  'phase',
  'availability',
  'site',
  'siteMatch',
  'sex',
  'studyType',
  'relevance',
] as const satisfies readonly FieldFilter[];
export type CountedFilter = (typeof COUNTED_FILTERS)[number];
/** Filters whose values depend on what is asked, because site, kind and availability must hold at the same site. */
export type PlaceFilter = 'availability' | 'site' | 'siteMatch';
export type PlainFilter = Exclude<CountedFilter, PlaceFilter>;

export const PLACE_VALUES: Readonly<
  Record<PlaceFilter, (trial: FilterableTrial, query: TrialQuery) => readonly string[]>
> = {
  availability: (trial, query) => [availabilityAsked(trial, query)],
  site: (trial, { siteMatch }) =>
    trial.sites
      .filter(({ kind }) => siteMatch.length === 0 || siteMatch.includes(kind))
      .map(({ key }) => key),
  siteMatch: (trial, { site }) =>
    trial.sites.filter(({ key }) => site.length === 0 || site.includes(key)).map(({ kind }) => kind),
};

export const PLAIN_FILTERS = [
  'ageGroup',
  'phase',
  'sex',
  'studyType',
  'relevance',
] as const satisfies readonly PlainFilter[];

export const PLAIN_VALUES: Readonly<Record<PlainFilter, (trial: FilterableTrial) => readonly string[]>> = {
  ageGroup: ({ ageGroups }) => ageGroups,
  phase: ({ phases }) => phasesOf(phases),
  sex: ({ sex }) => (sex === 'FEMALE' || sex === 'MALE' ? [sex] : ['FEMALE', 'MALE']),
  studyType: ({ studyType }) => [studyType ?? ''],
  relevance: ({ relevance }) => [relevance.tier],
};
