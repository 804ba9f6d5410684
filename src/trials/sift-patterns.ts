import { createTripleTable, findNeeds, MOST_TEXTS } from './letter-triples.ts';

/** For each pattern the texts, by their place in order, in which it may match: in all others it does not. */
export type PatternSieve = (texts: readonly string[]) => readonly (readonly number[])[];

/**
 * Makes the sieve of patterns. To ask each of hundreds of patterns of each sentence would take most of the time of
 * judging a study, and nearly all in vain: they are told by letters that the sentence does not have.
 */
export function createPatternSieve(patterns: readonly RegExp[]): PatternSieve {
  const needs = patterns.map(({ source }) => findNeeds(source));
  const table = createTripleTable();
  return (texts) => {
    const places = patterns.map((): number[] => []);
    for (let first = 0; first < texts.length; first += MOST_TEXTS) {
      table.fill(texts.slice(first, first + MOST_TEXTS));
      needs.forEach((own, number) => addPlaces(places[number] as number[], table.textsWith(own), first));
    }
    return places;
  };
}

/** Bits of a number as places, from the lowest on. */
function addPlaces(places: number[], bits: number, first: number): void {
  for (let left = bits; left !== 0; left &= left - 1) places.push(first + 31 - Math.clz32(left & -left));
}
