import { addBit, createBitset, unite, type Bitset } from './bitset.ts';
import { wordsOf } from './search-words.ts';
import { sortInSteps } from './sort-in-steps.ts';
import { intersectAll, type Scratch, type Tuning } from './trial-set.ts';

/** From this length on a word also finds longer words that begin with it; shorter ones would find anything. */
const SHORTEST_BEGINNING = 4;
const CHUNK = 1 << 16;
/** So many trials are gone through before the caller may do something else. */
const STEP = 64;

/** Which trials have which words. */
export interface WordIndex {
  /** The trials that have every word, a long enough one also as the beginning of a longer word; `null` for no words. */
  readonly find: (words: readonly string[], scratch: Scratch) => Bitset | null;
}

/** Gathers the words of trials, in the order of the index. */
export function createWordGatherer(capacity: number): {
  add: (texts: readonly string[]) => void;
  finish: (tuning: Tuning) => Generator<undefined, WordIndex>;
} {
  const numbers = new Map<string, number>();
  const sizes: number[] = [];
  const wordCounts: number[] = [];
  // The words of all trials one behind the other. Growing one array would copy it again and again.
  const chunks: Uint32Array[] = [];
  let length = 0;
  const push = (number: number): void => {
    if (length % CHUNK === 0) chunks.push(new Uint32Array(CHUNK));
    (chunks.at(-1) as Uint32Array)[length++ % CHUNK] = number;
  };
  const numberOf = (word: string): number => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, sizes.length);
    return sizes.push(0) - 1;
  };
  const add = (texts: readonly string[]): void => {
    const words = wordsOf(texts);
    for (const word of words) {
      const number = numberOf(word);
      sizes[number] = (sizes[number] as number) + 1;
      push(number);
    }
    wordCounts.push(words.size);
  };
  function* finish(tuning: Tuning): Generator<undefined, WordIndex> {
    const sorted = yield* sortInSteps([...numbers.keys()], (one, other) => (one < other ? -1 : 1));
    const rankOf = new Uint32Array(sizes.length);
    const bitsOf = new Map<number, Bitset>();
    const starts = new Uint32Array(sorted.length + 1);
    for (const [rank, word] of sorted.entries()) {
      const number = numbers.get(word) as number;
      const size = sizes[number] as number;
      rankOf[number] = rank;
      const isCommon = size * tuning.listOneOf > capacity;
      if (isCommon) bitsOf.set(rank, createBitset(capacity));
      starts[rank + 1] = (starts[rank] as number) + (isCommon ? 0 : size);
      if (rank % CHUNK === 0) yield;
    }
    const lists = new Uint32Array(starts.at(-1) ?? 0);
    const filled = starts.slice();
    let place = 0;
    for (const [trial, count] of wordCounts.entries()) {
      for (let word = 0; word < count; word++, place++) {
        const rank = rankOf[
          (chunks[Math.floor(place / CHUNK)] as Uint32Array)[place % CHUNK] as number
        ] as number;
        const bits = bitsOf.get(rank);
        if (bits === undefined) {
          lists[filled[rank] as number] = trial;
          filled[rank] = (filled[rank] as number) + 1;
        } else addBit(bits, trial);
      }
      if (trial % STEP === 0) yield;
    }
    return createWordIndex(sorted, { starts, lists, bitsOf });
  }
  return { add, finish };
}

/** Which trials have the words of a dictionary: common words as bits, all others as lists one behind the other. */
interface Postings {
  readonly starts: Uint32Array;
  readonly lists: Uint32Array;
  readonly bitsOf: ReadonlyMap<number, Bitset>;
}

function createWordIndex(dictionary: readonly string[], { starts, lists, bitsOf }: Postings): WordIndex {
  const commonWords = [...bitsOf.keys()];
  const findWord = (word: string, scratch: Scratch): Bitset => {
    const begins = word.length >= SHORTEST_BEGINNING;
    const from = findFirst(dictionary, (known) => known >= word);
    const until = findFirst(dictionary, (known) => known > word && !(begins && known.startsWith(word)));
    const only = until === from + 1 ? bitsOf.get(from) : undefined;
    if (only !== undefined) return only;
    const bits = scratch.takeEmpty();
    const end = starts[until] as number;
    for (let place = starts[from] as number; place < end; place++) addBit(bits, lists[place] as number);
    const firstCommon = findFirst(commonWords, (rank) => rank >= from);
    for (let place = firstCommon; (commonWords[place] ?? Infinity) < until; place++)
      unite(bits, bitsOf.get(commonWords[place] as number) as Bitset);
    return bits;
  };
  return {
    find: (words, scratch) =>
      words.length === 0
        ? null
        : intersectAll(
            words.map((word) => findWord(word, scratch)),
            scratch,
          ).all,
  };
}

/** The first place from which on a condition holds; it must not hold before and fail after. */
function findFirst<Value>(values: readonly Value[], holds: (value: Value) => boolean): number {
  let [from, until] = [0, values.length];
  while (from < until) {
    const middle = (from + until) >>> 1;
    if (holds(values[middle] as Value)) until = middle;
    else from = middle + 1;
  }
  return from;
}
