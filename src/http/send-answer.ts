import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bytesOf } from './answer-bodies.ts';
import type { FlatHeaders } from './answer-heads.ts';
import { chooseEncoding, matchesTag } from './negotiate.ts';
import { contentHeadersOf, represent, validatorsOf, type RenderedAnswer } from './rendered-answers.ts';

/** For data: five minutes fresh, a day of showing the old one while fetching, a week when the service is down. */
export const DATA_CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800';

/** Sends a rendered answer in the best encoding, or 304 without a body when the caller has it already. */
export function sendAnswer(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  answer: RenderedAnswer,
): FastifyReply {
  const representation = represent(answer, chooseEncoding(request.headers['accept-encoding']));
  setAll(reply, validatorsOf(representation));
  if (matchesTag(request.headers['if-none-match'], representation.etag))
    // To HEAD the framework adds the length of what it is given, and nothing has length 0, which would be a lie
    // (RFC 9110, section 8.6). Of a stream it knows none.
    return reply.code(304).send(request.method === 'HEAD' ? Readable.from([]) : undefined);
  setAll(reply, contentHeadersOf(representation));
  return reply.send(bytesOf(representation.body));
}

function setAll(reply: FastifyReply, headers: FlatHeaders): void {
  for (let index = 0; index < headers.length; index += 2)
    reply.header(headers[index] as string, headers[index + 1]);
}
