/** So many values are sorted or merged before the caller may do something else: about a millisecond. */
const STEP = 2048;

/** Sorts as `toSorted` does, and gives way between steps, so that a long list keeps nobody waiting. */
export function* sortInSteps<Value>(
  values: readonly Value[],
  compare: (one: Value, other: Value) => number,
): Generator<undefined, Value[]> {
  let runs: Value[][] = [];
  for (let from = 0; from < values.length; from += STEP) {
    runs.push(values.slice(from, from + STEP).toSorted(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: Value[][] = [];
    for (let place = 0; place < runs.length; place += 2)
      merged.push(yield* mergeInSteps(runs[place] ?? [], runs[place + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergeInSteps<Value>(
  one: readonly Value[],
  other: readonly Value[],
  compare: (one: Value, other: Value) => number,
): Generator<undefined, Value[]> {
  const merged: Value[] = [];
  let [left, right] = [0, 0];
  while (left < one.length && right < other.length) {
    const [first, second] = [one[left] as Value, other[right] as Value];
    if (compare(first, second) <= 0) {
      merged.push(first);
      left++;
    } else {
      merged.push(second);
      right++;
    }
    if (merged.length % STEP === 0) yield;
  }
  for (; left < one.length; left++) merged.push(one[left] as Value);
  for (; right < other.length; right++) merged.push(other[right] as Value);
  return merged;
}
