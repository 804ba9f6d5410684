import {
  availabilityAsked,
  filterTrials,
  FILTERS,
  withoutFilter,
  type Filter,
  type FilterableTrial,
} from './filter-trials.ts';
import { phasesOf } from './phases.ts';
import type { TrialQuery } from './trial-query.ts';
import { AGE_GROUPS, AVAILABILITIES, PHASES, RELEVANCES, SITE_MATCHES, STUDY_TYPES } from './vocabulary.ts';

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
] as const satisfies readonly Filter[];
export type CountedFilter = (typeof COUNTED_FILTERS)[number];
export type FacetCounts = Record<CountedFilter, Record<string, number>>;

type ValuesOf = (found: FilterableTrial, query: TrialQuery) => readonly string[];

const VALUES: Readonly<Record<CountedFilter, ValuesOf>> = {
  ageGroup: ({ trial }) => trial.ageGroups,
  phase: ({ trial }) => phasesOf(trial.phases),
  availability: (found, query) => [availabilityAsked(found, query)],
  site: ({ trial }, { siteMatch }) =>
    trial.sites
      .filter(({ kind }) => siteMatch.length === 0 || siteMatch.includes(kind))
      .map(({ key }) => key),
  siteMatch: ({ trial }, { site }) =>
    trial.sites.filter(({ key }) => site.length === 0 || site.includes(key)).map(({ kind }) => kind),
  sex: ({ trial }) => (trial.sex === 'FEMALE' || trial.sex === 'MALE' ? [trial.sex] : ['FEMALE', 'MALE']),
  studyType: ({ trial }) => [trial.studyType ?? ''],
  relevance: ({ trial }) => [trial.relevance.tier],
};

/** Counts every value of every counted filter, with all other filters applied but its own. Zeros are said. */
export function countFacets(
  trials: readonly FilterableTrial[],
  query: TrialQuery,
  siteKeys: readonly string[],
): FacetCounts {
  const known: Readonly<Record<CountedFilter, readonly string[]>> = {
    ageGroup: AGE_GROUPS,
    phase: PHASES,
    availability: AVAILABILITIES,
    site: siteKeys,
    siteMatch: SITE_MATCHES,
    sex: ['FEMALE', 'MALE'],
    studyType: STUDY_TYPES,
    relevance: RELEVANCES,
  };
  const countOf = (filter: CountedFilter): Record<string, number> => {
    const open = withoutFilter(query, filter);
    const found = filterTrials(trials, open).map((one) => new Set(VALUES[filter](one, open)));
    return Object.fromEntries(
      known[filter].map((value) => [value, found.filter((values) => values.has(value)).length]),
    );
  };
  return Object.fromEntries(COUNTED_FILTERS.map((filter) => [filter, countOf(filter)])) as FacetCounts;
}

/** How many trials the two careful rules leave out, each counted with all other filters applied. */
export function countHidden(
  trials: readonly FilterableTrial[],
  query: TrialQuery,
): { relevance: number; siteMatch: number } {
  const open = withoutFilter(withoutFilter(query, 'relevance'), 'siteMatch');
  const all = filterTrials(trials, open).length;
  return {
    relevance: all - filterTrials(trials, { ...open, relevance: query.relevance }).length,
    siteMatch: all - filterTrials(trials, { ...open, siteMatch: query.siteMatch }).length,
  };
}

/** For an empty list: how many trials dropping each single filter would find. */
export function suggestFilters(
  trials: readonly FilterableTrial[],
  query: TrialQuery,
): { drop: Filter; total: number }[] {
  const isSet = (filter: Filter): boolean => {
    const value = query[filter];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  };
  return FILTERS.filter(isSet).map((drop) => ({
    drop,
    total: filterTrials(trials, withoutFilter(query, drop)).length,
  }));
}
