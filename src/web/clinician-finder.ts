import { formatAge } from '../trials/age.ts';
import { USUAL_RULES } from '../trials/usual-rules.ts';
import { listChoices, findLabel, type Choice, type ChoiceGroup } from './clinician-filters.ts';
import { renderTable } from './clinician-table.ts';
import { clinicianBrowserWords } from './clinician-words.ts';
import { answerDense, lateFrom, type DenseAnswer } from './dense-list.ts';
import {
  NEW_FILTER,
  NEW_VALUE,
  namesOfChoices,
  setFilters,
  writeQuestion,
  writeSort,
  type DenseQuestion,
  type SetFilter,
} from './dense-question.ts';
import type { Finder } from './finder.ts';
import { html, type Html } from './html.ts';
import { renderPhones } from './phones.ts';
import { linkTo, type Scene } from './scene.ts';
import { renderHeading, renderRegistryText } from './trial-parts.ts';
import { formatPartialDate } from './words/dates.ts';
import { fill, fillCount } from './words/words.ts';

/** What the parts of the dense view are rendered from. */
interface Dense {
  readonly finder: Finder;
  readonly scene: Scene;
  readonly question: DenseQuestion;
  readonly answer: DenseAnswer;
  readonly groups: readonly ChoiceGroup[];
  readonly newFrom: string | null;
}

/** Every filter with counts and a dense table; complete without a script. */
export function renderClinicianFinder(finder: Finder, scene: Scene): Html {
  const { words } = scene;
  const { query, isNew, isReversed } = finder.asked;
  const question = { query, isNew, isReversed };
  const ground = { facetIds: finder.facetNames.map(({ id }) => id), newFrom: lateFrom(finder.dataDay) };
  const answer = answerDense(
    finder.trials.map(({ facts }) => facts),
    question,
    ground,
  );
  const dense: Dense = {
    finder,
    scene,
    question,
    answer,
    groups: listChoices(finder, words),
    newFrom: ground.newFrom,
  };
  return html`<div
    class="finder finder-clinician"
    data-finder
    data-view="clinician"
    data-words="${JSON.stringify(clinicianBrowserWords(words))}"
    data-ground="${JSON.stringify(ground)}"
    lang="${scene.language}"
  >
    <p class="hint">${words.clinician.lead}</p>
    <div class="either">
      <p class="hint" data-with-script hidden>${words.clinician.privacy}</p>
      <p class="hint" data-without-script>${words.intro.isSent}</p>
    </div>
    <p class="to-results"><a href="#results" data-to-results>${words.clinician.toResults}</a></p>
    ${renderForm(dense)}
    <div class="results" id="results" tabindex="-1" data-results>
      ${renderHeading(scene.headingLevel - 1, words.clinician.table, 'group-title')}
      <p class="results-count" role="status" data-status part="status-line">
        ${fillCount(words.clinician.shown, answer.total, scene.language, { all: finder.trials.length })}
      </p>
      ${renderChips(dense)} ${renderLeftOut(dense)} ${renderNothing(dense)} ${renderTable(dense)}
    </div>
  </div>`;
}

function renderForm(dense: Dense): Html {
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
  const names = namesOfChoices(setFilters(question, { age, q: search }));
  const titles = names.map((name) => clinician.group[name as keyof typeof clinician.group]);
  return html`<details class="folded" data-folded>
    <summary>
      ${clinician.moreFilters}
      <span class="count" data-in-use
        >${titles.length > 0 && fill(clinician.inUse, { filters: titles.join(', ') })}</span
      >
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

/** The address of the list with a question changed. */
function linkWith({ scene, finder }: Dense, question: DenseQuestion): string {
  const { age, search } = finder.asked;
  return linkTo(scene, '/', { view: 'clinician', ...writeQuestion(question, { age, q: search }) });
}

function withoutValue({ query, ...rest }: DenseQuestion, { name, value }: SetFilter): DenseQuestion {
  if (name === NEW_FILTER) return { ...rest, query, isNew: false };
  const held: unknown = query[name as keyof typeof query];
  if (!Array.isArray(held)) return { ...rest, query: { ...query, [name]: null } };
  const left: unknown[] = name === 'q' ? [] : held.filter((one) => one !== value);
  const usual = Object.hasOwn(USUAL_RULES, name) ? USUAL_RULES[name as keyof typeof USUAL_RULES] : [];
  return { ...rest, query: { ...query, [name]: left.length === 0 ? usual : left } };
}

function renderChips(dense: Dense): Html {
  const { finder, scene, question, groups } = dense;
  const { clinician } = scene.words;
  const { age, search } = finder.asked;
  const chips = setFilters(question, { age, q: search }).map((one) => {
    const text = fill(clinician.chip, {
      group: clinician.group[one.name as keyof typeof clinician.group],
      value: one.name === NEW_FILTER ? clinician.newOption : findLabel(groups, one.name, one.value),
    });
    return html`<li>
      <a
        class="set-chip"
        href="${linkWith(dense, withoutValue(question, one))}"
        data-drop="${one.name}=${one.value}"
        aria-label="${fill(clinician.remove, { filter: text })}"
        >${text} <span aria-hidden="true">×</span></a
      >
    </li>`;
  });
  return html`<ul
    class="set-chips"
    data-chips
    aria-label="${clinician.chips}"
    ${chips.length === 0 && html` hidden`}
  >
    ${chips}
  </ul>`;
}

/** Values that the careful rules leave out, each with a way to see them. */
function renderLeftOut(dense: Dense): Html {
  const { scene, question, answer } = dense;
  const { clinician } = scene.words;
  const all = {
    relevance: ['specific', 'includes', 'possible'],
    siteMatch: ['confirmed', 'network', 'possible'],
    match: ['fits', 'check', 'does_not_fit'],
  } as const;
  return html`<ul class="left-out" data-left-out>
    ${(['relevance', 'siteMatch', 'match'] as const).map((name) => {
      const count = answer.hidden[name];
      const query = { ...question.query, [name]: all[name] };
      return html`<li data-of="${name}" ${count === 0 && html` hidden`}>
        <a href="${linkWith(dense, { ...question, query })}" data-add="${name}"
          >${fill(clinician.leftOut, { count, filter: clinician.group[name] })}</a
        >
      </li>`;
    })}
  </ul>`;
}

/** Never that there is nothing for anybody: what dropping each filter would find, and whom to call. */
function renderNothing(dense: Dense): Html {
  const { finder, scene, question, answer } = dense;
  const { words, language } = scene;
  const withoutFilter = (drop: string): DenseQuestion =>
    setFilters(question, { age: finder.asked.age, q: finder.asked.search })
      .filter(({ name }) => name === drop)
      .reduce(withoutValue, question);
  return html`<section class="nothing" data-nothing${answer.total > 0 && html` hidden`}>
    ${renderHeading(scene.headingLevel, words.clinician.noneTitle, 'part-title')}
    <ul data-undo>
      ${answer.suggestions.map(
        ({ drop, total }) =>
          html`<li>
            <a href="${linkWith(dense, withoutFilter(drop))}" data-clear="${drop}"
              >${fillCount(words.clinician.without, total, language, { filter: words.clinician.group[drop] })}</a
            >
          </li>`,
      )}
    </ul>
    ${
      finder.phones.length > 0 &&
      html`<p>${words.results.noneCall}</p>
        ${renderPhones(finder.phones, scene)}`
    }
  </section>`;
}
