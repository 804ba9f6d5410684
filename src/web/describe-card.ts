import { ageFitOf, ageInDays } from '../trials/age.ts';
import type { Fit } from '../trials/facet-groups.ts';
import { formatAgeWords } from './age-words.ts';
import { verdictOn } from './arrange-cards.ts';
import type { BrowserWords } from './browser-words.ts';
import type { PatientAnswers } from './patient-answers.ts';
import type { TrialFacts } from './trial-facts.ts';
import { fill, type Language } from './words/words.ts';

/** What a card says because of the answers; the server and the browser put the same into the same places. */
export interface CardAnswers {
  /** The entered age on the bar, with the label that says it. */
  readonly bar: { readonly label: string; readonly days: number | null };
  readonly isAtEdge: boolean;
  readonly fit: { readonly verdict: Fit; readonly label: string; readonly sentence: string | null } | null;
  readonly ageReason: string | null;
  readonly treatmentReason: string | null;
}

/** Describes a trial by the answers. `ages` are its ages in words. */
export function describeCard(
  { facts, ages }: { facts: TrialFacts; ages: string },
  answers: PatientAnswers,
  voice: { words: BrowserWords; language: Language },
): CardAnswers {
  const { words, language } = voice;
  const { age, treatment } = answers;
  const isAtEdge = age !== null && ageFitOf(age, facts) === 'edge';
  const stated = verdictOn(facts, treatment);
  const label = stated === null ? '' : labelOf(stated, words);
  const written = age === null ? '' : formatAgeWords(age, language);
  return {
    bar:
      age === null
        ? { label: fill(words.bar, { ages }), days: null }
        : { label: fill(words.barWithAge, { ages, age: written }), days: ageInDays(age) },
    isAtEdge,
    fit: stated && { ...stated, label },
    ageReason: reasonOfAge(answers, { isAtEdge, written, words }),
    treatmentReason: stated && fill(words.whyTreatment, { answer: words.treatment[treatment], label }),
  };
}

function labelOf(
  { verdict, sentence }: { verdict: Fit; sentence: string | null },
  { fit }: BrowserWords,
): string {
  return verdict === 'fits' && sentence === null ? fit.not_stated : fit[verdict];
}

function reasonOfAge(
  { age, ageGroup }: PatientAnswers,
  { isAtEdge, written, words }: { isAtEdge: boolean; written: string; words: BrowserWords },
): string | null {
  if (age !== null) return fill(isAtEdge ? words.whyAgeEdge : words.whyAge, { age: written });
  if (ageGroup.length === 0) return null;
  return fill(words.whyAgeGroup, { groups: ageGroup.map((group) => words.ageGroup[group]).join(', ') });
}
