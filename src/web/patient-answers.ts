import type { Age } from '../trials/age.ts';
import type { TrialQuery } from '../trials/trial-query.ts';
import { USUAL_RULES } from '../trials/usual-rules.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  type AgeGroup,
  type Availability,
  type Phase,
} from '../trials/vocabulary.ts';
import { formatAgeWords } from './age-words.ts';
import type { BrowserWords } from './browser-words.ts';
import { EVERYTHING } from './everything.ts';
import type { Asked } from './finder.ts';
import { parseLenientAge } from './lenient-age.ts';
import { findTreatment, TREATMENT, type Treatment } from './treatment.ts';
import type { Language } from './words/words.ts';

/** What a family answered; phase, availability and site come by a link and have no question of their own. */
export interface PatientAnswers {
  readonly age: Age | null;
  /** As it was typed. */
  readonly ageText: string;
  readonly ageGroup: readonly AgeGroup[];
  readonly treatment: Treatment;
  readonly phase: readonly Phase[];
  readonly availability: readonly Availability[];
  /** Keys of sites; what is open counts at these alone. */
  readonly site: readonly string[];
}

export const NO_ANSWERS: PatientAnswers = {
  age: null,
  ageText: '',
  ageGroup: [],
  treatment: 'not_sure',
  phase: [],
  availability: [],
  site: [],
};

/** Answers that can leave trials out. Where somebody is in treatment never does: only texts know of it. */
export const REMOVING_ANSWERS = ['age', 'ageGroup', 'phase', 'availability', 'site'] as const;
export type RemovingAnswer = (typeof REMOVING_ANSWERS)[number];

export function answersOf({ query, age: ageText }: Asked): PatientAnswers {
  const { age, ageGroup, setting, phase, availability, site } = query;
  return { age, ageText, ageGroup, treatment: findTreatment(setting), phase, availability, site };
}

/** The answers that a link of ours stands for. */
export function answersOfLink(parameters: URLSearchParams): PatientAnswers {
  const asked = (name: string): string[] =>
    parameters.getAll(name).flatMap((text) => text.split(',').map((value) => value.trim()));
  const known = <Value extends string>(name: string, values: readonly Value[]): Value[] => {
    const given = asked(name);
    return values.filter((value) => given.includes(value));
  };
  const ageText = parameters.get('age') ?? '';
  return {
    age: parseLenientAge(ageText),
    ageText,
    ageGroup: known('ageGroup', AGE_GROUPS),
    treatment: findTreatment(asked('setting').filter((value) => value !== '')),
    phase: known('phase', PHASES),
    availability: known('availability', AVAILABILITIES),
    site: asked('site').filter((key) => key !== ''),
  };
}

/** The parameters of a link that stands for the answers. */
export function parametersOf(answers: PatientAnswers): Record<string, string> {
  const all = {
    age: answers.age === null ? '' : answers.ageText.trim(),
    ageGroup: answers.ageGroup.join(),
    setting: TREATMENT[answers.treatment].join(),
    phase: answers.phase.join(),
    availability: answers.availability.join(),
    site: answers.site.join(),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

const NOTHING_ASKED: TrialQuery = {
  ...EVERYTHING,
  relevance: USUAL_RULES.relevance,
  siteMatch: USUAL_RULES.siteMatch,
};

/** What the answers ask for. An exact age wins over groups of ages, and no verdict on a text leaves a trial out. */
export function queryOf({ age, ageGroup, treatment, phase, availability, site }: PatientAnswers): TrialQuery {
  return {
    ...NOTHING_ASKED,
    age,
    ageGroup: age === null ? ageGroup : [],
    phase,
    availability,
    site: site.toSorted(),
    setting: TREATMENT[treatment].toSorted(),
  };
}

/** Whether an answer is given and counts. */
export function isAnswered(answers: PatientAnswers, name: RemovingAnswer): boolean {
  const value = queryOf(answers)[name];
  return Array.isArray(value) ? value.length > 0 : value !== null;
}

/** Without an exact age the groups would count again, so that both go together. */
export function withoutAnswer(answers: PatientAnswers, name: RemovingAnswer): PatientAnswers {
  const { age, ageText, ageGroup } = NO_ANSWERS;
  return name === 'age' ? { ...answers, age, ageText, ageGroup } : { ...answers, [name]: [] };
}

/** An answer in words: `8 months`, `Under 18, 15 to 39`. */
export function describeAnswer(
  { age, ageGroup, phase, availability, site }: PatientAnswers,
  name: RemovingAnswer,
  { words, language }: { words: BrowserWords; language: Language },
): string {
  const described: Record<RemovingAnswer, readonly string[]> = {
    age: age === null ? [] : [formatAgeWords(age, language)],
    ageGroup: ageGroup.map((group) => words.ageGroup[group]),
    phase: phase.map((one) => words.phase[one].label),
    availability: availability.map((one) => words.availability[one]),
    site: site.map((key) => words.siteNames[key] ?? key),
  };
  return described[name].join(', ');
}
