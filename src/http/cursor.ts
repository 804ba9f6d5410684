import { hash } from 'node:crypto';
import { Problem } from './problem.ts';

/** A place in a list: which snapshot, which question, how far. It holds no value of the question itself. */
export interface Cursor {
  readonly snapshotId: string;
  readonly offset: number;
}

const CURSOR = /^([0-9a-f]{16})\.(\d{1,6})\.([\w-]{12})$/;

/** The limit, which is the end of the text, may change from page to page; the question may not. */
function hashQuestion(queryText: string): string {
  const question = `${queryText.slice(0, queryText.lastIndexOf('=') + 1)}0`;
  return hash('sha256', question, 'base64url').slice(0, 12);
}

/** @param queryText as `formatQuery` writes it */
export function formatCursor(cursor: Cursor, queryText: string): string {
  const text = `${cursor.snapshotId}.${cursor.offset}.${hashQuestion(queryText)}`;
  return Buffer.from(text).toString('base64url');
}

/**
 * Reads a cursor that we gave out for this question.
 * @throws Problem `invalid-parameter` for any other
 */
export function parseCursor(text: string, queryText: string, place: 'query' | 'body'): Cursor {
  const [, snapshotId, offset, ofQuestion] =
    CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const wrong = (detail: string): Problem =>
    new Problem('invalid-parameter', detail, {
      errors: [{ in: place, name: 'cursor', detail, allowed: [] }],
    });
  if (snapshotId === undefined || offset === undefined) throw wrong('This is no cursor of ours.');
  if (ofQuestion !== hashQuestion(queryText)) throw wrong('This cursor belongs to another question.');
  return { snapshotId, offset: Number(offset) };
}
