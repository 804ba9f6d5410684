import { createHash } from 'node:crypto';
import type { TrialQuery } from '../trials/trial-query.ts';
import { formatQuery } from '../trials/trial-query.ts';
import { Problem } from './problem.ts';

/** A place in a list: which snapshot, which question, how far. It holds no value of the question itself. */
export interface Cursor {
  readonly snapshotId: string;
  readonly offset: number;
}

const CURSOR = /^([0-9a-f]{16})\.(\d{1,6})\.([\w-]{12})$/;

/** The limit may change from page to page; the question may not. */
function hashQuery(query: TrialQuery): string {
  const text = formatQuery({ ...query, limit: 0 });
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

export function formatCursor(cursor: Cursor, query: TrialQuery): string {
  const text = `${cursor.snapshotId}.${cursor.offset}.${hashQuery(query)}`;
  return Buffer.from(text).toString('base64url');
}

/**
 * Reads a cursor that we gave out for this question.
 * @throws Problem `invalid-parameter` for any other
 */
export function parseCursor(text: string, query: TrialQuery, place: 'query' | 'body'): Cursor {
  const [, snapshotId, offset, hash] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const wrong = (detail: string): Problem =>
    new Problem('invalid-parameter', detail, {
      errors: [{ in: place, name: 'cursor', detail, allowed: [] }],
    });
  if (snapshotId === undefined || offset === undefined) throw wrong('This is no cursor of ours.');
  if (hash !== hashQuery(query)) throw wrong('This cursor belongs to another question.');
  return { snapshotId, offset: Number(offset) };
}
