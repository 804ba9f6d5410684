import { FACET_FILTERS, groupOfFacet, type FacetFilter } from '../trials/facet-groups.ts';
import type { Trial } from '../trials/trial.ts';
import * as clinical from './clinical-parts.ts';
import type { FacetName } from './finder.ts';
import { html, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import * as parts from './trial-parts.ts';
import { formatPartialDate } from './words/dates.ts';
import { fill } from './words/words.ts';

export const COMPARED_MIN = 2;
export const COMPARED_MAX = 4;

/** What was asked to be compared. */
export interface Comparison {
  readonly trials: readonly Trial[];
  /** Numbers that are not on the list, as they were asked. */
  readonly unknown: readonly string[];
  /** More were asked than fit on a page. */
  readonly isCut: boolean;
  readonly facetNames: readonly FacetName[];
}

/**
 * Trials beside each other, fact by fact; what the record does not say is said not to be stated. Roles are written
 * out, because a table that is laid out in blocks on a telephone would lose them.
 */
export function renderComparison(comparison: Comparison, scene: Scene): Html {
  const { compare } = scene.words;
  const { trials, unknown, isCut } = comparison;
  return html`<div class="finder finder-clinician">
    <h1>${compare.heading}</h1>
    <p class="actions"><a href="${linkTo(scene, '/', { view: 'clinician' })}">${compare.back}</a></p>
    ${
      unknown.length > 0 &&
      html`<p class="error">${fill(compare.unknown, { ids: unknown.join(', ') })}</p>
        <p>${compare.unknownHelp}</p>`
    }
    ${isCut && html`<p class="error">${compare.tooMany}</p>`}
    ${trials.length < COMPARED_MIN && renderTooFew(scene)}
    ${trials.length > 0 && renderTable(comparison, scene)}
  </div>`;
}

/** What to do, and the way to where it is done. */
function renderTooFew(scene: Scene): Html {
  const { compare, clinician } = scene.words;
  return html`<p class="error">${compare.tooFew}</p>
    <p>${fill(compare.howTo, { button: clinician.compare })}</p>
    <p class="actions">
      <a class="button" href="${linkTo(scene, '/', { view: 'clinician' })}#results">${compare.choose}</a>
    </p>`;
}

function renderTable(comparison: Comparison, scene: Scene): Html {
  const { trials } = comparison;
  const { compare, clinician } = scene.words;
  const count = trials.length;
  return html`<p class="hint scroll-hint" data-count="${count}">${clinician.scrollHint}</p>
    <div class="table-frame" role="region" tabindex="0" aria-label="${compare.title}">
      <table class="compared" role="table" data-count="${count}">
        <caption>
          ${compare.table}
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col"><span>${clinician.column.title}</span></th>
            ${trials.map((trial) => html`<th role="columnheader" scope="col">${parts.renderTitleLink(trial, scene)}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${listRows(comparison, scene).map(
            ([title, render]) =>
              html`<tr role="row">
                <th role="rowheader" scope="row"><span>${title}</span></th>
                ${trials.map((trial) => html`<td role="cell">${render(trial)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

type Row = readonly [title: string, render: (trial: Trial) => Html];

function listRows({ facetNames }: Comparison, scene: Scene): Row[] {
  const { words, language } = scene;
  const { row } = words.compare;
  const notStated = html`${words.clinician.notStated}`;
  const text = (said: string | null | undefined): Html =>
    said === null || said === undefined || said === '' ? notStated : parts.renderRegistryText(said);
  const day = (event: Trial['dates']['start']): Html =>
    event === null ? notStated : html`${formatPartialDate(event.date, language)}`;
  return [
    [row.status, (trial) => html`${parts.renderStatus(trial, scene)}${parts.renderNotices(trial, scene)}`],
    [row.numbers, (trial) => html`${parts.identifiersOf(trial).join(', ')}`],
    [row.where, (trial) => parts.renderWhere(trial, scene)],
    [row.contact, (trial) => parts.renderContact(trial, scene)],
    [row.kind, ({ studyType }) => text(nameOf(words.clinician.studyType, studyType))],
    [row.phase, (trial) => html`${parts.describePhase(trial, words).label}`],
    [row.ages, (trial) => parts.renderAgeWords(trial, scene)],
    [row.sex, ({ sex }) => text(nameOf({ ...words.clinician.sex, ALL: words.clinician.anySex }, sex))],
    ...FACET_FILTERS.map((group): Row => [
      words.clinician.group[group],
      (trial) => renderFacets(trial, { group, facetNames }, scene),
    ]),
    [row.drugs, (trial) => clinical.renderInterventions(trial, scene)],
    [row.inclusion, (trial) => clinical.renderCriteria(trial.eligibilityCriteria.inclusion, scene)],
    [row.exclusion, (trial) => clinical.renderCriteria(trial.eligibilityCriteria.exclusion, scene)],
    [row.otherCriteria, (trial) => clinical.renderCriteria(trial.eligibilityCriteria.other, scene)],
    [row.sponsor, ({ leadSponsor }) => text(leadSponsor?.name)],
    [row.enrollment, ({ enrollment }) => text(enrollment?.count?.toString())],
    [row.start, ({ dates }) => day(dates.start)],
    [row.primaryCompletion, ({ dates }) => day(dates.primaryCompletion)],
    [row.checked, (trial) => parts.renderChecked(trial, scene)],
  ];
}

function nameOf(names: Readonly<Record<string, string>>, value: string | null): string | null {
  return value !== null && Object.hasOwn(names, value) ? (names[value] as string) : value;
}

/** What the text takes. What it leaves out is said in its own words alone: a label would say more than it does. */
function renderFacets(
  trial: Trial,
  asked: { readonly group: FacetFilter; readonly facetNames: readonly FacetName[] },
  scene: Scene,
): Html {
  const { excluded, conditional } = scene.words.compare;
  const names = new Map(asked.facetNames.map(({ id, label }) => [id, label]));
  const lines = trial.facets.flatMap(({ id, polarity, evidence }) => {
    const name = names.get(id);
    const said = evidence.find(({ section }) => section !== 'summary');
    if (groupOfFacet(id) !== asked.group || name === undefined || said === undefined) return [];
    if (polarity !== 'excluded' && polarity !== 'excluded_if') return [];
    const label = fill(polarity === 'excluded' ? excluded : conditional, { name });
    return [html`<p>${label} <q lang="en">${said.sentence}</q></p>`];
  });
  return html`${clinical.renderTaken(trial, asked, scene)}${lines}`;
}
