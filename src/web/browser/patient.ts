import { arrangeCards, countLeft } from '../arrange-cards.ts';
import type { BrowserWords } from '../browser-words.ts';
import { describeCard } from '../describe-card.ts';
import { answersOfLink, type PatientAnswers } from '../patient-answers.ts';
import { describeLeft } from '../undo-answers.ts';
import { readLanguage } from '../words/words.ts';
import { attachCopyLinks } from './copy-link.ts';
import { createDebounce, REAL_TIMERS, type Timers } from './debounce.ts';
import { findPart, turnIntoButton } from './find-part.ts';
import { collectCards, tellCard } from './patient-cards.ts';
import { openPatientForm } from './patient-form.ts';
import { showGroups, tellNothing } from './patient-results.ts';

/** So long nobody types any more: then a reader is told what came of it. */
const QUIET_MS = 300;

/**
 * Two questions that show, hide and explain the cards that are there. Answers stay in the form: nothing is sent, the
 * address does not change, and a page that is left forgets them.
 */
export function attachPatientFinder(finder: HTMLElement, timers: Timers = REAL_TIMERS): void {
  const words = JSON.parse(finder.dataset['words'] as string) as BrowserWords;
  const voice = { words, language: readLanguage(finder.lang) };
  const cards = collectCards(finder);
  const questions = openPatientForm(finder, voice);
  const status = findPart(finder, '[data-status]');
  const debounce = createDebounce(QUIET_MS, timers);

  const show = (): string => {
    const answers = questions.read();
    const groups = arrangeCards(cards, answers);
    const left = countLeft(groups);
    for (const card of cards) tellCard(card, describeCard(card, answers, voice));
    showGroups(finder, { groups, left }, words);
    tellNothing(finder, { cards, answers, left }, voice);
    questions.tell(answers);
    tellSteps(finder, answers);
    return describeLeft(left, voice);
  };
  const tell = (text: string): void => void (status.textContent = text);
  const showAndTellLater = (): void => {
    const text = show();
    debounce.later(() => tell(text));
  };
  /** What was pressed may be gone afterwards, so that the focus goes to what came of it. */
  const answer = (answers: PatientAnswers): void => {
    debounce.cancel();
    questions.write(answers);
    questions.check(true);
    tell(show());
    status.focus();
  };

  for (const link of finder.querySelectorAll<HTMLAnchorElement>('a[data-button]')) turnIntoButton(link);
  for (const text of finder.querySelectorAll<HTMLElement>('[data-with-script]')) text.hidden = false;
  for (const text of finder.querySelectorAll<HTMLElement>('[data-without-script]')) text.hidden = true;
  findPart(finder, '[data-submit]').hidden = true;
  attachCopyLinks(finder, words);

  questions.age.addEventListener('input', () => {
    questions.check(false);
    debounce.later(() => tell(show()));
  });
  questions.age.addEventListener('blur', () => questions.check(true));
  questions.form.addEventListener('change', showAndTellLater);
  questions.form.addEventListener('submit', (event) => {
    event.preventDefault();
    questions.check(true);
    showAndTellLater();
  });
  finder.addEventListener('click', (event) => {
    const pressed = findPressed(event);
    if (pressed === null) return;
    event.preventDefault();
    answer(answersBy(pressed, questions.read()));
  });
  tell(show());
  finder.dataset['ready'] = '';
}

/** What was pressed to change answers; a link that is to open elsewhere is left to the browser. */
function findPressed(event: MouseEvent): HTMLElement | null {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  return event.target instanceof Element
    ? event.target.closest<HTMLElement>('[data-filter], button[data-step]')
    : null;
}

/** A link stands for all answers; a step of treatment for one, and pressed again for none. */
function answersBy(pressed: HTMLElement, answers: PatientAnswers): PatientAnswers {
  const { step } = pressed.dataset;
  if (step !== undefined) {
    const treatment = step as PatientAnswers['treatment'];
    return { ...answers, treatment: treatment === answers.treatment ? 'not_sure' : treatment };
  }
  const query = pressed instanceof HTMLAnchorElement ? pressed.search : (pressed.dataset['filter'] as string);
  return answersOfLink(new URLSearchParams(query));
}

function tellSteps(finder: Element, { treatment }: PatientAnswers): void {
  for (const step of finder.querySelectorAll<HTMLElement>('button[data-step]'))
    step.setAttribute('aria-pressed', String(step.dataset['step'] === treatment));
}
