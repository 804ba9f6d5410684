import type { Words } from './words/words.ts';

/** The texts that the browser code puts into the page by itself. */
export function browserWords({ form, results, fit, card, ages, ageGroup, treatment }: Words) {
  const { copied, copyFailed } = card;
  return {
    ageError: form.ageError,
    barWithAge: ages.barWithAge,
    results,
    fit,
    copied,
    copyFailed,
    ageGroup,
    treatment,
  };
}
export type BrowserWords = ReturnType<typeof browserWords>;
