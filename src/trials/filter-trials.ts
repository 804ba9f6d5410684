import { FACET_FILTERS } from './facet-groups.ts';
import { askedAgeRange, isInAgeRange, rangesTouch } from './age.ts';
import { bestAvailability } from './availability.ts';
import { phasesOf } from './phases.ts';
import type { TrialQuery } from './trial-query.ts';
import type { Trial, TrialSite } from './trial.ts';
import type { Availability } from './vocabulary.ts';

/** What the filters look at, beside the words and the facets; little enough for a browser to be told of every trial. */
export interface FilterableTrial extends Pick<
  Trial,
  'nctId' | 'ageGroups' | 'ageRange' | 'maximumAge' | 'phases' | 'sex' | 'studyType' | 'briefTitle'
> {
  readonly sites: readonly FilterableSite[];
  readonly relevance: Pick<Trial['relevance'], 'tier'>;
  readonly dates: Pick<Trial['dates'], 'lastUpdatePosted'>;
}
export type FilterableSite = Pick<TrialSite, 'key' | 'kind' | 'availability'>;

/** Filters that structured fields of a trial answer. */
export const FIELD_FILTERS = [
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
] as const;
export type FieldFilter = (typeof FIELD_FILTERS)[number];

/** The filters by name; every one can be left out to see what it costs. */
export const FILTERS = [...FIELD_FILTERS, 'q', ...FACET_FILTERS, 'match'] as const;
export type Filter = (typeof FILTERS)[number];

/** Whether a trial passes one filter. The index asks it once for all trials that are equal in what it looks at. */
type Rule = (trial: FilterableTrial, query: TrialQuery) => boolean;

const includesAny = <Value>(asked: readonly Value[], has: readonly Value[]): boolean =>
  asked.length === 0 || has.some((value) => asked.includes(value));

/** The rules of the fields. Words are looked up in `word-index.ts`, facets are judged in `judge-fit.ts`. */
export const FIELD_RULES: Readonly<Record<FieldFilter, Rule>> = {
  ageGroup: (trial, { ageGroup }) => includesAny(ageGroup, trial.ageGroups),
  age: (trial, { age }) => age === null || isInAgeRange(age, trial.ageRange),
  ageMin: (trial, { ageMin }) => rangesTouch(trial.ageRange, askedAgeRange({ ageMin, ageMax: null })),
  ageMax: (trial, { ageMax }) => rangesTouch(trial.ageRange, askedAgeRange({ ageMin: null, ageMax })),
  phase: (trial, { phase }) => includesAny(phase, phasesOf(trial.phases)),
  availability: (trial, query) => includesAny(query.availability, [availabilityAsked(trial, query)]),
  site: (trial, query) => sitesAsked(trial, query).length > 0,
  siteMatch: (trial, query) => sitesAsked(trial, query).length > 0,
  sex: (trial, { sex }) =>
    sex === null || (trial.sex !== 'MALE' && trial.sex !== 'FEMALE') || trial.sex === sex,
  studyType: (trial, { studyType }) => includesAny(studyType, [trial.studyType ?? '']),
  relevance: (trial, { relevance }) => includesAny(relevance, [trial.relevance.tier]),
};

/**
 * The sites that a question is about. Site, kind and availability must hold at the same site: the adult clinic
 * being closed says nothing of the children's hospital.
 */
function sitesAsked(trial: FilterableTrial, query: TrialQuery): FilterableSite[] {
  return trial.sites.filter(
    ({ key, kind }) =>
      (query.site.length === 0 || query.site.includes(key)) &&
      (query.siteMatch.length === 0 || query.siteMatch.includes(kind)),
  );
}

/** Availability at the sites that a question is about. */
export function availabilityAsked(trial: FilterableTrial, query: TrialQuery): Availability {
  return bestAvailability(sitesAsked(trial, query));
}

/** Whether a filter asks for anything. */
export function isAsked(query: TrialQuery, filter: Filter): boolean {
  const value = query[filter];
  return Array.isArray(value) ? value.length > 0 : value !== null;
}

/** The question without one of its filters. */
export function withoutFilter(query: TrialQuery, filter: Filter): TrialQuery {
  return isAsked(query, filter) ? { ...query, [filter]: Array.isArray(query[filter]) ? [] : null } : query;
}
