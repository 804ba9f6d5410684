import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { IndexedTrial } from '../catalog/snapshot.ts';
import { ageFitOf } from '../trials/age.ts';
import {
  countFacets,
  countFits,
  countHidden,
  suggestFilters,
  type FacetValues,
} from '../trials/count-facets.ts';
import { filterTrials } from '../trials/filter-trials.ts';
import { orderTrials } from '../trials/order-trials.ts';
import { describeQuery, formatQuery, type TrialQuery } from '../trials/trial-query.ts';
import type { ListedTrial } from '../trials/trial.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { describeEdition } from './edition-meta.ts';
import { Problem } from './problem.ts';

/** A page of a list, before it is rendered. */
interface Page {
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

/** The answer of a list. A search by POST has no links, because they would carry the question in an address. */
export function listTrials(
  page: Page,
  context: {
    catalog: Catalog;
    siteKeys: readonly string[];
    facetValues: FacetValues;
    publicUrl: string;
    linked: boolean;
  },
) {
  const { edition, query, offset } = page;
  const { snapshot } = edition;
  const found = orderTrials(filterTrials(snapshot.indexed, query), query);
  const cursorAt = (start: number | null): string | null =>
    start === null ? null : formatCursor({ snapshotId: snapshot.id, offset: start }, query);
  const nextStart = offset + query.limit < found.length ? offset + query.limit : null;
  const cursors = {
    next: cursorAt(nextStart),
    prev: cursorAt(offset > 0 ? Math.max(0, offset - query.limit) : null),
  };
  const self = `${context.publicUrl}/v1/trials?${formatQuery(query)}`;
  const linkTo = (cursor: string | null): string | null =>
    cursor !== null && context.linked ? `${self}&cursor=${cursor}` : null;
  return {
    data: found.slice(offset, offset + query.limit).map((one) => describeListed(one, query)),
    total: found.length,
    hidden: countHidden(snapshot.indexed, query),
    fitCounts: countFits(snapshot.indexed, query),
    facets: countFacets(snapshot.indexed, query, context),
    suggestions: found.length === 0 ? suggestFilters(snapshot.indexed, query) : [],
    query: describeQuery(query),
    meta: describeEdition(edition, context.catalog),
    links: {
      self: context.linked ? (linkTo(offset > 0 ? cursorAt(offset) : null) ?? self) : null,
      next: linkTo(cursors.next),
      prev: linkTo(cursors.prev),
    },
    cursors,
  };
}

function describeListed({ trial, summary, judgeFit }: IndexedTrial, query: TrialQuery): ListedTrial {
  return { ...summary, ageFit: query.age === null ? null : ageFitOf(query.age, trial), fit: judgeFit(query) };
}
