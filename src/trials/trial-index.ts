import { createAgeBounds, type AgeClassifier } from './age-classes.ts';
import {
  countFacets,
  countFits,
  countHidden,
  findCountedSets,
  suggestFilters,
  type CountedSets,
  type FacetCounts,
  type NamedValues,
} from './count-facets.ts';
import type { Fit } from './facet-groups.ts';
import type { Filter, FilterableTrial } from './filter-trials.ts';
import type { VerdictFinder } from './judge-fit.ts';
import { createClassRoom, forEachAspect, narrowTrials, type Narrowed, type Tables } from './narrow-trials.ts';
import {
  rankPhases,
  orderInSteps,
  pageByClass,
  pageByOrder,
  splitByFit,
  STANDING_SORTS,
  type StandingOrder,
  type StandingSort,
} from './order-trials.ts';
import { createClassifier } from './partition.ts';
import { indexPlaces } from './place-index.ts';
import { runSteps } from './run-steps.ts';
import { nameTallies, tallySheetOf } from './tally-sheet.ts';
import { ASPECT_NAMES, ASPECTS } from './trial-aspects.ts';
import type { TrialQuery } from './trial-query.ts';
import { createScratch, TUNING, type Tuning } from './trial-set.ts';
import { findValueMasks } from './value-masks.ts';
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

/** The same with the counts of the facets as bare numbers, in the order of `tallySheetOf`. */
export interface TalliedListing extends Omit<Listing, 'facets'> {
  /** Until the next question. */
  readonly tallies: Uint32Array;
}

/**
 * Trials prepared for questions. One question is answered at a time, in one go, in room that the next one uses again.
 */
export interface TrialIndex {
  readonly list: (query: TrialQuery, offset: number, named: NamedValues) => Listing;
  readonly tally: (query: TrialQuery, offset: number, named: NamedValues) => TalliedListing;
  /** Ages of one class have the same lists. */
  readonly ageClassOf: AgeClassifier;
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
  const ageBounds = createAgeBounds();
  for (const [place, trial] of trials.entries()) {
    for (const name of ASPECT_NAMES) classifiers[name].add(place, trial);
    verdictGatherer.add(place, verdictsOf(trial));
    wordGatherer.add(textsOf(trial));
    ageBounds.add(trial);
    yield;
  }
  const words = yield* wordGatherer.finish(tuning);
  const orders: [StandingSort, StandingOrder][] = [];
  for (const sort of STANDING_SORTS) orders.push([sort, yield* orderInSteps(trials, sort)]);
  const partitions = forEachAspect((name) => classifiers[name].finish(tuning));
  const tables: Tables = {
    partitions,
    valueMasks: findValueMasks(partitions),
    placeIndex: indexPlaces(partitions.places.kinds),
    rooms: forEachAspect((name) => createClassRoom(partitions[name].kinds.length)),
    verdicts: verdictGatherer.finish(tuning),
    words,
    scratch: createScratch(length),
    tuning,
  };
  const listing = createListing(tables, Object.fromEntries(orders) as Record<StandingSort, StandingOrder>);
  return { ...listing, ageClassOf: ageBounds.finish() };
}

/** Makes the index at once. */
export function createTrialIndex<Trial extends FilterableTrial>(
  trials: readonly Trial[],
  by: IndexedBy<Trial>,
): TrialIndex {
  return runSteps(indexInSteps(trials, by));
}

function createListing(tables: Tables, orders: Orders['standing']): Pick<TrialIndex, 'list' | 'tally'> {
  const { partitions, scratch } = tables;
  const ranked: Orders = { standing: orders, phaseRanks: rankPhases(partitions.phases.kinds) };
  let counted: CountedSets | null = null;
  const tally: TrialIndex['tally'] = (query, offset, named) => {
    scratch.reset();
    const sheet = tallySheetOf(named);
    if (counted?.sheet !== sheet) counted = findCountedSets(sheet, tables);
    const narrowed = narrowTrials(tables, query);
    const total = scratch.select(narrowed.all).count;
    return {
      total,
      page: findPage(narrowed, ranked, { offset, limit: query.limit }),
      hidden: countHidden(narrowed),
      fitCounts: countFits(narrowed),
      tallies: countFacets(narrowed, counted),
      suggestions: total === 0 ? suggestFilters(narrowed) : [],
    };
  };
  return {
    tally,
    list: (query, offset, named) => {
      const { tallies, ...rest } = tally(query, offset, named);
      return { ...rest, facets: nameTallies(tallySheetOf(named), tallies) };
    },
  };
}

interface Orders {
  readonly standing: Readonly<Record<StandingSort, StandingOrder>>;
  /** Of each class of phases. */
  readonly phaseRanks: Uint8Array;
}

function findPage(
  narrowed: Narrowed,
  { standing, phaseRanks }: Orders,
  place: { offset: number; limit: number },
): number[] {
  const { tables, query, places, all, levels, countsOf } = narrowed;
  const { partitions, rooms, scratch, tuning } = tables;
  const selection = scratch.select(all);
  if (selection.count <= place.offset) return [];
  const parts = splitByFit(all, levels.all, { match: query.match, scratch });
  if (query.sort !== 'availability' && query.sort !== 'phase')
    return pageByOrder(standing[query.sort], { selection, parts }, { ...place, tuning });
  const aspect = query.sort === 'phase' ? 'phases' : 'places';
  const ranked = {
    partition: partitions[aspect],
    room: rooms[aspect],
    counts: countsOf(aspect),
    ranks: query.sort === 'phase' ? phaseRanks : places.bySiteAndKind,
  };
  return pageByClass(ranked, parts, { ...place, scratch });
}
