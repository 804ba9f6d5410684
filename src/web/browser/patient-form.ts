import type { BrowserWords } from '../browser-words.ts';
import { parseLenientAge } from '../lenient-age.ts';
import {
  answersOfLink,
  describeAnswer,
  isAnswered,
  parametersOf,
  withoutAnswer,
  type PatientAnswers,
} from '../patient-answers.ts';
import { TREATMENT } from '../treatment.ts';
import type { Language } from '../words/words.ts';
import { fill } from '../words/words.ts';
import { createButton, findField, findPart } from './find-part.ts';

const KEPT = ['phase', 'availability', 'site'] as const;

/** The form is where the answers are; nothing else keeps them. */
export interface PatientForm {
  readonly form: HTMLFormElement;
  readonly age: HTMLInputElement;
  read(): PatientAnswers;
  write(answers: PatientAnswers): void;
  /** Says what follows from the answers beside the questions. */
  tell(answers: PatientAnswers): void;
  /** Marks an age that cannot be read, or takes the mark away as soon as it can. */
  check(mayMark: boolean): void;
}

export function openPatientForm(
  finder: Element,
  voice: { words: BrowserWords; language: Language },
): PatientForm {
  const form = findPart(finder, '[data-form]') as HTMLFormElement;
  const age = findField(form, 'input[name=age]');
  const error = findPart(form, '[data-age-error]');
  const read = (): PatientAnswers => answersOfLink(new URLSearchParams(valuesOf(form)));
  return {
    form,
    age,
    read,
    write: (answers) => {
      age.value = answers.ageText;
      writeChoices(form, answers);
    },
    tell: (answers) => {
      findPart(form, '[data-age-wins]').hidden = answers.age === null || answers.ageGroup.length === 0;
      tellKept(form, answers, voice);
    },
    check: (mayMark) => {
      const isUnreadable = age.value.trim() !== '' && parseLenientAge(age.value) === null;
      if (isUnreadable && !mayMark) return;
      error.hidden = !isUnreadable;
      if (isUnreadable) age.setAttribute('aria-invalid', 'true');
      else age.removeAttribute('aria-invalid');
    },
  };
}

function valuesOf(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  );
}

function writeChoices(form: HTMLFormElement, answers: PatientAnswers): void {
  for (const chip of form.querySelectorAll<HTMLInputElement>('input[name=ageGroup]'))
    chip.checked = (answers.ageGroup as readonly string[]).includes(chip.value);
  for (const choice of form.querySelectorAll<HTMLInputElement>('input[name=setting]'))
    choice.checked = choice.value === TREATMENT[answers.treatment].join();
  for (const name of KEPT) {
    const kept = findField(form, `input[name=${name}]`);
    kept.value = answers[name].join();
    kept.disabled = answers[name].length === 0;
  }
}

function tellKept(
  form: HTMLFormElement,
  answers: PatientAnswers,
  voice: { words: BrowserWords; language: Language },
): void {
  const given = KEPT.filter((name) => isAnswered(answers, name));
  findPart(form, '[data-kept]').hidden = given.length === 0;
  const lines = given.map((name) => {
    const answer = describeAnswer(answers, name, voice);
    const button = createButton(fill(voice.words.removeAnswer, { answer }));
    button.dataset['filter'] = formatLink(withoutAnswer(answers, name));
    const line = document.createElement('li');
    line.append(button);
    return line;
  });
  findPart(form, '[data-kept-list]').replaceChildren(...lines);
}

/** The answers as the query of a link. */
export function formatLink(answers: PatientAnswers): string {
  return `?${new URLSearchParams(parametersOf(answers)).toString()}`;
}
