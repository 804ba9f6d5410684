import { formatAge } from '../trials/age.ts';
import { USUAL_RULES } from '../trials/usual-rules.ts';
import type { Choice, ChoiceGroup } from './clinician-filters.ts';
import type { DenseAnswer } from './dense-list.ts';
import {
  NEW_FILTER,
  NEW_VALUE,
  setFilters,
  tellChoices,
  writeSort,
  type DenseQuestion,
} from './dense-question.ts';
import type { Finder } from './finder.ts';
import { html, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import { renderRegistryText } from './trial-parts.ts';
import { formatPartialDate } from './words/dates.ts';
import { fill } from './words/words.ts';

/** What the parts of the dense view are rendered from. */
export interface Dense {
  readonly finder: Finder;
  readonly scene: Scene;
  readonly question: DenseQuestion;
  readonly answer: DenseAnswer;
  readonly groups: readonly ChoiceGroup[];
  readonly newFrom: string | null;
}

export function renderForm(dense: Dense): Html {
  const { finder, scene, question } = dense;
  const { words, language } = scene;
  const { query, isReversed } = question;
  const path = linkTo({ ...scene, language: 'en' }, '/');
  return html`<form
    class="questions dense-questions"
    id="filters"
    method="get"
    action="${path}"
    data-form
    part="filters"
    aria-label="${words.clinician.filters}"
  >
    <input type="hidden" name="view" value="clinician" />
    ${language !== 'en' && html`<input type="hidden" name="lang" value="${language}" />`}
    ${renderBounds(finder, words.clinician.group)}
    <input type="hidden" name="sort" value="${writeSort(query.sort, isReversed)}" data-sort-field />
    <div class="dense-fields">${renderSearch(finder, scene)} ${renderAge(finder, scene)}</div>
    ${renderFolded(dense)}
    <p class="submit">
      <button type="submit" data-submit>${words.clinician.submit}</button>
      <a href="${linkTo(scene, '/', { view: 'clinician' })}" data-reset>${words.clinician.reset}</a>
    </p>
  </form>`;
}

/**
 * What is chosen and not typed. It is closed, and styles let it stand open where there is room: on a telephone all of
 * it comes before the first trial. What is set in it is named while it is closed.
 */
function renderFolded(dense: Dense): Html {
  const { finder, scene, question, groups } = dense;
  const { clinician } = scene.words;
  const { age, search } = finder.asked;
  const inUse = tellChoices(setFilters(question, { age, q: search }), clinician);
  return html`<details class="folded" data-folded>
    <summary>
      ${clinician.moreFilters}
      <span class="count" data-in-use>${inUse}</span>
    </summary>
    <div class="dense-choices">${groups.map((group) => renderGroup(group, dense))}</div>
    <div class="dense-fields">
      ${renderNew(dense)}
      <label class="tick" data-with-script hidden
        ><input type="checkbox" data-slash checked /><span>${clinician.slash}</span></label
      >
    </div>
  </details>`;
}

/** Bounds that a link asked for; the form has no field for them. */
function renderBounds({ asked }: Finder, titles: Readonly<Record<'ageMin' | 'ageMax', string>>): Html[] {
  return (['ageMin', 'ageMax'] as const).flatMap((name) => {
    const age = asked.query[name];
    if (age === null) return [];
    return [
      html`<input type="hidden" name="${name}" value="${formatAge(age)}" data-title="${titles[name]}" />`,
    ];
  });
}

function renderAge({ asked }: Finder, { words }: Scene): Html {
  const { age, ageIsUnreadable } = asked;
  const { clinician } = words;
  return html`<div class="question">
    <label for="age">${clinician.age}</label>
    <input
      id="age"
      name="age"
      type="text"
      autocomplete="off"
      maxlength="20"
      size="8"
      value="${age}"
      data-title="${clinician.group.age}"
      aria-describedby="age-hint age-error"
      ${ageIsUnreadable && html` aria-invalid="true"`}
    />
    <p class="hint" id="age-hint">${clinician.ageHint}</p>
    <p class="error" id="age-error" data-age-error${!ageIsUnreadable && html` hidden`}>
      ${clinician.ageError}
    </p>
  </div>`;
}

function renderSearch({ asked }: Finder, { words }: Scene): Html {
  const { clinician } = words;
  return html`<div class="question">
    <label for="q">${clinician.search}</label>
    <input
      id="q"
      name="q"
      type="search"
      autocomplete="off"
      maxlength="200"
      value="${asked.search}"
      data-title="${clinician.group.q}"
      aria-describedby="q-hint"
      data-search
    />
    <p class="hint" id="q-hint">${clinician.searchHint}</p>
  </div>`;
}

function renderNew({ finder, scene, question, answer, newFrom }: Dense): Html | null {
  const { clinician } = scene.words;
  const { dataDay } = finder;
  if (newFrom === null || dataDay === null) return null;
  const day = (date: string): string => formatPartialDate(date, scene.language);
  return html`<div class="question" data-filter="${NEW_FILTER}" data-title="${clinician.group.new}">
    ${renderTick({
      filter: NEW_FILTER,
      choice: {
        value: NEW_VALUE,
        label: clinician.newOption,
        isChecked: question.isNew,
        isEnglish: false,
      },
      count: answer.newCount,
      isSingle: false,
    })}
    <p class="hint">${fill(clinician.newHint, { from: day(newFrom), to: day(dataDay) })}</p>
  </div>`;
}

function renderGroup(
  { filter, title, isOpen, isSingle, choices }: ChoiceGroup,
  { scene, answer }: Dense,
): Html {
  const { clinician } = scene.words;
  const counts: Readonly<Record<string, number>> = answer.counts[filter];
  const set = isSingle ? 0 : choices.filter(({ isChecked }) => isChecked).length;
  const hint = filter === 'match' && html`<p class="hint">${clinician.textNote}</p>`;
  return html`<details class="filter" data-filter="${filter}" data-title="${title}" ${isOpen && html` open`}>
    <summary>
      ${title}
      <span class="count" data-set
        >${!Object.hasOwn(USUAL_RULES, filter) && set > 0 && fill(clinician.set, { count: set })}</span
      >
    </summary>
    <div role="group" aria-label="${title}" class="ticks">
      ${choices.map((choice) =>
        renderTick({
          filter,
          choice:
            choice.value === '' ? { ...choice, isChecked: !choices.some((one) => one.isChecked) } : choice,
          count: choice.value === '' ? null : (counts[choice.value] ?? 0),
          isSingle,
        }),
      )}
    </div>
    ${hint}
  </details>`;
}

function renderTick({
  filter,
  choice,
  count,
  isSingle,
}: {
  filter: string;
  choice: Choice;
  count: number | null;
  isSingle: boolean;
}): Html {
  const { value, label, isChecked, isEnglish } = choice;
  return html`<label class="tick"
    ><input
      type="${isSingle ? 'radio' : 'checkbox'}"
      name="${filter}"
      value="${value}"
      ${isChecked && html` checked`}
    /><span data-name>${isEnglish ? renderRegistryText(label) : label}</span>
    ${count !== null && html`<span class="count" data-count>${count}</span>`}</label
  >`;
}
