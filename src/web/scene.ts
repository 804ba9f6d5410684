import type { Language, Words } from './words/words.ts';

/** Where and for whom something is shown: everything a rendering needs beside the trial itself. */
export interface Scene {
  readonly language: Language;
  readonly words: Words;
  /** Before every link to our pages: empty on them, the public address on a page of somebody else. */
  readonly base: string;
  /** The level of the headings of trials; groups are one above. */
  readonly headingLevel: number;
  /** Where the institution is, for days. */
  readonly timeZone: string;
  /** When the registry last confirmed the list; `null` when nobody did, as with the sample. */
  readonly checkedAt: string | null;
  /** Names of our sites by key. */
  readonly siteNames: Readonly<Record<string, string>>;
}

export const HEADING_LEVELS = [1, 2, 3, 4, 5, 6] as const;

/** A link to one of our pages in the language of the scene; English is the address itself. */
export function linkTo(
  { base, language }: Scene,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const parameters = new URLSearchParams(query);
  if (language !== 'en') parameters.set('lang', language);
  return parameters.size === 0 ? `${base}${path}` : `${base}${path}?${parameters.toString()}`;
}
