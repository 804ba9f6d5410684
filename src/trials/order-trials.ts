import { hasBit, intersect, sliceBits, subtract, type Bitset } from './bitset.ts';
import { FITS, type Fit } from './facet-groups.ts';
import type { FilterableTrial } from './filter-trials.ts';
import type { ClassRoom } from './narrow-trials.ts';
import { phasesOf } from './phases.ts';
import { selectClasses, type Partition } from './partition.ts';
import { sortInSteps } from './sort-in-steps.ts';
import type { Scratch, Selection, Tuning } from './trial-set.ts';
import type { Levels } from './verdict-index.ts';
import { AVAILABILITIES, PHASES, type Sort } from './vocabulary.ts';

/** The part of an order that is asked for, after which come the fit, where facets are asked, and the `nctId`. */
export interface Place {
  readonly offset: number;
  readonly limit: number;
}

const latestPhase = (trial: FilterableTrial): number => {
  const numbered = phasesOf(trial.phases).filter((phase) => phase !== 'na' && phase !== 'none');
  return Math.max(-1, ...numbered.map((phase) => PHASES.indexOf(phase)));
};

/**
 * The ranks of classes in the order of phases; lower ones come first. There and in the order of availabilities many
 * trials share few ranks.
 */
export function rankPhases(classes: readonly FilterableTrial[]): Uint8Array {
  return Uint8Array.from(classes, (trial) => PHASES.length - latestPhase(trial));
}
/** More than there are of either. */
const RANKS = Math.max(PHASES.length, AVAILABILITIES.length) + 2;

const compare = <Key extends string | number>(one: Key, other: Key): number =>
  one < other ? -1 : Number(one > other);

/** Orders that are made once for all questions. */
export const STANDING_SORTS = ['updated', 'title', 'minimum_age'] as const satisfies readonly Sort[];
export type StandingSort = (typeof STANDING_SORTS)[number];

const STANDING: Readonly<
  Record<StandingSort, { keyOf: (trial: FilterableTrial) => string | number; descends: boolean }>
> = {
  updated: { keyOf: ({ dates }) => dates.lastUpdatePosted ?? '', descends: true },
  title: { keyOf: ({ briefTitle }) => briefTitle.toLowerCase(), descends: false },
  minimum_age: { keyOf: ({ ageRange }) => ageRange.fromDays ?? 0, descends: false },
};

/** All trials in one order; trials with equal keys have equal ranks. */
export interface StandingOrder {
  readonly trials: Uint32Array;
  readonly rankOf: Uint32Array;
}

/** Orders trials by one key, those with equal keys as they are given. */
export function* orderInSteps(
  trials: readonly FilterableTrial[],
  sort: StandingSort,
): Generator<undefined, StandingOrder> {
  const { keyOf, descends } = STANDING[sort];
  const keys = trials.map(keyOf);
  yield;
  const keyAt = (place: number): string | number => keys[place] as string | number;
  const sorted = yield* sortInSteps([...trials.keys()], (one, other) =>
    descends ? compare(keyAt(other), keyAt(one)) : compare(keyAt(one), keyAt(other)),
  );
  const rankOf = new Uint32Array(trials.length);
  let rank = 0;
  sorted.forEach((trial, place) => {
    if (place > 0 && keyAt(trial) !== keyAt(sorted[place - 1] as number)) rank++;
    rankOf[trial] = rank;
  });
  return { trials: Uint32Array.from(sorted), rankOf };
}

/** Selected trials by verdict, best first; all together where no facet is asked. */
export function splitByFit(
  selected: Bitset,
  levels: Levels,
  { match, scratch }: { match: readonly Fit[]; scratch: Scratch },
): Bitset[] {
  if (levels.fits === scratch.everything) return [selected];
  const taken = intersect(scratch.take(), selected, levels.taken);
  const fits = intersect(scratch.take(), selected, levels.fits);
  const bits: Readonly<Record<Fit, () => Bitset>> = {
    fits: () => fits,
    check: () => subtract(scratch.take(), taken, fits),
    does_not_fit: () => subtract(scratch.take(), selected, taken),
  };
  return FITS.filter((fit) => match.length === 0 || match.includes(fit)).map((fit) => bits[fit]());
}

