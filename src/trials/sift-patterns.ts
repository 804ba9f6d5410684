import { findNeeds, gatherTriples, mayMatch } from './letter-triples.ts';

/** For each pattern the texts, by their place in order, in which it may match: in all others it does not. */
export type PatternSieve = (texts: readonly string[]) => readonly (readonly number[])[];

const NOWHERE: readonly number[] = [];
/** Between texts: a sign that ends words and that no text has. */
const END_OF_TEXT = '\u0000';
/** What looks around itself, or for an end, may find something in a text and nothing where others stand beside it. */
const LOOKS_AROUND = /\(\?<?[=!]|\$|(?<!(?<!\\)\[)\^/;

/**
 * Makes the sieve of global patterns. To ask each of hundreds of patterns of each sentence would take most of the time
 * of judging a study, and nearly all in vain: most are told by letters that the study does not have, and of the others
 * each looks through the whole study once.
 */
export function createPatternSieve(patterns: readonly RegExp[]): PatternSieve {
  const sifted = patterns.map((pattern) => ({
    pattern,
    needs: findNeeds(pattern.source),
    looksAround: LOOKS_AROUND.test(pattern.source),
  }));
  return (texts) => {
    const whole = texts.join(END_OF_TEXT);
    const starts = startsOf(texts);
    const triples = gatherTriples(whole);
    const everywhere = [...texts.keys()];
    return sifted.map(({ pattern, needs, looksAround }) => {
      if (!mayMatch(needs, triples)) return NOWHERE;
      return looksAround ? everywhere : findPlaces(pattern, whole, starts);
    });
  };
}

/** Where each text begins in the whole. */
function startsOf(texts: readonly string[]): number[] {
  let start = 0;
  return texts.map(({ length }) => {
    const own = start;
    start += length + END_OF_TEXT.length;
    return own;
  });
}

/**
 * The texts in which a match begins. It may reach into the next text and hide a match there, so the search goes on at
 * the beginning of that one.
 */
function findPlaces(pattern: RegExp, whole: string, starts: readonly number[]): number[] {
  const places: number[] = [];
  let place = 0;
  for (let next: number | undefined = 0; next !== undefined; next = starts[place]) {
    pattern.lastIndex = next;
    const match = pattern.exec(whole);
    if (match === null) break;
    while ((starts[place + 1] ?? Infinity) <= match.index) place++;
    places.push(place++);
  }
  return places;
}
