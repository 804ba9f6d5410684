import { FACET_FILTERS, FITS, forEachFacetFilter, type Fit } from './facet-vocabulary.ts';
import type { AskedFacets } from './judge-fit.ts';
import { ageFitOf, askedAgeRange, rangesTouch } from './age.ts';
import { bestAvailability } from './availability.ts';
import { phasesOf } from './phases.ts';
import { hasWords, type Haystack } from './search-words.ts';
import type { TrialQuery } from './trial-query.ts';
import type { Trial, TrialFit, TrialSite } from './trial.ts';
import type { Availability } from './vocabulary.ts';

/** What the filters look at. */
export interface FilterableTrial {
  readonly trial: Pick<
    Trial,
    | 'nctId'
    | 'ageGroups'
    | 'ageRange'
    | 'maximumAge'
    | 'phases'
    | 'sites'
    | 'sex'
    | 'studyType'
    | 'relevance'
    | 'dates'
    | 'briefTitle'
  >;
  readonly haystack: Haystack;
  /** How the trial's text answers asked facets; `null` when none is asked. */
  readonly judgeFit: (asked: AskedFacets) => TrialFit | null;
}

/** The filters by name; every one can be left out to see what it costs. */
export const FILTERS = [
  'ageGroup',
  'age',
  'ageMin',
  'ageMax',
  'phase',
  'availability',
  'site',
  'siteMatch',
  'sex',
  'studyType',
  'relevance',
  'q',
  ...FACET_FILTERS,
  'match',
] as const;
export type Filter = (typeof FILTERS)[number];

type Test = (found: FilterableTrial, query: TrialQuery) => boolean;

const includesAny = <Value>(asked: readonly Value[], has: readonly Value[]): boolean =>
  asked.length === 0 || has.some((value) => asked.includes(value));

/** The verdicts on all asked facets together decide, in the test of `match`. */
const decidedByMatch: Test = () => true;
const FACET_TESTS = forEachFacetFilter(() => decidedByMatch);

const TESTS: Readonly<Record<Filter, Test>> = {
  ageGroup: ({ trial }, { ageGroup }) => includesAny(ageGroup, trial.ageGroups),
  age: ({ trial }, { age }) => age === null || ageFitOf(age, trial) !== null,
  ageMin: ({ trial }, { ageMin }) => rangesTouch(trial.ageRange, askedAgeRange({ ageMin, ageMax: null })),
  ageMax: ({ trial }, { ageMax }) => rangesTouch(trial.ageRange, askedAgeRange({ ageMin: null, ageMax })),
  phase: ({ trial }, { phase }) => includesAny(phase, phasesOf(trial.phases)),
  availability: (found, query) => includesAny(query.availability, [availabilityAsked(found, query)]),
  site: (found, query) => sitesAsked(found, query).length > 0,
  siteMatch: (found, query) => sitesAsked(found, query).length > 0,
  sex: ({ trial }, { sex }) =>
    sex === null || (trial.sex !== 'MALE' && trial.sex !== 'FEMALE') || trial.sex === sex,
  studyType: ({ trial }, { studyType }) => includesAny(studyType, [trial.studyType ?? '']),
  relevance: ({ trial }, { relevance }) => includesAny(relevance, [trial.relevance.tier]),
  q: ({ haystack }, { q }) => hasWords(haystack, q),
  ...FACET_TESTS,
  match: (found, query) => includesAny(query.match, [fitAsked(found, query)]),
};

/**
 * The sites that a question is about. Site, kind and availability must hold at the same site: the adult clinic
 * being closed says nothing of the children's hospital.
 */
function sitesAsked({ trial }: FilterableTrial, query: TrialQuery): TrialSite[] {
  return trial.sites.filter(
    ({ key, kind }) =>
      (query.site.length === 0 || query.site.includes(key)) &&
      (query.siteMatch.length === 0 || query.siteMatch.includes(kind)),
  );
}

/** Availability at the sites that a question is about. */
export function availabilityAsked(found: FilterableTrial, query: TrialQuery): Availability {
  return bestAvailability(sitesAsked(found, query));
}

/** The verdict on the asked facets; where none is asked, nothing speaks against the trial. */
export function fitAsked(found: FilterableTrial, query: TrialQuery): Fit {
  return found.judgeFit(query)?.verdict ?? FITS[0];
}

/** The question without one of its filters. */
export function withoutFilter(query: TrialQuery, filter: Filter): TrialQuery {
  return { ...query, [filter]: Array.isArray(query[filter]) ? [] : null };
}

/** Whether the trial passes every filter. */
export function passesFilters(found: FilterableTrial, query: TrialQuery): boolean {
  return FILTERS.every((filter) => TESTS[filter](found, query));
}

/** The trials that pass every filter, in the order given. */
export function filterTrials<Found extends FilterableTrial>(
  trials: readonly Found[],
  query: TrialQuery,
): Found[] {
  return trials.filter((found) => passesFilters(found, query));
}
