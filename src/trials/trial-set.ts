import {
  addBit,
  countBits,
  countCommon,
  createBitset,
  createFullBitset,
  hasBit,
  intersect,
  listBits,
  removeBit,
  subtract,
  unite,
  type Bitset,
} from './bitset.ts';

/** Trials by their place in the index, as bits where they are many and as a list where they are few. */
export interface TrialSet {
  readonly size: number;
  readonly bits: Bitset | null;
  readonly list: Uint32Array | null;
  /** What adding, removing or counting it costs, in words of bits. */
  readonly cost: number;
}

/** Where one way of counting becomes quicker than another; none changes a result. */
export interface Tuning {
  /** A set of at most one of so many trials is a list: then the list is also the smaller one. */
  readonly listOneOf: number;
  /** Looking at one trial costs as much as so many words of bits. */
  readonly wordsPerTrial: number;
  /** Matches are sorted when a comparison costs less than so many steps along all trials in order. */
  readonly stepsPerComparison: number;
}
export const TUNING: Tuning = { listOneOf: 32, wordsPerTrial: 2, stepsPerComparison: 4 };

export function setOfBits(bits: Bitset, size: number): TrialSet {
  return { size, bits, list: null, cost: bits.length };
}

export function setOfList(list: Uint32Array): TrialSet {
  return { size: list.length, bits: null, list, cost: list.length };
}

/** The set of the trials in `bits`, in its smaller form. */
export function createTrialSet(bits: Bitset, capacity: number, { listOneOf }: Tuning): TrialSet {
  const size = countBits(bits);
  if (size * listOneOf > capacity) return setOfBits(bits, size);
  const list = new Uint32Array(size);
  listBits(bits, list);
  return setOfList(list);
}

export function addMembers(target: Bitset, { bits, list }: TrialSet): void {
  if (bits !== null) unite(target, bits);
  if (list !== null) for (let place = 0; place < list.length; place++) addBit(target, list[place] as number);
}

export function removeMembers(target: Bitset, { bits, list }: TrialSet): void {
  if (bits !== null) subtract(target, target, bits);
  if (list !== null)
    for (let place = 0; place < list.length; place++) removeBit(target, list[place] as number);
}

const NOBODY: Bitset = new Uint32Array(0);

/** Trials that a question selects: counted once, listed once, and only when that is asked for. */
export interface Selection {
  readonly bits: Bitset;
  readonly count: number;
  /** Their numbers in order; the first `count` of these are meant. */
  readonly list: () => Uint32Array;
}

/** How many trials of a selection are in a set. */
export function countMembers(selection: Selection, { bits, list, size }: TrialSet, tuning: Tuning): number {
  if (size === 0 || selection.count === 0) return 0;
  if (bits === null) return countOf(list ?? NOBODY, selection.bits);
  if (selection.count * tuning.wordsPerTrial >= bits.length) return countCommon(selection.bits, bits);
  return countOf(selection.list(), bits, selection.count);
}

/** How many of the first trials of a list are in a set. */
function countOf(list: Uint32Array, bits: Bitset, length = list.length): number {
  let count = 0;
  for (let place = 0; place < length; place++) count += hasBit(bits, list[place] as number);
  return count;
}

/** Room for the sets of one question, used again for the next: making large arrays costs more than filling them. */
export interface Scratch {
  readonly capacity: number;
  readonly everything: Bitset;
  /** A set with anything in it, to be written over. */
  readonly take: () => Bitset;
  readonly takeEmpty: () => Bitset;
  /** The selection of these bits; the same one for the same bits. */
  readonly select: (bits: Bitset) => Selection;
  /** From here on everything taken is free again. */
  readonly reset: () => void;
}

export function createScratch(capacity: number): Scratch {
  const everything = createFullBitset(capacity);
  const sets: Bitset[] = [];
  const lists: Uint32Array[] = [];
  const selections: ReusedSelection[] = [];
  let [taken, listed, selected] = [0, 0, 0];
  const take = (): Bitset => {
    if (taken === sets.length) sets.push(createBitset(capacity));
    return sets[taken++] as Bitset;
  };
  const listOf = (bits: Bitset): Uint32Array => {
    if (listed === lists.length) lists.push(new Uint32Array(capacity));
    const numbers = lists[listed++] as Uint32Array;
    listBits(bits, numbers);
    return numbers;
  };
  const takeSelection = (bits: Bitset): Selection => {
    if (selected === selections.length) selections.push(createSelection(listOf));
    const selection = selections[selected++] as ReusedSelection;
    selection.reuse(bits, bits === everything ? capacity : countBits(bits));
    return selection;
  };
  return {
    capacity,
    everything,
    take,
    takeEmpty: () => take().fill(0),
    // There are a dozen, and a map that is emptied after each question would keep what was in it from the collector.
    select: (bits) => {
      for (let place = 0; place < selected; place++) {
        const selection = selections[place] as Selection;
        if (selection.bits === bits) return selection;
      }
      return takeSelection(bits);
    },
    reset: () => {
      taken = 0;
      listed = 0;
      selected = 0;
    },
  };
}

interface ReusedSelection extends Selection {
  readonly reuse: (bits: Bitset, count: number) => void;
}

function createSelection(listOf: (bits: Bitset) => Uint32Array): ReusedSelection {
  let list: Uint32Array | null = null;
  const selection = {
    bits: NOBODY,
    count: 0,
    list: () => (list ??= listOf(selection.bits)),
    reuse: (bits: Bitset, count: number) => {
      selection.bits = bits;
      selection.count = count;
      list = null;
    },
  };
  return selection;
}

/** What two sets share; nothing is made where one of them is everything. */
export function meet(one: Bitset, other: Bitset, scratch: Scratch): Bitset {
  if (one === scratch.everything) return other;
  return other === scratch.everything ? one : intersect(scratch.take(), one, other);
}

/** What all sets share, and for each what all others share; `null` stands for everything and costs nothing. */
export function intersectAll(
  sets: readonly (Bitset | null)[],
  scratch: Scratch,
): { all: Bitset; others: readonly Bitset[] } {
  const { everything } = scratch;
  // First what all behind each set share, then in its place what all others do.
  const others = [...sets] as Bitset[];
  let all = everything;
  for (let place = sets.length - 1; place >= 0; place--) {
    others[place] = all;
    all = meet(sets[place] ?? everything, all, scratch);
  }
  let before = everything;
  for (let place = 0; place < sets.length; place++) {
    const set = sets[place] as Bitset | null;
    const after = others[place] as Bitset;
    others[place] = set === null ? all : meet(before, after, scratch);
    if (set !== null && after !== everything) before = meet(before, set, scratch);
  }
  return { all, others };
}
