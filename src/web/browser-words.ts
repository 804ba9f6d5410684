import type { Words } from './words/words.ts';

/** The texts that the browser code puts into the page by itself. */
export function browserWords({
  words,
  siteNames,
}: {
  words: Words;
  siteNames: Readonly<Record<string, string>>;
}) {
  const { form, results, fit, card, ages, ageGroup, treatment, phase, availability } = words;
  const { copied, copyFailed, whyAge, whyAgeEdge, whyAgeGroup, whyTreatment } = card;
  return {
    ageError: form.ageError,
    removeAnswer: form.removeAnswer,
    reset: form.reset,
    bar: ages.bar,
    barWithAge: ages.barWithAge,
    results,
    fit,
    copied,
    copyFailed,
    whyAge,
    whyAgeEdge,
    whyAgeGroup,
    whyTreatment,
    ageGroup,
    treatment,
    phase,
    availability,
    siteNames,
  };
}
export type BrowserWords = ReturnType<typeof browserWords>;
