import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { IndexedTrial } from '../catalog/snapshot.ts';
import { ageFitOf, type Age } from '../trials/age.ts';
import { nameTallies, tallySheetOf, type NamedValues, type TallySheet } from '../trials/tally-sheet.ts';
import { asksFacets, describeQuery, formatQuery, type TrialQuery } from '../trials/trial-query.ts';
import type { AgeFit } from '../trials/vocabulary.ts';
import { summarizeTrial, type ListedTrial, type Trial, type TrialSummary } from '../trials/trial.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { formatEdition } from './edition-meta.ts';
import { Problem } from './problem.ts';
import {
  createForm,
  createFragment,
  createShortFragment,
  fillForm,
  type FilledForm,
  type Form,
  type Fragment,
  type Part,
} from './answer-bodies.ts';
import { renderParts, type AnswerRules, type RenderedAnswer } from './rendered-answers.ts';

/** A page of a list, before it is rendered. */
export interface Page {
  readonly edition: Edition;
  readonly query: TrialQuery;
  /** The question as `formatQuery` writes it. */
  readonly queryText: string;
  readonly offset: number;
}

export function createFirstPage(edition: Edition, query: TrialQuery): Page {
  return { edition, query, queryText: formatQuery(query), offset: 0 };
}

/**
 * Finds the snapshot and the place that a question is about.
 * @throws Problem `cursor-expired`, `invalid-parameter`
 */
export function findPage(
  catalog: Catalog,
  edition: Edition,
  asked: { query: TrialQuery; cursor: string | undefined; place: 'query' | 'body' },
): Page {
  const { query, cursor, place } = asked;
  const page = createFirstPage(edition, query);
  if (cursor === undefined) return page;
  const { snapshotId, offset } = parseCursor(cursor, page.queryText, place);
  const known = catalog.findEdition(snapshotId);
  if (known === null)
    throw new Problem('cursor-expired', 'The list has changed since; start again without a cursor.');
  return { ...page, edition: known, offset };
}

export interface ListContext {
  /** Of all contexts the same: what is found once for these values holds for every list. */
  readonly named: NamedValues;
  readonly catalog: Catalog;
  readonly publicUrl: string;
  /** A search by POST has no links, because they would carry the question in an address. */
  readonly linked: boolean;
}

/** The answer of a list. */
export function listTrials(
  page: Page,
  context: ListContext,
  rules: Pick<AnswerRules, 'cacheControl' | 'packing'>,
): RenderedAnswer {
  const { edition, query, offset } = page;
  const { index, indexed } = edition.snapshot;
  const found = index.tally(query, offset, context.named);
  const { links, cursors } = describeNeighbours(page, { total: found.total, context });
  const endOf = asksFacets(query) ? describeFits(query) : describeAgeFits(query.age);
  const parts: Part[] = [BEGIN];
  const last = found.page.length - 1;
  for (const [number, place] of found.page.entries()) {
    const one = indexed[place] as IndexedTrial;
    parts.push(summaryOf(one), endOf(one, number === last));
  }
  const { total, hidden, fitCounts, tallies, suggestions } = found;
  parts.push(
    `],"total":${total},"hidden":{"relevance":${hidden.relevance},"siteMatch":${hidden.siteMatch}}` +
      `,"fitCounts":${fitCounts === null ? 'null' : JSON.stringify(fitCounts)},"facets":`,
    formatTallies(tallies, context.named),
    `,"suggestions":${suggestions.length === 0 ? '[]' : JSON.stringify(suggestions)}` +
      `,"query":${JSON.stringify(describeQuery(query))},"meta":`,
    formatEdition(edition, context.catalog),
    `,"links":${JSON.stringify(links)},"cursors":${JSON.stringify(cursors)}}`,
  );
  return renderParts(parts, { ...rules, link: formatLinks(links) });
}

const BEGIN = createShortFragment('{"data":[');

/** How the counts of a sheet are told: most of what a list says beside its trials, and all of it but the numbers is always the same. */
interface TallyForm {
  readonly form: Form;
  /** Which count is in each gap. */
  readonly places: readonly number[];
  /** Room for the counts of one list. */
  readonly row: number[];
}
const tallyForms = new WeakMap<TallySheet, TallyForm>();

