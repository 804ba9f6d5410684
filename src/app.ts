import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import type { Catalog } from './catalog/catalog.ts';
import type { Sync } from './catalog/sync.ts';
import { createMetrics } from './http/metrics.ts';
import { registerOpenapi } from './http/openapi.ts';
import { registerProblemPages } from './http/pages.ts';
import { registerProblemAnswers, sendProblem } from './http/problem-answers.ts';
import { createAnswerCache } from './http/rendered-answers.ts';
import { registerRequestRules } from './http/request-rules.ts';
import type { Service } from './http/service.ts';
import { registerServiceRoutes } from './http/service-routes.ts';
import { registerTrialRoutes } from './http/trial-routes.ts';
import type { InstitutionPack } from './trials/institution-pack.ts';

/** What the application is made of. */
export interface AppOptions {
  readonly pack: InstitutionPack;
  readonly catalog: Catalog;
  readonly sync: Pick<Sync, 'status'> | null;
  readonly version: string;
  /** Known only once the port is. */
  readonly publicUrl: () => string;
  readonly mayServeSample: boolean;
  readonly rateLimitPerMinute: number;
  readonly trustProxy: readonly string[];
  readonly logLevel: string;
  /** Where log lines go; the standard output unless given. */
  readonly logStream?: { write(line: string): void };
  readonly nowMs: () => number;
}

/** The application with what `main` still needs of it. */
export interface App {
  readonly server: FastifyInstance;
  readonly metrics: Service['metrics'];
  /** From now on `/health/ready` says that the process is stopping. */
  announceStop(): void;
}

const ANSWER_CACHE_BYTES = 32 * 1024 * 1024;

/** Assembles the application in the order that a request meets it; opens nothing. */
export async function buildApp(options: AppOptions): Promise<App> {
  let stopping = false;
  const metrics = createMetrics(options);
  const service: Service = {
    ...options,
    metrics,
    answers: createAnswerCache({ maxBytes: ANSWER_CACHE_BYTES }),
    isStopping: () => stopping,
  };
  const server = createServer(options);
  registerProblemAnswers(server, options.publicUrl);
  registerAccessLog(server, service);
  await registerRequestRules(server, options);
  await registerOpenapi(server, options);
  registerProblemPages(server);
  registerTrialRoutes(server, service);
  registerServiceRoutes(server, service);
  return {
    server,
    metrics,
    announceStop() {
      stopping = true;
    },
  };
}

function createServer(options: AppOptions): FastifyInstance {
  const server = fastify({
    logger: { level: options.logLevel, ...(options.logStream && { stream: options.logStream }) },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    bodyLimit: 4_096,
    requestTimeout: 10_000,
    keepAliveTimeout: 72_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 100 },
    http: { maxHeaderSize: 8_192, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    frameworkErrors: (error, request, reply) => sendProblem(error, { request, reply }, options.publicUrl()),
  });
  server.server.maxConnections = 5_000;
  // Handlers read queries and bodies strictly themselves; schemas of routes are for the document.
  server.setValidatorCompiler(() => (value) => ({ value }));
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  return server;
}

/** One line a request: the route's pattern and never the address, which may hold an age or a search. */
function registerAccessLog(server: FastifyInstance, service: Service): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const milliseconds = Math.round(reply.elapsedTime * 100) / 100;
    const { statusCode: status } = reply;
    service.metrics.countRequest({ route, method: request.method, status, seconds: milliseconds / 1000 });
    const bytes = Number(reply.getHeader('content-length') ?? 0);
    request.log.info({ route, status, milliseconds, bytes, cache: request.cacheOutcome }, 'answered');
  });
}
