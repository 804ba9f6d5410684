import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { TrialQuery } from '../trials/trial-query.ts';
import type { PartGroup } from './answer-bodies.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { formatEdition } from './edition-meta.ts';
import { Problem } from './problem.ts';
import { renderParts, type AnswerRules, type RenderedAnswer } from './rendered-answers.ts';
import { tellQuestion, type ToldQuestion } from './told-questions.ts';

/** A page of a list, before it is rendered. */
export interface Page {
  readonly edition: Edition;
  readonly query: TrialQuery;
  readonly told: ToldQuestion;
  readonly offset: number;
}

export function createFirstPage(edition: Edition, query: TrialQuery): Page {
  return { edition, query, told: tellQuestion(query), offset: 0 };
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
  const { snapshotId, offset } = parseCursor(cursor, page.told.text, place);
  const known = catalog.findEdition(snapshotId);
  if (known === null)
    throw new Problem('cursor-expired', 'The list has changed since; start again without a cursor.');
  return { ...page, edition: known, offset };
}

/** What is found for a question, and rendered as far as the question itself is not told. */
export interface FoundList {
  readonly total: number;
  /** The list from its first sign to its suggestions. */
  readonly begin: PartGroup;
}

export interface ListContext {
  /** Finds the trials of a page, or knows them from before. */
  readonly findList: (page: Page) => FoundList;
  readonly catalog: Catalog;
  readonly publicUrl: string;
  /** A search by POST has no links, because they would carry the question in an address. */
  readonly linked: boolean;
}

/** The answer of a list. */
export function listTrials(page: Page, context: ListContext, rules: AnswerRules): RenderedAnswer {
  const { edition, told } = page;
  const { total, begin } = context.findList(page);
  const { links, cursors } = describeNeighbours(page, { total, context });
  const end = [
    `,"query":${told.json},"meta":`,
    formatEdition(edition, context.catalog),
    `,"links":${JSON.stringify(links)},"cursors":${JSON.stringify(cursors)}}`,
  ];
  return renderParts([begin, ...end], rules, formatLinks(links));
}

/** Where the pages before and after are. */
function describeNeighbours(
  { edition, query, told, offset }: Page,
  { total, context }: { total: number; context: ListContext },
) {
  const { linked, publicUrl } = context;
  const cursorAt = (start: number | null): string | null =>
    start === null ? null : formatCursor({ snapshotId: edition.snapshot.id, offset: start }, told.text);
  const nextStart = offset + query.limit < total ? offset + query.limit : null;
  const cursors = {
    next: cursorAt(nextStart),
    prev: cursorAt(offset > 0 ? Math.max(0, offset - query.limit) : null),
  };
  const self = `${publicUrl}/v1/trials?${told.text}`;
  const linkTo = (cursor: string | null): string | null =>
    cursor !== null && linked ? `${self}&cursor=${cursor}` : null;
  const links = {
    self: linked ? (linkTo(offset > 0 ? cursorAt(offset) : null) ?? self) : null,
    next: linkTo(cursors.next),
    prev: linkTo(cursors.prev),
  };
  return { links, cursors };
}

/** RFC 8288. */
function formatLinks({ next, prev }: { next: string | null; prev: string | null }): string {
  const links = next === null ? '' : `<${next}>; rel="next"`;
  if (prev === null) return links;
  return `${links}${links === '' ? '' : ', '}<${prev}>; rel="prev"`;
}
