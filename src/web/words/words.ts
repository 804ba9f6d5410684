import { fill, fillCount, LANGUAGES, type Counted, type Language } from './fill.ts';
import { ENGLISH } from './english.ts';
import type { Words } from './shape.ts';
import { SPANISH } from './spanish.ts';

export type { Words } from './shape.ts';

export { fill, fillCount, LANGUAGES, type Counted, type Language };

export const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, es: SPANISH };

/** English unless a language that we have is asked for. */
export function readLanguage(text: string | null | undefined): Language {
  return LANGUAGES.find((language) => language === text) ?? 'en';
}
