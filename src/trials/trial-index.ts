import {
  countFacets,
  countFits,
  countHidden,
  findPlainValues,
  suggestFilters,
  type FacetCounts,
  type NamedValues,
} from './count-facets.ts';
import type { Fit } from './facet-groups.ts';
import type { Filter, FilterableTrial } from './filter-trials.ts';
import type { VerdictFinder } from './judge-fit.ts';
import { forEachAspect, narrowTrials, type Narrowed, type Tables } from './narrow-trials.ts';
import {
  CLASS_RANKS,
  orderInSteps,
  pageByClass,
  pageByOrder,
  splitByFit,
  STANDING_SORTS,
  type StandingOrder,
  type StandingSort,
} from './order-trials.ts';
import { createClassifier } from './partition.ts';
import { ASPECT_NAMES, ASPECTS } from './trial-aspects.ts';
import type { TrialQuery } from './trial-query.ts';
import { createScratch, TUNING, type Tuning } from './trial-set.ts';
import { createVerdictGatherer } from './verdict-index.ts';
import { createWordGatherer } from './word-index.ts';

/** What a list says, but for how its trials are shown. */
export interface Listing {
  readonly total: number;
  /** The trials of the page, by their place in the index. */
  readonly page: readonly number[];
  readonly hidden: { readonly relevance: number; readonly siteMatch: number };
  readonly fitCounts: Readonly<Record<Fit, number>> | null;
  readonly facets: FacetCounts;
  readonly suggestions: readonly { readonly drop: Filter; readonly total: number }[];
}

/**
 * Trials prepared for questions. One question is answered at a time, in one go, in room that the next one uses again.
 */
export interface TrialIndex {
  readonly list: (query: TrialQuery, offset: number, named: NamedValues) => Listing;
}

/** How the index learns what is not in the fields of a trial. */
export interface IndexedBy<Trial extends FilterableTrial> {
  /** What a search looks into. */
  readonly textsOf: (trial: Trial) => readonly string[];
  readonly facetIds: readonly string[];
  readonly verdictsOf: (trial: Trial) => VerdictFinder;
  readonly tuning?: Tuning;
}

/** Makes the index of trials in the order of their ids, and gives way after each trial, about a millisecond of work. */
export function* indexInSteps<Trial extends FilterableTrial>(
  trials: readonly Trial[],
  { textsOf, facetIds, verdictsOf, tuning = TUNING }: IndexedBy<Trial>,
): Generator<undefined, TrialIndex> {
  const { length } = trials;
  const classifiers = forEachAspect((name) => createClassifier<FilterableTrial>(length, ASPECTS[name].keyOf));
  const verdictGatherer = createVerdictGatherer(length, facetIds);
  const wordGatherer = createWordGatherer(length);
  for (const [place, trial] of trials.entries()) {
    for (const name of ASPECT_NAMES) classifiers[name].add(place, trial);
    verdictGatherer.add(place, verdictsOf(trial));
    wordGatherer.add(textsOf(trial));
    yield;
  }
  const words = yield* wordGatherer.finish(tuning);
  const orders: [StandingSort, StandingOrder][] = [];
  for (const sort of STANDING_SORTS) orders.push([sort, yield* orderInSteps(trials, sort)]);
  const tables: Tables = {
    partitions: forEachAspect((name) => classifiers[name].finish(tuning)),
    verdicts: verdictGatherer.finish(tuning),
    words,
    scratch: createScratch(length),
    tuning,
  };
  return createListing(tables, Object.fromEntries(orders) as Record<StandingSort, StandingOrder>);
}

/** Makes the index at once. */
export function createTrialIndex<Trial extends FilterableTrial>(
  trials: readonly Trial[],
  by: IndexedBy<Trial>,
): TrialIndex {
  return runSteps(indexInSteps(trials, by));
}

/** Takes all steps without giving way. */
export function runSteps<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function createListing(tables: Tables, orders: Readonly<Record<StandingSort, StandingOrder>>): TrialIndex {
  const { scratch } = tables;
  const plainValues = findPlainValues(tables.partitions);
  return {
    list: (query, offset, named) => {
      scratch.reset();
      const narrowed = narrowTrials(tables, query);
      const total = scratch.select(narrowed.all).count;
      return {
        total,
        page: findPage(narrowed, orders, { offset, limit: query.limit }),
        hidden: countHidden(narrowed),
        fitCounts: countFits(narrowed),
        facets: countFacets(narrowed, plainValues, named),
        suggestions: total === 0 ? suggestFilters(narrowed) : [],
      };
    },
  };
}

function findPage(
  narrowed: Narrowed,
  orders: Readonly<Record<StandingSort, StandingOrder>>,
  place: { offset: number; limit: number },
): number[] {
  const { query, all, levels, partitions, passes, countsOf, scratch, tuning } = narrowed;
  const selection = scratch.select(all);
  if (selection.count <= place.offset) return [];
  const parts = splitByFit(all, levels.all, { match: query.match, scratch });
  const byClass = CLASS_RANKS[query.sort];
  if (byClass === undefined)
    return pageByOrder(orders[query.sort as StandingSort], { selection, parts }, { ...place, tuning });
  const { aspect, rankOf } = byClass;
  const counts = countsOf(aspect).map((count, number) => (passes[aspect][number] === false ? 0 : count));
  const ranks = partitions[aspect].kinds.map((trial) => rankOf(trial, query));
  return pageByClass(partitions[aspect], { ranks, counts, parts }, { ...place, scratch });
}
