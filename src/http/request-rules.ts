import cors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ReportFault } from './faults.ts';
import { EXPOSED_HEADERS, SECURITY_HEADERS } from './fixed-headers.ts';
import { Problem } from './problem.ts';
import type { RateLimit } from './rate-limit.ts';
import { parseQuery, queryTextOf } from './read-parameters.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the answer had been rendered before; for the access log. */
    cacheOutcome: 'hit' | 'miss' | null;
  }
  interface FastifyContextConfig {
    /** False for probes and metrics, which must answer when a client is over its limit or all are too many. */
    rateLimited?: boolean;
  }
}

/** The reader of the OpenAPI document runs its own scripts and styles, from here and nowhere else. */
const DOCUMENTATION_SECURITY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The rules that every request meets before its route: length, headers, cross-origin use, rate limit, strict names. */
export async function registerRequestRules(
  app: FastifyInstance,
  options: {
    /** `null` when it is off. */
    rateLimit: RateLimit | null;
    urlBytes: number;
    reportFault: ReportFault;
  },
): Promise<void> {
  app.decorateRequest('cacheOutcome', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    if (request.routeOptions.url?.startsWith('/docs'))
      reply.header('content-security-policy', DOCUMENTATION_SECURITY);
    if ((request.raw.url?.length ?? 0) > options.urlBytes)
      throw new Problem('uri-too-long', `An address has at most ${options.urlBytes} bytes.`);
  });
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 86_400,
    // What the package refuses it refuses in a text of its own; a plain OPTIONS may as well be told what is allowed.
    strictPreflight: false,
  });
  const { rateLimit } = options;
  if (rateLimit !== null)
    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.config.rateLimited === false) return;
      applyRateLimit(request, reply, { rateLimit, reportFault: options.reportFault });
    });
  app.addHook('preValidation', async (request) => refuseUnknownNames(request));
}

/** @throws Problem `rate-limited` */
function applyRateLimit(
  request: FastifyRequest,
  reply: FastifyReply,
  { rateLimit, reportFault }: { rateLimit: RateLimit; reportFault: ReportFault },
): void {
  const allowance = rateLimit.count(request.raw);
  if (allowance === null) return;
  reply.header('ratelimit-policy', allowance.policy).header('ratelimit', allowance.limit);
  if (!allowance.isExceeded) return;
  reportFault('rate-limited');
  throw new Problem('rate-limited', `At most ${rateLimit.perMinute} requests a minute.`, {
    headers: { 'retry-after': String(allowance.resetSeconds), 'cache-control': 'no-store' },
  });
}

/** An operation that takes no query refuses one, so that nobody believes to have filtered. */
function refuseUnknownNames(request: FastifyRequest): void {
  const { schema: described } = request.routeOptions;
  if (described?.operationId === undefined || described.querystring !== undefined) return;
  const names = [...parseQuery(queryTextOf(request.raw.url)).keys()];
  if (names.length === 0) return;
  const errors = names.slice(0, 20).map((name) => ({
    in: 'query' as const,
    name: name.slice(0, 60).toWellFormed(),
    detail: 'This operation takes no parameters.',
    allowed: [],
  }));
  throw new Problem('unknown-parameter', 'This operation takes no parameters.', { errors });
}
