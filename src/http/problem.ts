import { z } from 'zod';

/** Every kind of error we answer with (RFC 9457); each has a page under `/problems/`. The list is closed. */
export const PROBLEM = {
  'invalid-parameter': {
    status: 400,
    title: 'A parameter or the body has a wrong value',
    help: 'See `errors`: each entry names the parameter, what is wrong and what is allowed.',
  },
  'unknown-parameter': {
    status: 400,
    title: 'A parameter does not exist',
    help: 'Unknown parameters are refused, so that nobody believes to have filtered. `errors` names the nearest known one.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    help: 'No such page, or no such trial on this list. `/v1/excluded` lists studies that were considered and not kept.',
  },
  gone: {
    status: 410,
    title: 'This trial has left the list',
    help: 'The trial was on the list within the last 90 days; `detail` says since when it is gone and why.',
  },
  'cursor-expired': {
    status: 410,
    title: 'This cursor belongs to an older list',
    help: 'A cursor lives as long as its list and the one after it. Start again without a cursor.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not allowed here',
    help: 'The `Allow` header names the methods of this address.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'This media type is not understood',
    help: 'Send JSON with `Content-Type: application/json`.',
  },
  'payload-too-large': { status: 413, title: 'The body is too large', help: 'A search has at most 4 KB.' },
  'uri-too-long': {
    status: 414,
    title: 'The address is too long',
    help: 'An address has at most 2,048 bytes.',
  },
  'malformed-request': {
    status: 400,
    title: 'This is not a request in HTTP',
    help: 'The request could not be parsed, or has no `Host`. The connection is closed.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    help: 'A request arrives whole within 10 seconds. The connection is closed.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    help: 'The address and all headers together have at most 8 KB. The connection is closed.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    help: 'Wait as many seconds as `Retry-After` says. Answers may be cached for five minutes.',
  },
  'not-ready': {
    status: 503,
    title: 'The list is not loaded yet',
    help: 'The service has just started and has no list, or may not serve the sample. Try again after `Retry-After`.',
  },
  overloaded: {
    status: 503,
    title: 'The service is overloaded',
    help: 'Try again after `Retry-After` seconds.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong here',
    help: 'A fault of this service, and in its log under the id in `instance`.',
  },
} as const satisfies Record<string, { status: number; title: string; help: string }>;
export type ProblemType = keyof typeof PROBLEM;

const PROBLEM_PLACES = ['query', 'path', 'body', 'header'] as const;

export const ProblemDetails = z
  .object({
    type: z.url(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string().describe('Id of the request, also in the log.'),
    errors: z.array(
      z.object({
        in: z.enum(PROBLEM_PLACES),
        name: z.string(),
        detail: z.string(),
        allowed: z.array(z.string()).describe('Allowed values, where they can be listed.'),
      }),
    ),
  })
  .meta({ id: 'Problem', description: 'Problem details, RFC 9457.' });
export type ProblemDetails = z.infer<typeof ProblemDetails>;
export type ProblemEntry = ProblemDetails['errors'][number];

/** Thrown by handlers; becomes a problem answer. The detail is ours, never an exception's or the registry's text. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: ProblemType;
  readonly status: number;
  readonly errors: readonly ProblemEntry[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    type: ProblemType,
    detail: string,
    more: { errors?: readonly ProblemEntry[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.type = type;
    this.status = PROBLEM[type].status;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

/** The body of a problem answer. */
export function describeProblem(
  problem: Problem,
  place: { publicUrl: string; requestId: string },
): ProblemDetails {
  return {
    type: `${place.publicUrl}/problems/${problem.type}`,
    title: PROBLEM[problem.type].title,
    status: problem.status,
    detail: problem.message,
    instance: `urn:uuid:${place.requestId}`,
    errors: [...problem.errors],
  };
}

/** The problem for anything that was thrown: ours as it is, Fastify's by its status, all else `internal`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return bodyProblem('The body is not JSON.');
  if (statusCode === 413) return new Problem('payload-too-large', PROBLEM['payload-too-large'].help);
  if (statusCode === 414) return new Problem('uri-too-long', PROBLEM['uri-too-long'].help);
  if (statusCode === 415)
    return new Problem('unsupported-media-type', PROBLEM['unsupported-media-type'].help);
  if (code === 'FST_ERR_BAD_URL')
    return new Problem('invalid-parameter', 'The path is not well encoded.', {
      errors: [{ in: 'path', name: '', detail: 'Percent-encoding is broken.', allowed: [] }],
    });
  if (statusCode === 400) return bodyProblem('The request could not be read.');
  if (statusCode === 503)
    return new Problem('overloaded', PROBLEM.overloaded.help, { headers: { 'retry-after': '2' } });
  return new Problem('internal', 'A fault of this service.');
}

function bodyProblem(detail: string): Problem {
  return new Problem('invalid-parameter', detail, {
    errors: [{ in: 'body', name: '', detail, allowed: [] }],
  });
}
