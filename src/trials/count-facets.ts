import {
  PLACE_VALUES,
  PLAIN_VALUES,
  COUNTED_FILTERS,
  type CountedFilter,
  type PlaceFilter,
  type PlainFilter,
} from './counted-values.ts';
import { FACET_FILTERS, FITS, type FacetFilter, type Fit } from './facet-groups.ts';
import {
  FIELD_FILTERS,
  FILTERS,
  isAsked,
  withoutFilter,
  type FieldFilter,
  type Filter,
  type FilterableTrial,
} from './filter-trials.ts';
import type { Narrowed } from './narrow-trials.ts';
import { selectClasses } from './partition.ts';
import { ASPECT_OF, passesAspect } from './trial-aspects.ts';
import { asksFacets, type TrialQuery } from './trial-query.ts';
import { meet } from './trial-set.ts';
import { countListed, countWithFacets, verdictsOn } from './verdict-index.ts';
import { AGE_GROUPS, AVAILABILITIES, PHASES, RELEVANCES, SITE_MATCHES, STUDY_TYPES } from './vocabulary.ts';

export { COUNTED_FILTERS, type CountedFilter };
export type FacetCounts = Record<CountedFilter | FacetFilter, Record<string, number>>;

/** The values of each facet filter, in the order of the vocabulary. */
export type FacetValues = Readonly<Record<FacetFilter, readonly string[]>>;

/** The values that are counted, also where there are none. */
export interface NamedValues {
  readonly siteKeys: readonly string[];
  readonly facetValues: FacetValues;
}

/** The values of each class, of the filters where they are the same whatever is asked. */
export type PlainValues = Readonly<Record<PlainFilter, readonly (readonly string[])[]>>;

export function findPlainValues(partitions: Narrowed['partitions']): PlainValues {
  const entries = Object.entries(PLAIN_VALUES).map(([filter, valuesOf]) => {
    const { kinds } = partitions[ASPECT_OF[filter as PlainFilter]];
    return [filter, kinds.map((trial) => [...new Set(valuesOf(trial))])];
  });
  return Object.fromEntries(entries) as PlainValues;
}

const KNOWN: Readonly<Record<Exclude<CountedFilter, 'site'>, readonly string[]>> = {
  ageGroup: AGE_GROUPS,
  phase: PHASES,
  availability: AVAILABILITIES,
  siteMatch: SITE_MATCHES,
  sex: ['FEMALE', 'MALE'],
  studyType: STUDY_TYPES,
  relevance: RELEVANCES,
};

/** Counts every value of every counted filter, with all other filters applied but its own. Zeros are said. */
export function countFacets(
  narrowed: Narrowed,
  plainValues: PlainValues,
  { siteKeys, facetValues }: NamedValues,
): FacetCounts {
  const counts: Partial<FacetCounts> = {};
  for (const filter of COUNTED_FILTERS) {
    const totals = startTotals(filter === 'site' ? siteKeys : KNOWN[filter]);
    counts[filter] = totals;
    if (isPlaceFilter(filter)) countPlaceValues(narrowed, filter, totals);
    else countPlainValues(narrowed.countsOf(ASPECT_OF[filter]), plainValues[filter], totals);
  }
  for (const group of FACET_FILTERS) counts[group] = countFacetValues(narrowed, group, facetValues[group]);
  return counts as FacetCounts;
}

function isPlaceFilter(filter: CountedFilter): filter is PlaceFilter {
  return Object.hasOwn(PLACE_VALUES, filter);
}

function startTotals(values: readonly string[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const value of values) totals[value] = 0;
  return totals;
}

/** Values without a name are of records that we do not understand; they are not counted. */
function addTotal(totals: Record<string, number>, value: string, count: number): void {
  if (Object.hasOwn(totals, value)) totals[value] = (totals[value] as number) + count;
}

