import negotiator from '@fastify/accept-negotiator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Encoding, RenderedAnswer } from './rendered-answers.ts';

const ENCODINGS: Encoding[] = ['br', 'gzip', 'identity'];

/** For data: five minutes fresh, a day of showing the old one while fetching, a week when the service is down. */
export const DATA_CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800';

/** Sends a rendered answer in the best encoding, or 304 without a body when the caller has it already. */
export function sendAnswer(
  exchange: { request: FastifyRequest; reply: FastifyReply },
  answer: RenderedAnswer,
  cacheControl: string,
): FastifyReply {
  const { request, reply } = exchange;
  const encoding = chooseEncoding(request.headers['accept-encoding']);
  const { bytes, etag } = answer.represent(encoding);
  reply.headers({ ...answer.headers, 'cache-control': cacheControl, etag, vary: 'Accept-Encoding' });
  if (matchesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (etag.endsWith(`-${encoding}"`)) reply.header('content-encoding', encoding);
  return reply.header('content-type', 'application/json; charset=utf-8').send(bytes);
}

function chooseEncoding(accepted: string | string[] | undefined): Encoding {
  if (typeof accepted !== 'string') return 'identity';
  return negotiator.negotiate(accepted, ENCODINGS) ?? 'identity';
}

/** RFC 9110, section 13.1.2: `*` or a list of tags, compared weakly. */
function matchesTag(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false;
  if (condition.trim() === '*') return true;
  return condition.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
