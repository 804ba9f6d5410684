import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { IndexedTrial } from '../catalog/snapshot.ts';
import { ageFitOf } from '../trials/age.ts';
import type { FacetValues } from '../trials/count-facets.ts';
import { describeQuery, formatQuery, type TrialQuery } from '../trials/trial-query.ts';
import type { AgeFit } from '../trials/vocabulary.ts';
import { summarizeTrial, type ListedTrial, type Trial, type TrialSummary } from '../trials/trial.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { describeEdition } from './edition-meta.ts';
import { Problem } from './problem.ts';
import {
  createFragment,
  renderParts,
  type AnswerRules,
  type Fragment,
  type RenderedAnswer,
} from './rendered-answers.ts';

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
  readonly catalog: Catalog;
  readonly siteKeys: readonly string[];
  readonly facetValues: FacetValues;
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
  const { snapshot } = edition;
  const { page: places, ...counted } = snapshot.index.list(query, offset, context);
  const { links, cursors } = describeNeighbours(page, { total: counted.total, context });
  const rest = {
    ...counted,
    query: describeQuery(query),
    meta: describeEdition(edition, context.catalog),
    links,
    cursors,
  };
  const parts: (string | Fragment)[] = [];
  let before = '{"data":[';
  for (const place of places) {
    const one = snapshot.indexed[place] as IndexedTrial;
    parts.push(before, summaryOf(one));
    before = `${describeFor(one, query)},`;
  }
  // The comma behind the last one is none.
  const end = places.length === 0 ? before : before.slice(0, -1);
  parts.push(`${end}],${JSON.stringify(rest).slice(1)}`);
  return renderParts(parts, { ...rules, link: formatLinks(links) });
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

/** What a list says of a trial because of the question: the end of its summary. */
function describeFor({ trial, judgeFit }: IndexedTrial, query: TrialQuery): string {
  const answers: AskedOfTrial = {
    ageFit: query.age === null ? null : ageFitOf(query.age, trial),
    fit: judgeFit(query),
  };
  return answers.fit === null ? FIT_OF_NOTHING[answers.ageFit ?? 'unasked'] : closeSummary(answers);
}

type AskedOfTrial = Omit<ListedTrial, keyof TrialSummary>;

function closeSummary(answers: AskedOfTrial): string {
  return `,${JSON.stringify(answers).slice(1)}`;
}

/** Most questions ask for no facet, and then there are only so many ends. */
const FIT_OF_NOTHING: Readonly<Record<AgeFit | 'unasked', string>> = {
  unasked: closeSummary({ ageFit: null, fit: null }),
  yes: closeSummary({ ageFit: 'yes', fit: null }),
  edge: closeSummary({ ageFit: 'edge', fit: null }),
};

/** RFC 8288. */
function formatLinks(links: { next: string | null; prev: string | null }): string {
  const named: [string, string | null][] = [
    ['next', links.next],
    ['prev', links.prev],
  ];
  return named.flatMap(([rel, url]) => (url === null ? [] : [`<${url}>; rel="${rel}"`])).join(', ');
}
