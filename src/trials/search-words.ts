/** Lower case, accents gone, everything between letters and digits a boundary. */
export function splitWords(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words of some texts; a hyphenated word counts joined as well, so that "cart" finds "CAR-T". */
export function wordsOf(texts: readonly string[]): Set<string> {
  // Read in one: what ends a line ends a word.
  const text = texts.join('\n');
  const words = new Set(splitWords(text));
  // Not begun in the middle of a word: a word without end would be tried from each of its letters.
  for (const joined of text.match(/(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)+/gu) ?? [])
    for (const word of splitWords(joined.replaceAll('-', ''))) words.add(word);
  return words;
}
