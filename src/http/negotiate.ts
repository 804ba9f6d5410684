import negotiator from '@fastify/accept-negotiator';
import { LRUCache } from 'lru-cache';
import { ENCODINGS, type Encoding } from './rendered-answers.ts';

const OFFERED = [...ENCODINGS];

/** Browsers send one of a few texts. */
const known = new LRUCache<string, Encoding>({ max: 100 });

/** RFC 9110, section 12.5.3. */
export function chooseEncoding(accepted: string | string[] | undefined): Encoding {
  if (typeof accepted !== 'string') return 'identity';
  const before = known.get(accepted);
  if (before !== undefined) return before;
  const chosen = negotiator.negotiate(accepted, OFFERED) ?? 'identity';
  known.set(accepted, chosen);
  return chosen;
}

/** RFC 9110, section 13.1.2: `*` or a list of tags, compared weakly. */
export function matchesTag(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false;
  if (condition === etag || condition.trim() === '*') return true;
  return condition.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/**
 * Whether somebody asks for a page by name and likes nothing that we have better (RFC 9110, section 12.5.1): browsers
 * do, programs that take anything do not.
 */
export function prefersHtml(accepted: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const range of (accepted ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(type, weight === undefined ? 1 : Number(weight) || 0);
  }
  const html = weights.get('text/html') ?? 0;
  const json = Math.max(weights.get('application/problem+json') ?? 0, weights.get('application/json') ?? 0);
  return html > 0 && html >= json;
}
