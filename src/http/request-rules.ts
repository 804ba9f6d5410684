import cors from '@fastify/cors';
import rateLimit, { type FastifyRateLimitStore, type FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ClientCounts } from './client-counts.ts';
import type { ReportFault } from './faults.ts';
import { EXPOSED_HEADERS, SECURITY_HEADERS } from './fixed-headers.ts';
import { Problem } from './problem.ts';
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
    rateLimitPerMinute: number;
    urlBytes: number;
    reportFault: ReportFault;
    clientCounts: ClientCounts;
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
  });
  if (options.rateLimitPerMinute > 0) await registerRateLimit(app, options);
  app.addHook('preValidation', async (request) => refuseUnknownNames(request));
}

/** Header fields of the IETF draft "RateLimit header fields for HTTP"; the plugin counts, we say. */
async function registerRateLimit(
  app: FastifyInstance,
  options: { rateLimitPerMinute: number; reportFault: ReportFault; clientCounts: ClientCounts },
): Promise<void> {
  const { rateLimitPerMinute: perMinute, reportFault, clientCounts } = options;
  await app.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: 60_000,
    store: storeOf(clientCounts),
  });
  const count = app.createRateLimit({ max: perMinute, timeWindow: 60_000 });
  app.addHook('onRequest', async (request, reply) => {
    // A connection that the parser has ended has no address any more, and nobody to answer.
    if (request.routeOptions.config.rateLimited === false || request.raw.socket.destroyed) return;
    const result = await count(request);
    if (result.isAllowed) return;
    const resetSeconds = Math.max(1, Math.ceil(result.ttl / 1000));
    reply.header('ratelimit-policy', `"client";q=${perMinute};w=60`);
    reply.header('ratelimit', `"client";r=${Math.max(0, result.remaining)};t=${resetSeconds}`);
    if (!result.isExceeded) return;
    reportFault('rate-limited');
    throw new Problem('rate-limited', `At most ${perMinute} requests a minute.`, {
      headers: { 'retry-after': String(resetSeconds), 'cache-control': 'no-store' },
    });
  });
}

/** Our counts in the form that the plugin asks for, which makes the store itself. */
function storeOf(counts: ClientCounts): FastifyRateLimitStoreCtor {
  return class {
    incr(client: string, callback: Parameters<FastifyRateLimitStore['incr']>[1]): void {
      callback(null, counts.count(client));
    }
    child(): this {
      return this;
    }
  };
}

/** An operation that takes no query refuses one, so that nobody believes to have filtered. */
function refuseUnknownNames(request: FastifyRequest): void {
  const { schema } = request.routeOptions;
  const described = schema;
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
