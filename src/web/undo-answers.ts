import { countTaking, type Left } from './arrange-cards.ts';
import type { BrowserWords } from './browser-words.ts';
import {
  describeAnswer,
  isAnswered,
  NO_ANSWERS,
  REMOVING_ANSWERS,
  withoutAnswer,
  type PatientAnswers,
} from './patient-answers.ts';
import type { TrialFacts } from './trial-facts.ts';
import { fill, fillCount, type Language } from './words/words.ts';

/** A way out of an empty list: what an answer leaves out, and the answers without it. */
export interface Undo {
  readonly said: string;
  readonly action: string;
  readonly answers: PatientAnswers;
}

interface Voice {
  readonly words: BrowserWords;
  readonly language: Language;
}

/** For each answer that alone leaves studies out how many they are, and for several answers together. */
export function findUndos(
  cards: readonly { readonly facts: TrialFacts }[],
  answers: PatientAnswers,
  voice: Voice,
): Undo[] {
  const { results } = voice.words;
  const takingWith = (other: PatientAnswers): number => countTaking(cards, other);
  const given = REMOVING_ANSWERS.filter((name) => isAnswered(answers, name));
  const single = given.flatMap((name) => {
    const answer = describeAnswer(answers, name, voice);
    const others = withoutAnswer(answers, name);
    const count = takingWith(others);
    return count === 0
      ? []
      : {
          said: fillCount(results.leavesOut, count, voice.language, { answer }),
          action: fill(results.clear, { answer }),
          answers: others,
        };
  });
  if (given.length < 2) return single;
  const all = fillCount(results.allLeaveOut, takingWith(NO_ANSWERS), voice.language);
  return [...single, { said: all, action: voice.words.reset, answers: NO_ANSWERS }];
}

/** What is told when no study that takes patients is left; `null` when there is one. */
export function describeNothing(
  { taking, closed }: Left,
  answers: PatientAnswers,
  { results }: BrowserWords,
): { title: string; text: string } | null {
  if (taking > 0) return null;
  if (!REMOVING_ANSWERS.some((name) => isAnswered(answers, name)))
    return { title: results.noneToday, text: results.noneText };
  return closed > 0
    ? { title: results.onlyClosedTitle, text: results.onlyClosedText }
    : { title: results.noneTitle, text: results.noneText };
}

/** The line that tells how many studies are there. */
export function describeLeft({ taking, closed }: Left, { words, language }: Voice): string {
  const { results } = words;
  if (taking === 0)
    return closed === 0 ? results.noneShown : fillCount(results.onlyClosedShown, closed, language);
  const shown = fillCount(results.shown, taking, language);
  return closed === 0 ? shown : `${shown} ${fillCount(results.closedToo, closed, language)}`;
}
