import {
  COUNTED_FILTERS,
  type CountedFilter,
  type FacetCounts,
  type NamedValues,
} from '../../src/trials/count-facets.ts';
import { FACET_FILTERS, FITS, type Fit } from '../../src/trials/facet-groups.ts';
import { ageInDays } from '../../src/trials/age.ts';
import { FILTERS, withoutFilter, type Filter, type FilterableTrial } from '../../src/trials/filter-trials.ts';
import { phasesOf } from '../../src/trials/phases.ts';
import { wordsOf } from '../../src/trials/search-words.ts';
import type { Listing } from '../../src/trials/trial-index.ts';
import { asksFacets, type TrialQuery } from '../../src/trials/trial-query.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  RELEVANCES,
  SITE_MATCHES,
  STUDY_TYPES,
  type Availability,
  type Sort,
} from '../../src/trials/vocabulary.ts';

/**
 * What a list says, found by asking every rule of every trial for every count: the plain reading of the contract,
 * which the index has to equal.
 */

export interface NaiveTrial {
  readonly trial: FilterableTrial;
  readonly words: ReadonlySet<string>;
  readonly verdictOf: (facetId: string) => Fit;
}

export function prepareNaively(
  trial: FilterableTrial,
  texts: readonly string[],
  verdictOf: (facetId: string) => Fit,
): NaiveTrial {
  return { trial, words: wordsOf(texts), verdictOf };
}

/** Best within one parameter, worst over all; where nothing is asked, nothing speaks against the trial. */
function fitOf({ verdictOf }: NaiveTrial, query: TrialQuery): Fit {
  let worst = 0;
  for (const group of FACET_FILTERS) {
    const ranks = query[group].map((value) => FITS.indexOf(verdictOf(`${group}.${value}`)));
    if (ranks.length > 0) worst = Math.max(worst, Math.min(...ranks));
  }
  return FITS[worst] as Fit;
}

function hasWord({ words }: NaiveTrial, asked: string): boolean {
  if (words.has(asked)) return true;
  return asked.length >= 4 && [...words].some((word) => word.startsWith(asked));
}

/** The sites of a trial that a question is about. */
function placesOf(trial: FilterableTrial, query: TrialQuery): FilterableTrial['sites'] {
  const places: FilterableTrial['sites'][number][] = [];
  for (const site of trial.sites) {
    if (query.site.length > 0 && !query.site.includes(site.key)) continue;
    if (query.siteMatch.length > 0 && !query.siteMatch.includes(site.kind)) continue;
    places.push(site);
  }
  return places;
}

/** The best of the asked places that are surely ours, or of the others where none is; nowhere is closed. */
function availabilityOf(trial: FilterableTrial, query: TrialQuery): Availability {
  const places = placesOf(trial, query);
  const sure = places.filter(({ kind }) => kind === 'confirmed' || kind === 'network');
  const found = new Set((sure.length > 0 ? sure : places).map(({ availability }) => availability));
  return AVAILABILITIES.find((availability) => found.has(availability)) ?? 'closed';
}

/** Written once more, rule by rule, from the contract (5.1 to 5.6): the index asks the rules of `filter-trials.ts`. */
function passesFields(trial: FilterableTrial, query: TrialQuery): boolean {
  const from = trial.ageRange.fromDays ?? -1;
  const before = trial.ageRange.beforeDays ?? Number.POSITIVE_INFINITY;
  const { age, ageMin, ageMax, sex } = query;
  const isIn = (value: string, asked: readonly string[]): boolean =>
    asked.length === 0 || asked.includes(value);
  if (age !== null && (ageInDays(age) < from || ageInDays(age) >= before)) return false;
  if (ageMin !== null && before <= ageInDays(ageMin)) return false;
  if (ageMax !== null && from >= ageInDays({ ...ageMax, amount: Math.floor(ageMax.amount) + 1 }))
    return false;
  if (sex !== null && ['MALE', 'FEMALE'].includes(trial.sex ?? '') && trial.sex !== sex) return false;
  return (
    placesOf(trial, query).length > 0 &&
    isIn(availabilityOf(trial, query), query.availability) &&
    (query.ageGroup.length === 0 || trial.ageGroups.some((group) => query.ageGroup.includes(group))) &&
    (query.phase.length === 0 || phasesOf(trial.phases).some((phase) => query.phase.includes(phase))) &&
    isIn(trial.studyType ?? '', query.studyType) &&
    isIn(trial.relevance.tier, query.relevance)
  );
}

function passes(one: NaiveTrial, query: TrialQuery): boolean {
  return (
    passesFields(one.trial, query) &&
    query.q.every((word) => hasWord(one, word)) &&
    (query.match.length === 0 || query.match.includes(fitOf(one, query)))
  );
}

export function filterNaively(trials: readonly NaiveTrial[], query: TrialQuery): NaiveTrial[] {
  return trials.filter((one) => passes(one, query));
}

