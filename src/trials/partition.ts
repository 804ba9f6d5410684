import { addBit, createBitset, type Bitset } from './bitset.ts';
import {
  addMembers,
  countMembers,
  removeMembers,
  setOfBits,
  setOfList,
  type Scratch,
  type Selection,
  type TrialSet,
  type Tuning,
} from './trial-set.ts';

/** All trials, put into classes of trials that a rule cannot tell apart: it is asked once for each class. */
export interface Partition<Kind> {
  /** One trial of each class. */
  readonly kinds: readonly Kind[];
  readonly classOf: Uint32Array;
  readonly classes: readonly TrialSet[];
  /** What counting all classes as bits costs, in words. */
  readonly cost: number;
  readonly largest: number;
}

/** Puts trials into classes by a key, in the order of the index. */
export function createClassifier<Kind>(
  capacity: number,
  keyOf: (kind: Kind) => string,
): { add: (trial: number, kind: Kind) => void; finish: (tuning: Tuning) => Partition<Kind> } {
  const numbers = new Map<string, number>();
  const kinds: Kind[] = [];
  const classOf = new Uint32Array(capacity);
  return {
    add: (trial, kind) => {
      const key = keyOf(kind);
      let number = numbers.get(key);
      if (number === undefined) {
        number = kinds.push(kind) - 1;
        numbers.set(key, number);
      }
      classOf[trial] = number;
    },
    finish: (tuning) => createPartition(kinds, classOf, tuning),
  };
}

function createPartition<Kind>(
  kinds: readonly Kind[],
  classOf: Uint32Array,
  tuning: Tuning,
): Partition<Kind> {
  const { length: capacity } = classOf;
  const sizes = new Uint32Array(kinds.length);
  for (const number of classOf) sizes[number] = (sizes[number] as number) + 1;
  // Bits for each class would be too many where classes are, so only the large ones are gathered as bits.
  const gathered = Array.from(sizes, (size) =>
    size * tuning.listOneOf > capacity ? createBitset(capacity) : new Uint32Array(size),
  );
  const filled = new Uint32Array(kinds.length);
  for (let trial = 0; trial < capacity; trial++) {
    const number = classOf[trial] as number;
    const members = gathered[number] as Uint32Array;
    const place = filled[number] as number;
    filled[number] = place + 1;
    if ((sizes[number] as number) * tuning.listOneOf > capacity) addBit(members, trial);
    else members[place] = trial;
  }
  const classes = gathered.map((members, number): TrialSet => {
    const size = sizes[number] as number;
    return size * tuning.listOneOf > capacity ? setOfBits(members, size) : setOfList(members);
  });
  const cost = classes.reduce((sum, one) => sum + one.cost, 0);
  return { kinds, classOf, classes, cost, largest: sizes.indexOf(Math.max(0, ...sizes)) };
}

/** The trials of the classes that pass, or `null` when all do. */
export function selectClasses(
  { classes, cost }: Pick<Partition<unknown>, 'classes' | 'cost'>,
  passes: Uint8Array,
  scratch: Scratch,
): Bitset | null {
  let [passing, failures] = [0, 0];
  for (let number = 0; number < classes.length; number++)
    if (passes[number] === 1) passing += (classes[number] as TrialSet).cost;
    else failures++;
  if (failures === 0) return null;
  const byPassing = passing <= cost - passing;
  const bits = byPassing ? scratch.takeEmpty() : scratch.take();
  if (!byPassing) bits.set(scratch.everything);
  for (let number = 0; number < classes.length; number++) {
    if ((passes[number] === 1) !== byPassing) continue;
    if (byPassing) addMembers(bits, classes[number] as TrialSet);
    else removeMembers(bits, classes[number] as TrialSet);
  }
  return bits;
}

/** Counts how many trials of a selection each class has. */
export function countClasses(
  counts: Uint32Array,
  { partition, selection, tuning }: { partition: Partition<unknown>; selection: Selection; tuning: Tuning },
): void {
  const { classes, classOf, cost, largest } = partition;
  if (selection.count * tuning.wordsPerTrial <= cost) {
    counts.fill(0);
    const list = selection.list();
    for (let place = 0; place < selection.count; place++) {
      const number = classOf[list[place] as number] as number;
      counts[number] = (counts[number] as number) + 1;
    }
    return;
  }
  let left = selection.count;
  for (let number = 0; number < classes.length; number++) {
    if (number === largest) continue;
    const count = countMembers(selection, classes[number] as TrialSet, tuning);
    counts[number] = count;
    left -= count;
  }
  // Every trial is in one class, so the largest has what the others leave.
  if (classes.length > 0) counts[largest] = left;
}
