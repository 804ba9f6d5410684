import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_HEADERS } from './fixed-headers.ts';
import { describeProblem, Problem, toProblem } from './problem.ts';

/** Sends a thrown error as problem details; what is `internal` is logged in full and told in one sentence. */
export function sendProblem(
  error: unknown,
  exchange: { request: FastifyRequest; reply: FastifyReply },
  publicUrl: string,
): void {
  const { request, reply } = exchange;
  const problem = toProblem(error);
  if (problem.type === 'internal') request.log.error({ err: error }, 'a request failed');
  const body = describeProblem(problem, { publicUrl, requestId: request.id });
  reply.removeHeader('etag');
  void reply
    .code(body.status)
    // All of them, because an address that cannot be decoded meets no hook.
    .headers({ ...PROBLEM_HEADERS, ...problem.headers, 'x-request-id': request.id })
    .send(JSON.stringify(body));
}

/** Two of the three doors by which errors leave; the third, `frameworkErrors`, is an option of the server. */
export function registerProblemAnswers(app: FastifyInstance, publicUrl: () => string): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const known = methods.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) known.add(method);
    methods.set(route.url, known);
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, { request, reply }, publicUrl()));
  app.setNotFoundHandler((request, reply) => {
    const allowed = findMethods(methods, request.url.split('?')[0] ?? '');
    const problem =
      allowed.length > 0 && !allowed.includes(request.method)
        ? new Problem('method-not-allowed', `Allowed here: ${allowed.join(', ')}.`, {
            headers: { allow: allowed.join(', ') },
          })
        : new Problem('not-found', 'There is nothing at this address.');
    sendProblem(problem, { request, reply }, publicUrl());
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