type Key = (trial: FilterableTrial, query: TrialQuery) => string | number;
const lastPhase: Key = ({ phases }) =>
  phasesOf(phases)
    .filter((phase) => phase !== 'na' && phase !== 'none')
    .reduce((latest, phase) => Math.max(latest, PHASES.indexOf(phase)), -1);
const KEYS: Readonly<Record<Sort, { key: Key; descends: boolean }>> = {
  availability: {
    key: (trial, query) => AVAILABILITIES.indexOf(availabilityOf(trial, query)),
    descends: false,
  },
  updated: { key: ({ dates }) => dates.lastUpdatePosted ?? '', descends: true },
  phase: { key: lastPhase, descends: true },
  title: { key: ({ briefTitle }) => briefTitle.toLowerCase(), descends: false },
  minimum_age: { key: ({ ageRange }) => ageRange.fromDays ?? 0, descends: false },
};

export function orderNaively(trials: readonly NaiveTrial[], query: TrialQuery): NaiveTrial[] {
  const { key, descends } = KEYS[query.sort];
  const compare = (one: string | number, other: string | number): number =>
    one < other ? -1 : Number(one > other);
  return trials.toSorted((one, other) => {
    const byKey = compare(key(one.trial, query), key(other.trial, query));
    return (
      (descends ? -byKey : byKey) ||
      FITS.indexOf(fitOf(one, query)) - FITS.indexOf(fitOf(other, query)) ||
      compare(one.trial.nctId, other.trial.nctId)
    );
  });
}

function hasValue(
  { trial }: NaiveTrial,
  asked: { filter: CountedFilter; value: string },
  query: TrialQuery,
): boolean {
  const { filter, value } = asked;
  if (filter === 'ageGroup') return trial.ageGroups.some((group) => group === value);
  if (filter === 'phase') return phasesOf(trial.phases).some((phase) => phase === value);
  if (filter === 'availability') return availabilityOf(trial, query) === value;
  if (filter === 'sex') return (trial.sex !== 'MALE' && trial.sex !== 'FEMALE') || trial.sex === value;
  if (filter === 'studyType') return trial.studyType === value;
  if (filter === 'relevance') return trial.relevance.tier === value;
  return trial.sites.some(({ key, kind }) =>
    filter === 'site'
      ? key === value && (query.siteMatch.length === 0 || query.siteMatch.includes(kind))
      : kind === value && (query.site.length === 0 || query.site.includes(key)),
  );
}

function countNaively(
  trials: readonly NaiveTrial[],
  query: TrialQuery,
  { siteKeys, facetValues }: NamedValues,
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
  const counts: Record<string, Record<string, number>> = {};
  for (const filter of COUNTED_FILTERS) {
    const open = withoutFilter(query, filter);
    const found = filterNaively(trials, open);
    counts[filter] = {};
    for (const value of known[filter])
      counts[filter][value] = found.filter((one) => hasValue(one, { filter, value }, open)).length;
  }
  const candidates = filterNaively(trials, { ...query, match: [] });
  for (const group of FACET_FILTERS) {
    counts[group] = {};
    for (const value of facetValues[group]) {
      const asked = { ...query, [group]: [value] };
      counts[group][value] = candidates.filter((one) => query.match.includes(fitOf(one, asked))).length;
    }
  }
  return counts as FacetCounts;
}

function suggestNaively(trials: readonly NaiveTrial[], query: TrialQuery): { drop: Filter; total: number }[] {
  return FILTERS.filter((filter) => {
    // Where no facet is asked everything fits: dropping `match` would change nothing.
    if (filter === 'match' && !asksFacets(query) && query.match.includes('fits')) return false;
    const value = query[filter];
    return value !== null && !(Array.isArray(value) && value.length === 0);
  }).map((drop) => ({ drop, total: filterNaively(trials, withoutFilter(query, drop)).length }));
}

/** The whole listing, with ids in place of places. */
export function listNaively(
  trials: readonly NaiveTrial[],
  query: TrialQuery,
  { offset, named }: { offset: number; named: NamedValues },
): Omit<Listing, 'page'> & { ids: string[] } {
  const found = orderNaively(filterNaively(trials, query), query);
  const open = withoutFilter(withoutFilter(query, 'relevance'), 'siteMatch');
  const countOf = (one: TrialQuery): number => filterNaively(trials, one).length;
  const verdicts = filterNaively(trials, { ...query, match: [] }).map((one) => fitOf(one, query));
  const fitCounts = Object.fromEntries(
    FITS.map((fit) => [fit, verdicts.filter((verdict) => verdict === fit).length]),
  ) as Record<Fit, number>;
  return {
    ids: found.slice(offset, offset + query.limit).map(({ trial }) => trial.nctId),
    total: found.length,
    hidden: {
      relevance: countOf(open) - countOf({ ...open, relevance: query.relevance }),
      siteMatch: countOf(open) - countOf({ ...open, siteMatch: query.siteMatch }),
    },
    fitCounts: asksFacets(query) ? fitCounts : null,
    facets: countNaively(trials, query, named),
    suggestions: found.length === 0 ? suggestNaively(trials, query) : [],
  };
}