/** No other filter looks at the same aspect, so that every class is open when this one is dropped. */
function countPlainValues(
  counts: Uint32Array,
  values: readonly (readonly string[])[],
  totals: Record<string, number>,
): void {
  for (let number = 0; number < counts.length; number++) {
    const count = counts[number] as number;
    if (count > 0) for (const value of values[number] ?? []) addTotal(totals, value, count);
  }
}

function countPlaceValues(narrowed: Narrowed, filter: PlaceFilter, totals: Record<string, number>): void {
  forEachOpenClass(narrowed, filter, (trial, count, open) => {
    const found = PLACE_VALUES[filter](trial, open);
    // A trial with two sites of one kind is still one trial.
    for (const value of found.length > 1 ? new Set(found) : found) addTotal(totals, value, count);
  });
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
  const { kinds } = partitions[aspect];
  for (let number = 0; number < kinds.length; number++) {
    const count = counts[number] as number;
    const trial = kinds[number] as FilterableTrial;
    if (count > 0 && passesAspect(aspect, trial, open)) visit(trial, count, open);
  }
}

function countOpen(narrowed: Narrowed, filter: FieldFilter): number {
  let total = 0;
  forEachOpenClass(narrowed, filter, (_trial, count) => (total += count));
  return total;
}

/** Of each facet value: how many trials asking for it alone would list, with all other filters applied. */
function countFacetValues(
  { query, levelsWithout, verdicts, tuning }: Narrowed,
  group: FacetFilter,
  values: readonly string[],
): Record<string, number> {
  const { match } = query;
  const sets = values.map((value) => verdictsOn(verdicts, group, value));
  const counts = countWithFacets(levelsWithout(group), sets, { match, tuning });
  const totals: Record<string, number> = {};
  values.forEach((value, place) => (totals[value] = counts[place] as number));
  return totals;
}

/** How many trials there are of each verdict, with all other filters applied; `null` when no facet is asked. */
export function countFits({ query, levelsWithout }: Narrowed): Record<Fit, number> | null {
  if (!asksFacets(query)) return null;
  const levels = levelsWithout(null);
  const [fits, taken, all] = [levels.fits().count, levels.taken().count, levels.all().count];
  return { fits, check: taken - fits, does_not_fit: all - taken };
}

/** How many trials the two careful rules leave out, each counted with all other filters applied. */
export function countHidden(narrowed: Narrowed): { relevance: number; siteMatch: number } {
  const { query, partitions, others, both, scratch } = narrowed;
  const open = withoutFilter(query, 'siteMatch');
  const passes = partitions.places.kinds.map((trial) => passesAspect('places', trial, open));
  const inOpen = selectClasses(partitions.places, passes, scratch);
  const all = scratch.select(meet(both, inOpen ?? scratch.everything, scratch));
  return {
    relevance: all.count - countOpen(narrowed, 'siteMatch'),
    siteMatch: all.count - scratch.select(others.relevance).count,
  };
}

/** For an empty list: how many trials dropping each single filter would find. */
export function suggestFilters(narrowed: Narrowed): { drop: Filter; total: number }[] {
  const { query } = narrowed;
  // Where no facet is asked everything fits: dropping `match` would change nothing.
  const matters = (filter: Filter): boolean =>
    filter !== 'match' || asksFacets(query) || !query.match.includes('fits');
  return FILTERS.filter((filter) => isAsked(query, filter) && matters(filter)).map((drop) => ({
    drop,
    total: countWithout(narrowed, drop),
  }));
}

function countWithout(narrowed: Narrowed, drop: Filter): number {
  const { query, others, levelsWithout, scratch } = narrowed;
  if (drop === 'q') return scratch.select(others.words).count;
  if (drop === 'match') return scratch.select(others.fit).count;
  if (isFieldFilter(drop)) return countOpen(narrowed, drop);
  return countListed(levelsWithout(drop), query.match.length === 0 ? FITS : query.match);
}

function isFieldFilter(filter: Filter): filter is FieldFilter {
  return (FIELD_FILTERS as readonly string[]).includes(filter);
}
