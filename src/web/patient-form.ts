import { AGE_GROUPS } from '../trials/vocabulary.ts';
import { browserWords } from './browser-words.ts';
import { html, type Html } from './html.ts';
import {
  describeAnswer,
  isAnswered,
  parametersOf,
  withoutAnswer,
  type PatientAnswers,
} from './patient-answers.ts';
import { linkTo, type Scene } from './scene.ts';
import { TREATMENT, TREATMENTS } from './treatment.ts';
import { fill } from './words/words.ts';

/** Answers that come by a link and are kept beside the two questions. */
const KEPT = ['phase', 'availability', 'site'] as const;

/** Two questions. Without a script the form asks the server; with it nothing is sent. */
export function renderPatientForm(
  answers: PatientAnswers,
  { ageIsUnreadable }: { ageIsUnreadable: boolean },
  scene: Scene,
): Html {
  const { words, language } = scene;
  return html`<form
    class="questions"
    method="get"
    action="${linkTo({ ...scene, language: 'en' }, '/')}"
    autocomplete="off"
    novalidate
    data-form
    part="filters"
  >
    ${language !== 'en' && html`<input type="hidden" name="lang" value="${language}" />`}
    ${renderAgeQuestion(answers, ageIsUnreadable, scene)} ${renderTreatmentQuestion(answers, scene)}
    ${renderKept(answers, scene)}
    <p class="submit">
      <button type="submit" data-submit>${words.form.submit}</button>
      <a href="${linkTo(scene, '/')}" class="button" data-filter data-button>${words.form.reset}</a>
    </p>
  </form>`;
}

function renderAgeQuestion(
  { age, ageText, ageGroup }: PatientAnswers,
  isUnreadable: boolean,
  { words }: Scene,
): Html {
  return html`<div class="question">
    <label for="age">${words.form.age}</label>
    <p class="hint" id="age-hint">${words.form.ageHint}</p>
    <input
      id="age"
      name="age"
      type="text"
      inputmode="text"
      autocomplete="off"
      maxlength="30"
      value="${ageText}"
      aria-describedby="age-hint age-error age-wins"
      ${isUnreadable && html` aria-invalid="true"`}
    />
    <p class="error" id="age-error" data-age-error ${!isUnreadable && html` hidden`}>
      ${words.form.ageError}
    </p>
    <fieldset class="chips">
      <legend>${words.form.ageGroups}</legend>
      ${AGE_GROUPS.map(
        (group) =>
          html`<label class="chip"
            ><input
              type="checkbox"
              name="ageGroup"
              value="${group}"
              ${ageGroup.includes(group) && html` checked`}
            /><span>${words.ageGroup[group]}</span></label
          >`,
      )}
    </fieldset>
    <p class="hint" id="age-wins" data-age-wins ${(age === null || ageGroup.length === 0) && html` hidden`}>
      ${words.form.ageWins}
    </p>
  </div>`;
}

function renderTreatmentQuestion({ treatment }: PatientAnswers, { words }: Scene): Html {
  return html`<fieldset class="question treatment" aria-describedby="treatment-hint">
    <legend>${words.form.treatment}</legend>
    <p class="hint" id="treatment-hint">${words.form.treatmentHint}</p>
    ${TREATMENTS.map(
      (one) =>
        html`<label class="choice"
          ><input
            type="radio"
            name="setting"
            value="${TREATMENT[one].join()}"
            ${one === treatment && html` checked`}
          /><span>${words.treatment[one]}</span></label
        >`,
    )}
  </fieldset>`;
}

/** What a link chose, each with a way to take it back. */
function renderKept(answers: PatientAnswers, scene: Scene): Html {
  const { words, language } = scene;
  const voice = { words: browserWords(scene), language };
  const given = KEPT.filter((name) => isAnswered(answers, name));
  return html`<div class="kept" data-kept ${given.length === 0 && html` hidden`}>
    ${KEPT.map((name) => {
      const value = answers[name].join();
      return html`<input type="hidden" name="${name}" value="${value}" ${value === '' && html` disabled`} />`;
    })}
    <span>${words.form.alsoChosen}</span>
    <ul data-kept-list>
      ${given.map((name) => {
        const answer = describeAnswer(answers, name, voice);
        return html`<li>
          <a class="button" href="${linkTo(scene, '/', parametersOf(withoutAnswer(answers, name)))}"
            >${fill(words.form.removeAnswer, { answer })}</a
          >
        </li>`;
      })}
    </ul>
  </div>`;
}