/** Classes whose trials share a rank, with how many of each pass everything else. */
interface RankedClasses {
  readonly partition: Partition<FilterableTrial>;
  readonly ranks: Uint8Array;
  readonly counts: Uint32Array;
  readonly room: ClassRoom;
}

/** A page in an order by class: only classes that reach into the page are looked into. */
export function pageByClass(
  ranked: RankedClasses,
  parts: readonly Bitset[],
  { offset, limit, scratch }: Place & { scratch: Scratch },
): number[] {
  const totals = countRanks(ranked);
  const page: number[] = [];
  let skip = offset;
  for (let rank = 0; rank < RANKS && page.length < limit; rank++) {
    const total = totals[rank] as number;
    if (total <= skip) {
      skip -= total;
      continue;
    }
    const ofRank = selectRank(ranked, rank, scratch);
    for (const part of parts) {
      if (page.length === limit) break;
      const bits = ofRank === null ? part : intersect(scratch.take(), part, ofRank);
      const count = parts.length === 1 ? total : scratch.select(bits).count;
      if (count > skip) page.push(...sliceBits(bits, skip, limit - page.length));
      skip = Math.max(0, skip - count);
    }
  }
  return page;
}

/** How many listed trials there are of each rank. */
function countRanks({ ranks, counts, room }: RankedClasses): Uint32Array {
  const totals = new Uint32Array(RANKS);
  for (let number = 0; number < ranks.length; number++) {
    const rank = ranks[number] as number;
    if (room.passes[number] === 1) totals[rank] = (totals[rank] as number) + (counts[number] as number);
  }
  return totals;
}

/** The trials of the classes of a rank; classes without a listed trial may be among them. */
function selectRank(
  { partition, ranks, counts, room }: RankedClasses,
  rank: number,
  scratch: Scratch,
): Bitset | null {
  const { passes, alsoPasses } = room;
  for (let number = 0; number < ranks.length; number++)
    alsoPasses[number] = ranks[number] === rank || passes[number] === 0 || counts[number] === 0 ? 1 : 0;
  return selectClasses(partition, alsoPasses, scratch);
}

/** A page in a standing order: few trials are sorted, of many it is asked along the order whether they are selected. */
export function pageByOrder(
  order: StandingOrder,
  { selection, parts }: { selection: Selection; parts: readonly Bitset[] },
  place: Place & { tuning: Tuning },
): number[] {
  const { offset, limit, tuning } = place;
  const { count } = selection;
  const comparisons = count * Math.log2(count + 1);
  return comparisons * tuning.stepsPerComparison < order.trials.length
    ? sortSelected(order, { selection, parts }).slice(offset, offset + limit)
    : walkOrder(order, parts, place);
}

function sortSelected(
  { rankOf }: StandingOrder,
  { selection, parts }: { selection: Selection; parts: readonly Bitset[] },
): number[] {
  const fitOf = (trial: number): number => parts.findIndex((part) => hasBit(part, trial) === 1);
  return Array.from(selection.list().subarray(0, selection.count))
    .map((trial) => ({ trial, rank: rankOf[trial] as number, fit: parts.length === 1 ? 0 : fitOf(trial) }))
    .toSorted((one, other) => one.rank - other.rank || one.fit - other.fit || one.trial - other.trial)
    .map(({ trial }) => trial);
}

function walkOrder(
  { trials, rankOf }: StandingOrder,
  parts: readonly Bitset[],
  { offset, limit }: Place,
): number[] {
  const page: number[] = [];
  let skip = offset;
  const walk = (part: Bitset, from: number, until: number): void => {
    for (let place = from; place < until && page.length < limit; place++) {
      const trial = trials[place] as number;
      if (hasBit(part, trial) === 0) continue;
      if (skip > 0) skip--;
      else page.push(trial);
    }
  };
  if (parts.length === 1) {
    walk(parts[0] as Bitset, 0, trials.length);
    return page;
  }
  for (let from = 0, until = 0; from < trials.length && page.length < limit; from = until) {
    const rank = rankOf[trials[from] as number];
    while (until < trials.length && rankOf[trials[until] as number] === rank) until++;
    for (const part of parts) walk(part, from, until);
  }
  return page;
}