function formatTallies(tallies: Uint32Array, named: NamedValues): FilledForm {
  const sheet = tallySheetOf(named);
  const known = tallyForms.get(sheet) ?? createTallyForm(sheet);
  tallyForms.set(sheet, known);
  const { form, places, row } = known;
  for (let gap = 0; gap < places.length; gap++) row[gap] = tallies[places[gap] as number] as number;
  return fillForm(form, row);
}

/** Cut from the text in which each count is its own place, because an object has its own order of names. */
function createTallyForm(sheet: TallySheet): TallyForm {
  const counts = nameTallies(
    sheet,
    Uint32Array.from({ length: sheet.length }, (_, place) => place),
  );
  const cut = JSON.stringify(counts).split(/(?<=":)(\d+)/);
  const places = cut.filter((_, place) => place % 2 === 1).map(Number);
  return { form: createForm(cut.filter((_, place) => place % 2 === 0)), places, row: [...places] };
}

/** Where the pages before and after are. */
function describeNeighbours(
  { edition, query, queryText, offset }: Page,
  { total, context }: { total: number; context: ListContext },
) {
  const { linked, publicUrl } = context;
  const cursorAt = (start: number | null): string | null =>
    start === null ? null : formatCursor({ snapshotId: edition.snapshot.id, offset: start }, queryText);
  const nextStart = offset + query.limit < total ? offset + query.limit : null;
  const cursors = {
    next: cursorAt(nextStart),
    prev: cursorAt(offset > 0 ? Math.max(0, offset - query.limit) : null),
  };
  const self = `${publicUrl}/v1/trials?${queryText}`;
  const linkTo = (cursor: string | null): string | null =>
    cursor !== null && linked ? `${self}&cursor=${cursor}` : null;
  const links = {
    self: linked ? (linkTo(offset > 0 ? cursorAt(offset) : null) ?? self) : null,
    next: linkTo(cursors.next),
    prev: linkTo(cursors.prev),
  };
  return { links, cursors };
}

/** Summaries as text, still open at their ends: most of every list, and the same in all lists of a snapshot. */
const summaries = new WeakMap<Trial, Fragment>();

function summaryOf({ trial }: IndexedTrial): Fragment {
  const known = summaries.get(trial) ?? createFragment(JSON.stringify(summarizeTrial(trial)).slice(0, -1));
  summaries.set(trial, known);
  return known;
}

/** What a list says of a trial because of the question: the end of its summary, and the comma before the next one. */
type EndOfSummary = (one: IndexedTrial, isLast: boolean) => Part;

function describeFits(query: TrialQuery): EndOfSummary {
  return ({ trial, judgeFit }, isLast) => {
    const ageFit = query.age === null ? null : ageFitOf(query.age, trial);
    return closeSummary({ ageFit, fit: judgeFit(query) }, isLast);
  };
}

/** Most questions ask for no facet, and then there are only so many ends. */
function describeAgeFits(age: Age | null): EndOfSummary {
  return ({ trial }, isLast) =>
    (isLast ? LAST_ENDS : ENDS)[(age === null ? null : ageFitOf(age, trial)) ?? 'unasked'];
}

type AskedOfTrial = Omit<ListedTrial, keyof TrialSummary>;

function closeSummary(answers: AskedOfTrial, isLast: boolean): string {
  return `,${JSON.stringify(answers).slice(1)}${isLast ? '' : ','}`;
}

const createEnds = (isLast: boolean): Readonly<Record<AgeFit | 'unasked', Fragment>> => {
  const create = (ageFit: AgeFit | null): Fragment =>
    createShortFragment(closeSummary({ ageFit, fit: null }, isLast));
  return { unasked: create(null), yes: create('yes'), edge: create('edge') };
};
const ENDS = createEnds(false);
const LAST_ENDS = createEnds(true);

/** RFC 8288. */
function formatLinks(links: { next: string | null; prev: string | null }): string {
  const named: [string, string | null][] = [
    ['next', links.next],
    ['prev', links.prev],
  ];
  return named.flatMap(([rel, url]) => (url === null ? [] : [`<${url}>; rel="${rel}"`])).join(', ');
}
