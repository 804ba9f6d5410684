import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_HEADERS, PROBLEM_PAGE_HEADERS } from './fixed-headers.ts';
import { prefersHtml } from './negotiate.ts';
import { describeProblem, Problem, toProblem } from './problem.ts';

/** Renders a problem as a page for people. */
export type RenderErrorPage = (problem: Problem, request: FastifyRequest) => string;

/** What problem answers are made with. */
export interface ProblemForms {
  readonly publicUrl: () => string;
  readonly renderErrorPage: RenderErrorPage;
}

/**
 * Sends a thrown error: to people as a page, to programs as problem details. What is `internal` is logged in full and
 * told in one sentence.
 */
export function sendProblem(
  error: unknown,
  exchange: { request: FastifyRequest; reply: FastifyReply },
  forms: ProblemForms,
): void {
  const { request, reply } = exchange;
  const problem = toProblem(error);
  if (problem.type === 'internal') request.log.error({ err: error }, 'a request failed');
  const page = findErrorPage(problem, request, forms);
  reply.removeHeader('etag');
  // The framework closes where a body was not read to its end; the door had said how long the connection stays.
  if (reply.getHeader('connection') === 'close') reply.raw.removeHeader('keep-alive');
  void reply
    .code(problem.status)
    // All of them, because an address that cannot be decoded meets no hook.
    .headers({
      ...(page === null ? PROBLEM_HEADERS : PROBLEM_PAGE_HEADERS),
      ...(isForPrograms(request) ? {} : { vary: 'Accept' }),
      ...problem.headers,
      'x-request-id': request.id,
    })
    .send(
      page ??
        JSON.stringify(describeProblem(problem, { publicUrl: forms.publicUrl(), requestId: request.id })),
    );
}

/** Beneath `/v1` everything is for programs, whatever they say that they accept. */
function isForPrograms({ raw }: FastifyRequest): boolean {
  return /^\/v1(?:[/?#]|$)/.test(raw.url ?? '');
}

/** The page of a problem; `null` for programs, and where no page can be made of it. */
function findErrorPage(
  problem: Problem,
  request: FastifyRequest,
  { renderErrorPage }: ProblemForms,
): string | null {
  if (isForPrograms(request) || !prefersHtml(request.headers.accept)) return null;
  try {
    return renderErrorPage(problem, request);
  } catch (error) {
    request.log.error({ err: error }, 'a page of an error failed');
    return null;
  }
}

/** Two of the three doors by which errors leave; the third, `frameworkErrors`, is an option of the server. */
export function registerProblemAnswers(app: FastifyInstance, forms: ProblemForms): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const known = methods.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) known.add(method);
    methods.set(route.url, known);
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, { request, reply }, forms));
  app.setNotFoundHandler((request, reply) => {
    const allowed = findMethods(methods, request.url.split('?')[0] ?? '');
    const problem =
      allowed.length > 0 && !allowed.includes(request.method)
        ? new Problem('method-not-allowed', `Allowed here: ${allowed.join(', ')}.`, {
            headers: { allow: allowed.join(', ') },
          })
        : new Problem('not-found', 'There is nothing at this address.');
    sendProblem(problem, { request, reply }, forms);
  });
}

function findMethods(methods: ReadonlyMap<string, ReadonlySet<string>>, path: string): string[] {
  const parts = path.split('/');
  const matching = [...methods].filter(([pattern]) => {
    const wanted = pattern.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
    );
  });
  return [...new Set(matching.flatMap(([, known]) => [...known]))].toSorted();
}
