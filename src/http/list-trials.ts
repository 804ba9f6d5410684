import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { IndexedTrial } from '../catalog/snapshot.ts';
import { ageFitOf } from '../trials/age.ts';
import type { FacetValues } from '../trials/count-facets.ts';
import { describeQuery, formatQuery, type TrialQuery } from '../trials/trial-query.ts';
import { summarizeTrial, type ListedTrial, type Trial, type TrialSummary } from '../trials/trial.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { describeEdition } from './edition-meta.ts';
import { Problem } from './problem.ts';
import { createFragment, renderParts, type Fragment, type RenderedAnswer } from './rendered-answers.ts';

/** A page of a list, before it is rendered. */
export interface Page {
  readonly edition: Edition;
  readonly query: TrialQuery;
  readonly offset: number;
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
  if (cursor === undefined) return { edition, query, offset: 0 };
  const { snapshotId, offset } = parseCursor(cursor, query, place);
  const known = catalog.findEdition(snapshotId);
  if (known === null)
    throw new Problem('cursor-expired', 'The list has changed since; start again without a cursor.');
  return { edition: known, query, offset };
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
export function listTrials(page: Page, context: ListContext, cacheControl: string): RenderedAnswer {
  const { edition, query, offset } = page;
  const { snapshot } = edition;
  const { page: places, ...counted } = snapshot.index.list(query, offset, context);
  const cursorAt = (start: number | null): string | null =>
    start === null ? null : formatCursor({ snapshotId: snapshot.id, offset: start }, query);
  const nextStart = offset + query.limit < counted.total ? offset + query.limit : null;
  const cursors = {
    next: cursorAt(nextStart),
    prev: cursorAt(offset > 0 ? Math.max(0, offset - query.limit) : null),
  };
  const self = `${context.publicUrl}/v1/trials?${formatQuery(query)}`;
  const linkTo = (cursor: string | null): string | null =>
    cursor !== null && context.linked ? `${self}&cursor=${cursor}` : null;
  const links = {
    self: context.linked ? (linkTo(offset > 0 ? cursorAt(offset) : null) ?? self) : null,
    next: linkTo(cursors.next),
    prev: linkTo(cursors.prev),
  };
  const rest = {
    ...counted,
    query: describeQuery(query),
    meta: describeEdition(edition, context.catalog),
    links,
    cursors,
  };
  const listed = places.flatMap((place, index) => {
    const one = snapshot.indexed[place] as IndexedTrial;
    return [index === 0 ? '' : ',', summaryOf(one), describeFor(one, query)];
  });
  const parts = ['{"data":[', ...listed, `],${JSON.stringify(rest).slice(1)}`];
  return renderParts(parts, { cacheControl, link: formatLinks(links) });
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
  const answers: Omit<ListedTrial, keyof TrialSummary> = {
    ageFit: query.age === null ? null : ageFitOf(query.age, trial),
    fit: judgeFit(query),
  };
  return `,${JSON.stringify(answers).slice(1)}`;
}

/** RFC 8288. */
function formatLinks(links: { next: string | null; prev: string | null }): string {
  const named: [string, string | null][] = [
    ['next', links.next],
    ['prev', links.prev],
  ];
  return named.flatMap(([rel, url]) => (url === null ? [] : [`<${url}>; rel="${rel}"`])).join(', ');
}
