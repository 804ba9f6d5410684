import type { Polarity } from '../trials/facet-groups.ts';
import type { CriteriaItem, Trial } from '../trials/trial.ts';
import type { FacetName } from './finder.ts';
import { html, type Html } from './html.ts';
import type { Scene } from './scene.ts';
import { renderRegistryText } from './trial-parts.ts';
import { formatPartialDate } from './words/dates.ts';
import { fill } from './words/words.ts';

/** The parts of a trial that care teams ask for: what the text says, drugs, criteria, dates. */

/** Interventions that are given; the others are how a study looks and asks. */
const GIVEN = new Set(['DRUG', 'BIOLOGICAL', 'GENETIC', 'COMBINATION_PRODUCT', 'DIETARY_SUPPLEMENT']);
const DRUGS_IN_A_ROW = 4;

/** The first drugs of a trial, and how many there are besides. */
export function renderDrugs({ interventions }: Trial, { words }: Scene): Html {
  const drugs = interventions.filter(({ type }) => GIVEN.has(type ?? ''));
  const names = (drugs.length > 0 ? drugs : interventions).map(({ name }) => name);
  if (names.length === 0) return html`${words.clinician.notStated}`;
  const more = names.length - DRUGS_IN_A_ROW;
  return html`${renderRegistryText(names.slice(0, DRUGS_IN_A_ROW).join(', '))}${more > 0 && html`<span class="hint">, ${fill(words.clinician.moreDrugs, { count: more })}</span>`}`;
}

/** All interventions by name. */
export function renderInterventions({ interventions }: Trial, { words }: Scene): Html {
  const names = interventions.map(({ name }) => name);
  return names.length === 0 ? html`${words.clinician.notStated}` : renderRegistryText(names.join(', '));
}

/** The facets of one group of which the text says one of these, by their names for physicians. */
export function facetLabels(
  trial: Trial,
  { group, polarities, facetNames }: FacetAsked & { polarities: readonly Polarity[] },
): string[] {
  return facetNames
    .filter(({ id }) => id.startsWith(`${group}.`))
    .filter(({ id }) =>
      trial.facets.some(
        (facet) =>
          facet.id === id &&
          polarities.includes(facet.polarity) &&
          // A summary tells of other patients too, and does not say who is taken.
          facet.evidence.some(({ section }) => section !== 'summary'),
      ),
    )
    .map(({ label }) => label);
}

interface FacetAsked {
  readonly group: string;
  readonly facetNames: readonly FacetName[];
}

/** What the text asks for or allows of one kind. */
export function renderTaken(trial: Trial, asked: FacetAsked, { words }: Scene): Html {
  const names = facetLabels(trial, { ...asked, polarities: ['required', 'allowed'] });
  return names.length === 0 ? html`${words.clinician.notStated}` : renderRegistryText(names.join('; '));
}

/** When the study team last confirmed the status, and when the record last changed. */
export function renderVerified({ statusVerified, dates }: Trial, { words, language }: Scene): Html {
  const { lastUpdatePosted } = dates;
  const verified =
    statusVerified === null ? words.clinician.notStated : formatPartialDate(statusVerified, language);
  const updated =
    lastUpdatePosted !== null &&
    html`<span class="hint">
      ${fill(words.clinician.updated, { date: formatPartialDate(lastUpdatePosted, language) })}</span
    >`;
  return html`${verified}${updated}`;
}

/** Criteria as the study team nested them. */
export function renderCriteria(criteria: readonly CriteriaItem[], { words }: Scene): Html {
  return criteria.length === 0 ? html`<p>${words.clinician.noCriteria}</p>` : renderItems(criteria);
}

function renderItems(criteria: readonly CriteriaItem[]): Html {
  return html`<ul class="criteria" lang="en">
    ${criteria.map(({ text, items }) => html`<li>${text}${items.length > 0 && renderItems(items)}</li>`)}
  </ul>`;
}
