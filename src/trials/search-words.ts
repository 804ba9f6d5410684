/** The words of a trial that a search looks into. */
export interface Haystack {
  readonly words: ReadonlySet<string>;
  /** The same words in order, for words that are still being typed. */
  readonly sorted: readonly string[];
}

/** From this length on a word also finds longer words that begin with it; shorter ones would find anything. */
const SHORTEST_BEGINNING = 4;

/** Lower case, accents gone, everything between letters and digits a boundary. */
export function splitWords(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words of some texts; a hyphenated word counts joined as well, so that "cart" finds "CAR-T". */
export function createHaystack(texts: readonly string[]): Haystack {
  const words = new Set(
    texts.flatMap((text) => {
      // Not begun in the middle of a word: a word without end would be tried from each of its letters.
      const joined = text.match(/(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)+/gu) ?? [];
      return [...splitWords(text), ...joined.flatMap((word) => splitWords(word.replaceAll('-', '')))];
    }),
  );
  return { words, sorted: [...words].toSorted() };
}

/** Whether every word is there, a long enough one also as the beginning of a longer word. */
export function hasWords(haystack: Haystack, words: readonly string[]): boolean {
  return words.every(
    (word) =>
      haystack.words.has(word) ||
      (word.length >= SHORTEST_BEGINNING && haystack.sorted.some((known) => known.startsWith(word))),
  );
}
