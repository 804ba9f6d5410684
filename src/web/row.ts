import { groupOfFacet } from '../trials/facet-groups.ts';
import * as clinical from './clinical-parts.ts';
import type { DenseReason, DenseRow } from './dense-list.ts';
import type { FacetName, FoundTrial, PlaceTrial } from './finder.ts';
import { html, markPlace, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import * as parts from './trial-parts.ts';
import { fill } from './words/words.ts';

export const COLUMNS = [
  'pick',
  'status',
  'id',
  'title',
  'age',
  'phase',
  'setting',
  'type',
  'drugs',
  'site',
  'verified',
] as const;
export type Column = (typeof COLUMNS)[number];

/** What is said of a trial because of the question. */
export type AskedOfRow = Pick<DenseRow, 'isShown' | 'fit' | 'reasons'>;

/** What a row says because of the question; each stands in a place of its own. */
const PLACES = ['hidden', 'fit', 'edge', 'reasons-hidden', 'reasons'] as const;
type Place = (typeof PLACES)[number];

/**
 * A trial for care teams: a row of facts, and below it a row that opens to criteria and reasons. Roles are written
 * out, because a table that is laid out in blocks on a telephone would lose them.
 */
export function placeRow(
  place: PlaceTrial,
  found: FoundTrial,
  { asked, scene, facetNames }: { asked: AskedOfRow; scene: Scene; facetNames: readonly FacetName[] },
): Html {
  const render = (): Html => renderBlankRow(found, { scene, facetNames });
  const fill = (): Record<Place, Html | false> => ({
    hidden: !asked.isShown && parts.HIDDEN,
    fit: renderFit(asked, scene),
    edge: found.ageFit !== 'edge' && parts.HIDDEN,
    'reasons-hidden': asked.reasons.length === 0 && parts.HIDDEN,
    reasons:
      asked.reasons.length > 0 &&
      html`${asked.reasons.map((reason) => renderReason(reason, { scene, facetNames }))}`,
  });
  return place({ found, view: 'clinician', scene, render, places: PLACES }, fill);
}

function mark(name: Place): Html {
  return markPlace(name);
}

/** Made of the trial and the scene alone, whatever is asked. */
function renderBlankRow(
  { trial, facts }: Pick<FoundTrial, 'trial' | 'facts'>,
  { scene, facetNames }: { scene: Scene; facetNames: readonly FacetName[] },
): Html {
  const { words } = scene;
  const { clinician } = words;
  const cell = (column: Column, content: Html): Html =>
    html`<td role="cell" data-column="${column}" data-label="${clinician.column[column]}">${content}</td>`;
  const taken = (group: string): Html => clinical.renderTaken(trial, { group, facetNames }, scene);
  return html`<tbody
    class="row"
    role="rowgroup"
    part="row"
    data-trial="${JSON.stringify(facts)}"
    ${mark('hidden')}
  >
    <tr role="row">
      <td role="cell" data-column="pick">
        <label class="pick"
          ><input type="checkbox" name="trials" value="${trial.nctId}" data-pick /><span
            class="visually-hidden"
            >${fill(clinician.pick, { id: trial.nctId })}</span
          ></label
        >
      </td>
      ${cell(
        'status',
        html`${parts.renderStatus(trial, scene)} ${mark('fit')} ${parts.renderNotices(trial, scene)}`,
      )}
      ${cell('id', html`${parts.identifiersOf(trial).map((id) => html`<span class="number">${id}</span> `)}`)}
      <th role="rowheader" scope="row" data-column="title" data-label="${clinician.column.title}">
        ${parts.renderTitleLink(trial, scene)}
      </th>
      ${cell(
        'age',
        html`${parts.renderAgeWords(trial, scene)}
          <span class="age-edge" data-age-edge${mark('edge')}>${words.card.ageEdge}</span>`,
      )}
      ${cell('phase', html`${parts.describePhase(trial, words).label} ${renderKind(trial.studyType, scene)}`)}
      ${cell('setting', taken('setting'))} ${cell('type', taken('lineage'))}
      ${cell('drugs', clinical.renderDrugs(trial, scene))}
      ${cell('site', html`${parts.renderWhere(trial, scene)}${parts.renderContact(trial, scene)}`)}
      ${cell('verified', clinical.renderVerified(trial, scene))}
    </tr>
    <tr role="row" class="more">
      <td role="cell" colspan="${COLUMNS.length}">${renderMore(trial, scene)}</td>
    </tr>
  </tbody>`;
}

function renderKind(studyType: string | null, { words }: Scene): Html | null {
  const kinds: Readonly<Record<string, string>> = words.clinician.studyType;
  const kind = Object.hasOwn(kinds, studyType ?? '') ? kinds[studyType ?? ''] : undefined;
  return kind === undefined ? null : html`<span class="hint">${kind}</span>`;
}

function renderFit({ fit }: AskedOfRow, { words }: Scene): Html {
  return html`<span class="verdict" data-fit="${fit ?? ''}" ${fit === null && html` hidden`}
    >${fit === null ? '' : words.clinician.verdict[fit]}</span
  >`;
}

function renderMore(trial: FoundTrial['trial'], scene: Scene): Html {
  const { clinician } = scene.words;
  const { inclusion, exclusion, other } = trial.eligibilityCriteria;
  const page = linkTo(scene, `/trials/${trial.nctId}`);
  return html`<details data-more>
    <summary>${fill(clinician.more, { id: parts.identifiersOf(trial)[0] ?? trial.nctId })}</summary>
    <div class="reasons" data-reasons${mark('reasons-hidden')}>
      ${parts.renderHeading(scene.headingLevel, clinician.reasons, 'part-title')}
      <ul>
        ${mark('reasons')}
      </ul>
      <p class="hint">${clinician.textNote}</p>
    </div>
    <div class="criteria-lists">
      <section>
        ${parts.renderHeading(scene.headingLevel, clinician.inclusion, 'part-title')}
        ${clinical.renderCriteria(inclusion, scene)}
      </section>
      <section>
        ${parts.renderHeading(scene.headingLevel, clinician.exclusion, 'part-title')}
        ${clinical.renderCriteria(exclusion, scene)}
      </section>
      ${
        other.length > 0 &&
        html`<section>
          ${parts.renderHeading(scene.headingLevel, clinician.otherCriteria, 'part-title')}
          ${clinical.renderCriteria(other, scene)}
        </section>`
      }
    </div>
    ${parts.renderHeading(scene.headingLevel, clinician.allDrugs, 'part-title')}
    <p data-column="interventions" data-label="${clinician.allDrugs}">
      ${clinical.renderInterventions(trial, scene)}
    </p>
    <p class="actions">
      <a href="${page}">${clinician.details}</a>
      <a href="${page}#print" data-print>${clinician.print}</a>
      <button type="button" data-copy-text hidden>${clinician.copyText}</button>
    </p>
    ${parts.renderReasons(trial, scene)} ${parts.renderChecked(trial, scene)}
  </details>`;
}

/** `Leukemia type, B-cell ALL: Check.` and the sentence that says so. */
function renderReason(
  { id, verdict, sentence }: DenseReason,
  { scene, facetNames }: { scene: Scene; facetNames: readonly FacetName[] },
): Html {
  const { clinician } = scene.words;
  const label = facetNames.find((one) => one.id === id)?.label ?? id;
  const group = groupOfFacet(id);
  const name = fill(clinician.chip, {
    group: group === 'disease' ? '' : clinician.group[group],
    value: label,
  });
  return html`<li>
    <span class="verdict" data-fit="${verdict}">${clinician.verdict[verdict]}</span> ${name}.
    ${sentence === null ? clinician.nothingStated : html`<q lang="en">${sentence}</q>`}
  </li>`;
}
