import type { Trial } from '../trials/trial.ts';
import { answersOf, parametersOf } from './patient-answers.ts';
import { arrangeCards } from './arrange-cards.ts';
import type { Finder } from './finder.ts';
import { html, type Html } from './html.ts';
import { NO_ANSWERS } from './patient-answers.ts';
import { linkTo, type Scene } from './scene.ts';
import { TREATMENT, type Treatment } from './treatment.ts';
import { fillCount } from './words/words.ts';

/** The steps in the order in which they may come; nobody goes through all of them. */
const STEPS = [
  'newly_diagnosed',
  'mrd',
  'remission',
  'came_back',
  'after_transplant',
  'finished',
] as const satisfies readonly Treatment[];

/** The steps of treatment, each with how many studies open here name it, as a way to answer where one is. */
export function renderJourneyStrip(finder: Pick<Finder, 'trials' | 'view' | 'asked'>, scene: Scene): Html {
  const { words, language } = scene;
  const open = arrangeCards(finder.trials, NO_ANSWERS).find(({ group }) => group === 'open')?.shown ?? [];
  const answers = answersOf(finder.asked);
  return html`<div class="journey">
    <p class="picture-title" id="journey-title">${words.pictures.stripTitle}</p>
    <p class="hint">${words.pictures.stripNote}</p>
    <ol class="journey-steps" aria-labelledby="journey-title">
      ${STEPS.map((step) => {
        const count = open.filter(({ trial }) => namesStep(trial, step)).length;
        const query =
          finder.view === 'clinician'
            ? { view: finder.view, setting: TREATMENT[step].join(), availability: 'open' }
            : parametersOf({ ...answers, treatment: step });
        return html`<li>
          <a
            class="button journey-step"
            href="${linkTo(scene, '/', query)}"
            data-button
            data-step="${step}"
            ${finder.view === 'patient' && answers.treatment === step && html` aria-current="true"`}
          >
            <span>${words.treatment[step]}</span>
            <span class="journey-count">${fillCount(words.pictures.stripCount, count, language)}</span>
          </a>
        </li>`;
      })}
    </ol>
  </div>`;
}

/** Whether the text asks for patients at this step or allows them. */
function namesStep({ facets }: Trial, step: Treatment): boolean {
  const ids = new Set<string>(TREATMENT[step].map((setting) => `setting.${setting}`));
  return facets.some(
    ({ id, polarity }) => ids.has(id) && (polarity === 'required' || polarity === 'allowed'),
  );
}
