import { addBit, createBitset, intersect, subtract, unite, type Bitset } from './bitset.ts';
import { FACET_FILTERS, FITS, type FacetFilter, type Fit } from './facet-vocabulary.ts';
import type { AskedFacets } from './judge-fit.ts';
import {
  addMembers,
  costOf,
  countMembers,
  createTrialSet,
  intersectAll,
  type Scratch,
  type Selection,
  type TrialSet,
  type Tuning,
} from './trial-set.ts';

/** The trials of each verdict on one facet. */
export type VerdictSets = Readonly<Record<Fit, TrialSet>>;

/** How trials answer each single facet, by its id. */
export type VerdictIndex = ReadonlyMap<string, VerdictSets>;

/** Gathers the verdicts on each facet, in the order of the index. */
export function createVerdictGatherer(
  capacity: number,
  facetIds: readonly string[],
): {
  add: (trial: number, verdictOf: (id: string) => Fit) => void;
  finish: (tuning: Tuning) => VerdictIndex;
} {
  const gathered = facetIds.map((id) => ({
    id,
    fits: createBitset(capacity),
    check: createBitset(capacity),
    does_not_fit: createBitset(capacity),
  }));
  return {
    add: (trial, verdictOf) => {
      for (const one of gathered) addBit(one[verdictOf(one.id)], trial);
    },
    finish: (tuning) =>
      new Map(
        gathered.map(({ id, ...sets }) => {
          const entries = FITS.map((fit) => [fit, createTrialSet(sets[fit], capacity, tuning)]);
          return [id, Object.fromEntries(entries) as Record<Fit, TrialSet>];
        }),
      ),
  };
}

/** Trials by their verdict on what is asked: those that fit, and those that do or are to be checked. */
export interface Levels {
  readonly fits: Bitset;
  readonly taken: Bitset;
}

/** Which trials answer all asked groups how well, and all but one of them. */
export interface AskedLevels {
  readonly all: Levels;
  readonly without: (group: FacetFilter) => Levels;
}

/**
 * Of values joined with "or" the best verdict decides, of groups joined with "and" the worst: a trial fits when it
 * fits in every group, and is taken when it is in every group.
 */
export function askLevels(asked: AskedFacets, verdicts: VerdictIndex, scratch: Scratch): AskedLevels {
  const groups = FACET_FILTERS.filter((group) => asked[group].length > 0);
  const levels = groups.map((group) => {
    const sets = asked[group].map((value) => verdictsOn(`${group}.${value}`, verdicts));
    const fits = scratch.takeEmpty();
    for (const one of sets) addMembers(fits, one.fits);
    const taken = scratch.take();
    taken.set(fits);
    for (const one of sets) addMembers(taken, one.check);
    return { fits, taken };
  });
  const fits = intersectAll(
    levels.map((one) => one.fits),
    scratch,
  );
  const taken = intersectAll(
    levels.map((one) => one.taken),
    scratch,
  );
  const all = { fits: fits.all, taken: taken.all };
  return {
    all,
    without: (group) => {
      const place = groups.indexOf(group);
      return place < 0 ? all : { fits: fits.others[place] as Bitset, taken: taken.others[place] as Bitset };
    },
  };
}

export function verdictsOn(id: string, verdicts: VerdictIndex): VerdictSets {
  const sets = verdicts.get(id);
  if (sets === undefined) throw new Error(`facet ${id} is not in the index`);
  return sets;
}

/** The trials of the verdicts that are listed; `null` when that is everybody. */
export function selectVerdicts(
  { fits, taken }: Levels,
  match: readonly Fit[],
  scratch: Scratch,
): Bitset | null {
  const [hasFits, hasCheck, hasRest] = FITS.map((fit) => match.length === 0 || match.includes(fit));
  if (hasFits && hasCheck && hasRest) return null;
  if (hasFits && hasCheck) return taken === scratch.everything ? null : taken;
  if (hasFits && !hasRest) return fits === scratch.everything ? null : fits;
  const bits = scratch.take();
  if (!hasFits) return subtract(bits, hasRest ? scratch.everything : taken, hasCheck ? fits : taken);
  return unite(subtract(bits, scratch.everything, taken), fits);
}

/** How many of some trials fit, how many are taken, and how many there are. */
export interface LevelCounts {
  readonly fits: number;
  readonly taken: number;
  readonly all: number;
}

/** How many trials have one of the verdicts. */
export function countVerdicts({ fits, taken, all }: LevelCounts, match: readonly Fit[]): number {
  const counts: Readonly<Record<Fit, number>> = { fits, check: taken - fits, does_not_fit: all - taken };
  return match.reduce((sum, fit) => sum + counts[fit], 0);
}

/** The selected trials of each level of the other groups, for counting the values of one more. */
export interface LevelSelections {
  readonly fits: Selection;
  readonly taken: Selection;
  readonly all: Selection;
}

export function selectLevels(selected: Bitset, levels: Levels, scratch: Scratch): LevelSelections {
  const within = (level: Bitset): Selection => {
    if (level === scratch.everything) return scratch.select(selected);
    if (selected === scratch.everything) return scratch.select(level);
    return scratch.select(intersect(scratch.take(), selected, level));
  };
  return { fits: within(levels.fits), taken: within(levels.taken), all: scratch.select(selected) };
}

/** How many trials there would be if one more facet were asked. Levels that `match` does not tell apart are not counted. */
export function countWithFacet(
  { fits, taken, all }: LevelSelections,
  sets: VerdictSets,
  { match, tuning }: { match: readonly Fit[]; tuning: Tuning },
): number {
  const [hasFits, hasCheck, hasRest] = FITS.map((fit) => match.includes(fit));
  return countVerdicts(
    {
      fits:
        hasFits === hasCheck ? 0 : countEither(fits, [[sets.fits], [sets.check, sets.does_not_fit]], tuning),
      taken:
        hasCheck === hasRest ? 0 : countEither(taken, [[sets.fits, sets.check], [sets.does_not_fit]], tuning),
      all: all.count,
    },
    match,
  );
}

/** Counts some sets, or, where that is cheaper, the sets with all other trials. */
function countEither(
  selection: Selection,
  [some, others]: readonly [readonly TrialSet[], readonly TrialSet[]],
  tuning: Tuning,
): number {
  const cost = (sets: readonly TrialSet[]): number => sets.reduce((sum, one) => sum + costOf(one), 0);
  const count = (sets: readonly TrialSet[]): number =>
    sets.reduce((sum, one) => sum + countMembers(selection, one, tuning), 0);
  return cost(some) <= cost(others) ? count(some) : selection.count - count(others);
}
