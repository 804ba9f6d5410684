import { ageInDays, findEdgeInDays, type Age, type AgeLimits } from './age.ts';

/**
 * The class of an age: a number. No trial tells two ages of one class apart, so that a list says of both the same.
 * There are hardly more classes than bounds, some dozens, and of ages in days more than anybody could keep lists of.
 */
export type AgeClassifier = (age: Age) => number;

/** Gathers the bounds of all trials at which a rule about ages changes its answer (`isInAgeRange`, `ageFitOf`). */
export function createAgeBounds(): { add(limits: AgeLimits): void; finish(): AgeClassifier } {
  const known = new Set<string>();
  const bounds = new Set<number>();
  return {
    add(limits) {
      const { fromDays, beforeDays } = limits.ageRange;
      const name = `${fromDays} ${beforeDays} ${limits.maximumAge}`;
      if (known.has(name)) return;
      known.add(name);
      for (const bound of [fromDays, beforeDays, findEdgeInDays(limits)])
        if (bound !== null) bounds.add(bound);
    },
    finish() {
      const ordered = Float64Array.from(bounds).toSorted();
      return (age) => countUpTo(ordered, ageInDays(age));
    },
  };
}

/** How many numbers, which are in order, are no larger. */
function countUpTo(ordered: Float64Array, most: number): number {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ordered[middle] as number) <= most) from = middle + 1;
    else to = middle;
  }
  return from;
}
