import type { Sort } from '../trials/vocabulary.ts';
import type { DenseAnswer } from './dense-list.ts';
import { writeSort, type DenseQuestion } from './dense-question.ts';
import type { Finder, FoundTrial } from './finder.ts';
import { html, type Html } from './html.ts';
import { warnOfList } from './page.ts';
import { COLUMNS, placeRow, type Column } from './row.ts';
import { linkTo, type Scene } from './scene.ts';
import { fill } from './words/words.ts';

/** The columns that order the list. */
const SORT_OF: Partial<Record<Column, Sort>> = {
  status: 'availability',
  title: 'title',
  age: 'minimum_age',
  phase: 'phase',
  verified: 'updated',
};

/** A table of the list, and what can be done with the trials that are chosen in it. */
export function renderTable({
  finder,
  scene,
  question,
  answer,
}: {
  finder: Finder;
  scene: Scene;
  question: DenseQuestion;
  answer: DenseAnswer;
}): Html {
  const { clinician } = scene.words;
  const { language } = scene;
  const found = new Map(finder.trials.map((one) => [one.trial.nctId, one]));
  return html`<form
    method="get"
    action="${linkTo({ ...scene, language: 'en' }, '/compare')}"
    data-compare-form
  >
    ${language !== 'en' && html`<input type="hidden" name="lang" value="${language}" />`}
    <p class="dense-actions">
      <button type="submit" data-compare>${clinician.compare}</button>
      <span class="hint" data-compare-hint>${fill(clinician.compareHint, { count: 0 })}</span>
      <button type="button" data-csv="${JSON.stringify(originColumns(finder, scene))}" hidden>
        ${clinician.csv}
      </button>
      <button type="button" data-permalink hidden>${clinician.permalink}</button>
    </p>
    <p class="copy-told" role="status" data-told></p>
    <div class="table-frame" role="region" tabindex="0" aria-label="${clinician.table}">
      <table class="dense" role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${COLUMNS.map((column) => renderColumn(column, question, clinician))}
          </tr>
        </thead>
        ${answer.rows.map((row) =>
          placeRow(finder.place, found.get(row.facts.nctId) as FoundTrial, {
            asked: row,
            scene,
            facetNames: finder.facetNames,
          }),
        )}
      </table>
    </div>
  </form>`;
}

/**
 * Columns behind all others of a file that leaves the page, the same in each row: they stay with a row that is sorted
 * or copied elsewhere, and break no program that reads columns by name or from the left, as a line above them would.
 */
function originColumns({ list, dataDay }: Finder, scene: Scene): { name: string; text: string }[] {
  const { clinician } = scene.words;
  const { source, day, note } = clinician.csvColumn;
  return [
    { name: source, text: clinician.csvSource },
    { name: day, text: dataDay ?? '' },
    { name: note, text: warnOfList(list, scene) ?? '' },
  ];
}

/** Pressing the column of the order turns it around. The button belongs to the form of the filters. */
function renderColumn(
  column: Column,
  { query, isReversed }: DenseQuestion,
  { column: titles, sortBy }: Scene['words']['clinician'],
): Html {
  const sort = SORT_OF[column];
  if (sort === undefined)
    return html`<th role="columnheader" scope="col" data-head="${column}">${titles[column]}</th>`;
  const isActive = sort === query.sort;
  const goesDown = (sort === 'updated' || sort === 'phase') !== isReversed;
  return html`<th
    role="columnheader"
    scope="col"
    data-head="${column}"
    ${isActive && html` aria-sort="${goesDown ? 'descending' : 'ascending'}"`}
  >
    <button
      type="submit"
      class="sort"
      form="filters"
      name="sort"
      value="${writeSort(sort, isActive && !isReversed)}"
      data-sort="${sort}"
    >
      <span class="visually-hidden">${sortBy} </span>${titles[column]}
    </button>
  </th>`;
}
