import { FACET_FILTERS, type FacetFilter, type Fit } from './facet-vocabulary.ts';
import {
  availabilityAsked,
  FIELD_FILTERS,
  FILTERS,
  withoutFilter,
  type FieldFilter,
  type Filter,
  type FilterableTrial,
} from './filter-trials.ts';
import type { Narrowed } from './narrow-trials.ts';
import { phasesOf } from './phases.ts';
import { selectClasses } from './partition.ts';
import { ASPECT_OF, passesAspect } from './trial-aspects.ts';
import { asksFacets, type TrialQuery } from './trial-query.ts';
import { intersect } from './bitset.ts';
import { countVerdicts, countWithFacet, selectLevels, verdictsOn } from './verdict-index.ts';
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
] as const satisfies readonly FieldFilter[];
export type CountedFilter = (typeof COUNTED_FILTERS)[number];
export type FacetCounts = Record<CountedFilter | FacetFilter, Record<string, number>>;

/** The values of each facet filter, in the order of the vocabulary. */
export type FacetValues = Readonly<Record<FacetFilter, readonly string[]>>;

/** The values that are counted, also where there are none. */
export interface NamedValues {
  readonly siteKeys: readonly string[];
  readonly facetValues: FacetValues;
}

type ValuesOf = (trial: FilterableTrial, query: TrialQuery) => readonly string[];

const VALUES: Readonly<Record<CountedFilter, ValuesOf>> = {
  ageGroup: (trial) => trial.ageGroups,
  phase: (trial) => phasesOf(trial.phases),
  availability: (trial, query) => [availabilityAsked(trial, query)],
  site: (trial, { siteMatch }) =>
    trial.sites
      .filter(({ kind }) => siteMatch.length === 0 || siteMatch.includes(kind))
      .map(({ key }) => key),
  siteMatch: (trial, { site }) =>
    trial.sites.filter(({ key }) => site.length === 0 || site.includes(key)).map(({ kind }) => kind),
  sex: ({ sex }) => (sex === 'FEMALE' || sex === 'MALE' ? [sex] : ['FEMALE', 'MALE']),
  studyType: ({ studyType }) => [studyType ?? ''],
  relevance: ({ relevance }) => [relevance.tier],
};

/** Counts every value of every counted filter, with all other filters applied but its own. Zeros are said. */
export function countFacets(narrowed: Narrowed, named: NamedValues): FacetCounts {
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
  return Object.fromEntries([
    ...COUNTED_FILTERS.map((filter) => [filter, countValues(narrowed, filter, known[filter])]),
    ...FACET_FILTERS.map((group) => [group, countFacetValues(narrowed, group, named.facetValues[group])]),
  ]) as FacetCounts;
}

function countValues(
  narrowed: Narrowed,
  filter: CountedFilter,
  values: readonly string[],
): Record<string, number> {
  const totals = new Map(values.map((value) => [value, 0]));
  forEachOpenClass(narrowed, filter, (trial, count, open) => {
    for (const value of new Set(VALUES[filter](trial, open))) {
      const total = totals.get(value);
      if (total !== undefined) totals.set(value, total + count);
    }
  });
  return Object.fromEntries(totals);
}

/** Goes through the classes that pass when one filter is dropped, with how many trials of each pass all others. */
function forEachOpenClass(
  { query, partitions, countsOf }: Narrowed,
  filter: FieldFilter,
  visit: (trial: FilterableTrial, count: number, open: TrialQuery) => void,
): void {
  const aspect = ASPECT_OF[filter];
  const open = withoutFilter(query, filter);
  const counts = countsOf(aspect);
  partitions[aspect].kinds.forEach((trial, number) => {
    const count = counts[number] as number;
    if (count > 0 && passesAspect(aspect, trial, open)) visit(trial, count, open);
  });
}

function countOpen(narrowed: Narrowed, filter: FieldFilter): number {
  let total = 0;
  forEachOpenClass(narrowed, filter, (_trial, count) => (total += count));
  return total;
}

/** Of each facet value: how many trials asking for it alone would list, with all other filters applied. */
function countFacetValues(
  { query, others, levels, verdicts, scratch, tuning }: Narrowed,
  group: FacetFilter,
  values: readonly string[],
): Record<string, number> {
  const { match } = query;
  const within = selectLevels(others.fit, levels.without(group), scratch);
  return Object.fromEntries(
    values.map((value) => [
      value,
      countWithFacet(within, verdictsOn(`${group}.${value}`, verdicts), { match, tuning }),
    ]),
  );
}

/** How many trials there are of each verdict, with all other filters applied; `null` when no facet is asked. */
export function countFits({ query, others, levels, scratch }: Narrowed): Record<Fit, number> | null {
  if (!asksFacets(query)) return null;
  const { fits, taken, all } = selectLevels(others.fit, levels.all, scratch);
  return { fits: fits.count, check: taken.count - fits.count, does_not_fit: all.count - taken.count };
}

/** How many trials the two careful rules leave out, each counted with all other filters applied. */
export function countHidden(narrowed: Narrowed): { relevance: number; siteMatch: number } {
  const { query, partitions, others, both, scratch } = narrowed;
  const open = withoutFilter(query, 'siteMatch');
  const passes = partitions.places.kinds.map((trial) => passesAspect('places', trial, open));
  const inOpen = selectClasses(partitions.places, passes, scratch);
  const all = scratch.select(
    inOpen === null ? both : both === scratch.everything ? inOpen : intersect(scratch.take(), both, inOpen),
  );
  return {
    relevance: all.count - countOpen(narrowed, 'siteMatch'),
    siteMatch: all.count - scratch.select(others.relevance).count,
  };
}

/** For an empty list: how many trials dropping each single filter would find. */
export function suggestFilters(narrowed: Narrowed): { drop: Filter; total: number }[] {
  const { query } = narrowed;
  const isSet = (filter: Filter): boolean => {
    if (filter === 'match' && !asksFacets(query) && query.match.includes('fits')) return false;
    const value = query[filter];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  };
  return FILTERS.filter(isSet).map((drop) => ({ drop, total: countWithout(narrowed, drop) }));
}

function countWithout(narrowed: Narrowed, drop: Filter): number {
  const { query, others, levels, scratch } = narrowed;
  if (drop === 'q') return scratch.select(others.words).count;
  if (drop === 'match') return scratch.select(others.fit).count;
  if (isFieldFilter(drop)) return countOpen(narrowed, drop);
  const { fits, taken, all } = selectLevels(others.fit, levels.without(drop), scratch);
  if (query.match.length === 0) return all.count;
  return countVerdicts({ fits: fits.count, taken: taken.count, all: all.count }, query.match);
}

function isFieldFilter(filter: Filter): filter is FieldFilter {
  return (FIELD_FILTERS as readonly string[]).includes(filter);
}
