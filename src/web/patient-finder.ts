import { AGE_GROUPS, type Availability } from '../trials/vocabulary.ts';
import { browserWords } from './browser-words.ts';
import { renderCard } from './card.ts';
import type { Finder, FoundTrial } from './finder.ts';
import { html, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import { renderHeading } from './trial-parts.ts';
import { findTreatment, TREATMENT, TREATMENTS } from './treatment.ts';
import { fill, fillCount } from './words/words.ts';

/** The order in which families read: what is open first, what they must ask about next, what is closed folded. */
const GROUPS: readonly Availability[] = [
  'open',
  'opening_soon',
  'by_invitation',
  'unknown',
  'paused',
  'closed',
];

/** Two questions and the list, grouped by availability here; complete without a script. */
export function renderPatientFinder(finder: Finder, scene: Scene): Html {
  const { words } = scene;
  return html`<div
    class="finder finder-patient"
    data-finder
    data-view="patient"
    data-words="${JSON.stringify(browserWords(words))}"
    lang="${scene.language}"
  >
    ${renderForm(finder, scene)}
    <p class="results-count" role="status" data-status part="status-line">
      ${fillCount(words.results.shown, countShown(finder.trials), scene.language)}
    </p>
    ${renderNothing(finder, scene)}
    <div class="groups" data-groups>${GROUPS.map((group) => renderGroup(group, finder, scene))}</div>
  </div>`;
}

function countShown(trials: readonly FoundTrial[]): number {
  return trials.filter(({ isShown }) => isShown).length;
}

function renderForm({ asked }: Finder, scene: Scene): Html {
  const { words, language } = scene;
  const { query, age, ageIsUnreadable } = asked;
  const treatment = findTreatment(query.setting);
  return html`<form
    class="questions"
    method="get"
    action="${linkTo({ ...scene, language: 'en' }, '/')}"
    data-form
    part="filters"
  >
    ${language !== 'en' && html`<input type="hidden" name="lang" value="${language}" />`}
    <div class="question">
      <label for="age">${words.form.age}</label>
      <p class="hint" id="age-hint">${words.form.ageHint}</p>
      <input
        id="age"
        name="age"
        type="text"
        inputmode="text"
        autocomplete="off"
        maxlength="20"
        value="${age}"
        aria-describedby="age-hint age-error"
        ${ageIsUnreadable && html` aria-invalid="true"`}
      />
      <p class="error" id="age-error" data-age-error${!ageIsUnreadable && html` hidden`}>
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
                ${query.ageGroup.includes(group) && html` checked`}
              /><span>${words.ageGroup[group]}</span></label
            >`,
        )}
      </fieldset>
    </div>
    <fieldset class="question treatment">
      <legend>${words.form.treatment}</legend>
      ${TREATMENTS.map(
        (one) =>
          html`<label class="choice"
            ><input
              type="radio"
              name="setting"
              value="${TREATMENT[one].join(',')}"
              ${one === treatment && html` checked`}
            /><span>${words.treatment[one]}</span></label
          >`,
      )}
    </fieldset>
    <p class="submit">
      <button type="submit" data-submit>${words.form.submit}</button>
      <a href="${linkTo(scene, '/')}" data-reset>${words.form.reset}</a>
    </p>
  </form>`;
}

/** What to do when the answers leave nothing: never that there is nothing for anybody. */
function renderNothing({ trials, suggestions, phone }: Finder, { words }: Scene): Html {
  const isEmpty = countShown(trials) === 0;
  return html`<section class="nothing" data-nothing${!isEmpty && html` hidden`}>
    <h2>${words.results.noneTitle}</h2>
    <p>${words.results.noneText}</p>
    <ul data-undo>
      ${suggestions.map(({ drop, total }) => html`<li>${drop}: ${total}</li>`)}
    </ul>
    ${phone !== null && html`<p>${fill(words.results.noneCall, { phone: phone.number })}</p>`}
  </section>`;
}

function renderGroup(group: Availability, { trials }: Finder, scene: Scene): Html | null {
  const { words, headingLevel } = scene;
  const members = trials.filter(({ trial }) => trial.availability === group);
  const shown = countShown(members);
  const cards = html`<ol class="cards" data-cards>
    ${members.map(({ trial, facts }) => renderCard(trial, facts, scene))}
  </ol>`;
  const heading = renderHeading(
    headingLevel - 1,
    html`${words.group[group]} <span class="count" data-count>${shown}</span>`,
    'group-title',
  );
  return group === 'closed'
    ? html`<details class="group" data-group="${group}">
        <summary>${fill(words.results.closedFold, { count: shown })}</summary>
        ${cards}
      </details>`
    : html`<section class="group" data-group="${group}" ${shown === 0 && html` hidden`}>
        ${heading}${cards}
      </section>`;
}
