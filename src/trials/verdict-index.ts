import { addBit, createBitset, subtract, unite, type Bitset } from './bitset.ts';
import { FACET_FILTERS, FITS, groupOfFacet, type FacetFilter, type Fit } from './facet-groups.ts';
import type { AskedFacets } from './judge-fit.ts';
import {
  addMembers,
  countMembers,
  createTrialSet,
  intersectAll,
  meet,
  type Scratch,
  type Selection,
  type TrialSet,
  type Tuning,
} from './trial-set.ts';

/** The trials of each verdict on one facet. */
export type VerdictSets = Readonly<Record<Fit, TrialSet>>;

/** How trials answer each single facet, by its group and value. */
export type VerdictIndex = ReadonlyMap<string, ReadonlyMap<string, VerdictSets>>;

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
    finish: (tuning) => {
      const index = new Map(facetIds.map((id) => [groupOfFacet(id), new Map<string, VerdictSets>()]));
      for (const { id, ...sets } of gathered) {
        const group = groupOfFacet(id);
        const entries = FITS.map((fit) => [fit, createTrialSet(sets[fit], capacity, tuning)]);
        index.get(group)?.set(id.slice(group.length + 1), Object.fromEntries(entries) as VerdictSets);
      }
      return index;
    },
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
  if (groups.length === 0) return askNothing(scratch);
  const levels = groups.map((group) => {
    const sets = asked[group].map((value) => verdictsOn(verdicts, group, value));
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

function askNothing({ everything }: Scratch): AskedLevels {
  const all = { fits: everything, taken: everything };
  return { all, without: () => all };
}

export function verdictsOn(verdicts: VerdictIndex, group: FacetFilter, value: string): VerdictSets {
  const sets = verdicts.get(group)?.get(value);
  if (sets === undefined) throw new Error(`facet ${group}.${value} is not in the index`);
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

/** Selected trials of each level, made when they are counted. */
export interface LevelSelections {
  readonly fits: () => Selection;
  readonly taken: () => Selection;
  readonly all: () => Selection;
}

export function selectLevels(selected: Bitset, levels: Levels, scratch: Scratch): LevelSelections {
  const within = (level: Bitset): (() => Selection) => {
    let selection: Selection | null = null;
    return () => (selection ??= scratch.select(meet(selected, level, scratch)));
  };
  return { fits: within(levels.fits), taken: within(levels.taken), all: within(scratch.everything) };
}

/** How many trials have a verdict on the asked facets that is listed. */
export function countListed({ fits, taken, all }: LevelSelections, match: readonly Fit[]): number {
  return addVerdicts({ fits: fits().count, taken: taken().count, all: all().count }, match);
}

/**
 * Counts how many trials would be listed if one more facet were asked, for each of some, into `totals` from `from` on.
 */
export function countWithFacets(
  { fits, taken, all }: LevelSelections,
  facets: readonly VerdictSets[],
  {
    match,
    tuning,
    totals,
    from,
  }: { match: readonly Fit[]; tuning: Tuning; totals: Uint32Array; from: number },
): void {
  // A verdict that is listed adds the trials of its level that are not of the one before, one that is not adds none.
  const ofFits = times(match, 'fits') - times(match, 'check');
  const ofTaken = times(match, 'check') - times(match, 'does_not_fit');
  const fitting = ofFits === 0 ? null : fits();
  const taking = ofTaken === 0 ? null : taken();
  const rest = times(match, 'does_not_fit') * all().count;
  for (let place = 0; place < facets.length; place++) {
    const sets = facets[place] as VerdictSets;
    let total = rest;
    if (fitting !== null) total += ofFits * countFitting(fitting, sets, tuning);
    if (taking !== null) total += ofTaken * countTaken(taking, sets, tuning);
    totals[from + place] = total;
  }
}

function times(match: readonly Fit[], fit: Fit): number {
  return match.includes(fit) ? 1 : 0;
}

/** Counts the sets in question, or, where that is cheaper, the others. */
function countFitting(
  selection: Selection,
  { fits, check, does_not_fit: rest }: VerdictSets,
  tuning: Tuning,
): number {
  return fits.cost <= check.cost + rest.cost
    ? countMembers(selection, fits, tuning)
    : selection.count - countMembers(selection, check, tuning) - countMembers(selection, rest, tuning);
}

function countTaken(
  selection: Selection,
  { fits, check, does_not_fit: rest }: VerdictSets,
  tuning: Tuning,
): number {
  return rest.cost <= fits.cost + check.cost
    ? selection.count - countMembers(selection, rest, tuning)
    : countMembers(selection, fits, tuning) + countMembers(selection, check, tuning);
}

function addVerdicts(counts: { fits: number; taken: number; all: number }, match: readonly Fit[]): number {
  let sum = 0;
  for (const fit of match)
    if (fit === 'fits') sum += counts.fits;
    else sum += fit === 'check' ? counts.taken - counts.fits : counts.all - counts.taken;
  return sum;
}
