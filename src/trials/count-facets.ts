import { FACET_FILTERS, FITS, type FacetFilter, type Fit } from './facet-vocabulary.ts';
import {
  availabilityAsked,
  fitAsked,
  filterTrials,
  FILTERS,
  withoutFilter,
  type Filter,
  type FilterableTrial,
} from './filter-trials.ts';
import { phasesOf } from './phases.ts';
import { asksFacets, type TrialQuery } from './trial-query.ts';
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
export type FacetCounts = Record<CountedFilter | FacetFilter, Record<string, number>>;

/** The values of each facet filter, in the order of the vocabulary. */
export type FacetValues = Readonly<Record<FacetFilter, readonly string[]>>;

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
  named: { readonly siteKeys: readonly string[]; readonly facetValues: FacetValues },
): FacetCounts {
  const known: Readonly<Record<CountedFilter, readonly string[]>> = {
    ageGroup: AGE_GROUPS,
    phase: PHASES,
    availability: AVAILABILITIES,
    site: named.siteKeys,
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
  return Object.fromEntries([
    ...COUNTED_FILTERS.map((filter) => [filter, countOf(filter)]),
    ...FACET_FILTERS.map((group) => [
      group,
      countFacetValues(trials, query, { group, values: named.facetValues[group] }),
    ]),
  ]) as FacetCounts;
}

/** Of each facet value: how many trials asking for it alone would list, with all other filters applied. */
function countFacetValues(
  trials: readonly FilterableTrial[],
  query: TrialQuery,
  { group, values }: { group: FacetFilter; values: readonly string[] },
): Record<string, number> {
  const candidates = filterTrials(trials, { ...query, match: [] });
  const countOf = (value: string): number => {
    const asked = { ...query, [group]: [value] };
    return candidates.filter((found) => query.match.includes(fitAsked(found, asked))).length;
  };
  return Object.fromEntries(values.map((value) => [value, countOf(value)]));
}

/** How many trials there are of each verdict, with all other filters applied; `null` when no facet is asked. */
export function countFits(trials: readonly FilterableTrial[], query: TrialQuery): Record<Fit, number> | null {
  if (!asksFacets(query)) return null;
  const verdicts = filterTrials(trials, { ...query, match: [] }).map((found) => fitAsked(found, query));
  const counts = FITS.map((fit) => [fit, verdicts.filter((verdict) => verdict === fit).length]);
  return Object.fromEntries(counts) as Record<Fit, number>;
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
    if (filter === 'match' && !asksFacets(query) && query.match.includes('fits')) return false;
    const value = query[filter];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  };
  return FILTERS.filter(isSet).map((drop) => ({
    drop,
    total: filterTrials(trials, withoutFilter(query, drop)).length,
  }));
}
