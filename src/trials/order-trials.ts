import { FITS } from './facet-vocabulary.ts';
import { availabilityAsked, fitAsked, type FilterableTrial } from './filter-trials.ts';
import { phasesOf } from './phases.ts';
import type { TrialQuery } from './trial-query.ts';
import { AVAILABILITIES, PHASES, type Sort } from './vocabulary.ts';

type Compare = (one: FilterableTrial, other: FilterableTrial, query: TrialQuery) => number;

const latestPhase = ({ trial }: FilterableTrial): number => {
  const numbered = phasesOf(trial.phases).filter((phase) => phase !== 'na' && phase !== 'none');
  return Math.max(-1, ...numbered.map((phase) => PHASES.indexOf(phase)));
};
const compareText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
const foldTitle = ({ trial }: FilterableTrial): string => trial.briefTitle.toLowerCase();

const COMPARISONS: Readonly<Record<Sort, Compare>> = {
  availability: (one, other, query) =>
    AVAILABILITIES.indexOf(availabilityAsked(one, query)) -
    AVAILABILITIES.indexOf(availabilityAsked(other, query)),
  updated: (one, other) =>
    compareText(other.trial.dates.lastUpdatePosted ?? '', one.trial.dates.lastUpdatePosted ?? ''),
  phase: (one, other) => latestPhase(other) - latestPhase(one),
  title: (one, other) => compareText(foldTitle(one), foldTitle(other)),
  minimum_age: (one, other) => (one.trial.ageRange.fromDays ?? 0) - (other.trial.ageRange.fromDays ?? 0),
};

const compareFit: Compare = (one, other, query) =>
  FITS.indexOf(fitAsked(one, query)) - FITS.indexOf(fitAsked(other, query));

/** Orders trials as asked; ties by fit, when facets are asked, then by `nctId`, so that the order is the same everywhere. */
export function orderTrials<Found extends FilterableTrial>(
  trials: readonly Found[],
  query: TrialQuery,
): Found[] {
  const compare = COMPARISONS[query.sort];
  return trials.toSorted(
    (one, other) =>
      compare(one, other, query) ||
      compareFit(one, other, query) ||
      compareText(one.trial.nctId, other.trial.nctId),
  );
}
