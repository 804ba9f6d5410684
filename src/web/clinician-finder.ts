import { USUAL_RULES } from '../trials/usual-rules.ts';
import { listChoices, findLabel } from './clinician-filters.ts';
import { renderTable } from './clinician-table.ts';
import { clinicianBrowserWords } from './clinician-words.ts';
import { renderForm, type Dense } from './clinician-form.ts';
import { answerDense, lateFrom } from './dense-list.ts';
import {
  NEW_FILTER,
  setFilters,
  writeQuestion,
  type DenseQuestion,
  type SetFilter,
} from './dense-question.ts';
import type { Finder } from './finder.ts';
import { html, type Html } from './html.ts';
import { renderPhones } from './phones.ts';
import { linkTo, type Scene } from './scene.ts';
import { renderHeading } from './trial-parts.ts';
import { fill, fillCount } from './words/words.ts';

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
