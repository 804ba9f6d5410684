/** A fixed text and where it stands in its language: `['form', 'age']`. */
export interface FixedText {
  readonly path: readonly string[];
  readonly text: string;
}

/** Every text of a language, in the order of the file. */
export function textsOf(words: unknown, path: readonly string[] = []): FixedText[] {
  if (typeof words === 'string') return [{ path, text: words }];
  return Object.entries(words as Record<string, unknown>).flatMap(([key, value]) =>
    textsOf(value, [...path, key]),
  );
}
