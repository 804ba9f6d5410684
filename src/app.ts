import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import { setImmediate as startImmediate } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import pino from 'pino';
import type { Catalog } from './catalog/catalog.ts';
import type { Sync } from './catalog/sync.ts';
import { createAccessLog, type AccessLog } from './http/access-log.ts';
import { createClientFinder } from './http/client-address.ts';
import { createAnswerCache } from './http/answer-cache.ts';
import { createClientCounts, type ClientCounts } from './http/client-counts.ts';
import { createDoor, type Door } from './http/door.ts';
import { tellAnswer } from './http/tell-answer.ts';
import { createFrontDesk } from './http/front-desk.ts';
import { createTrialBlanks } from './http/trial-blanks.ts';
import { createTrialAnswers } from './http/trial-answers.ts';
import { createFaultReporter } from './http/faults.ts';
import { createRareLog } from './http/log-rarely.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { createPreparation, type Preparation } from './http/prepare-answers.ts';
import { createListOpener } from './http/open-lists.ts';
import { registerOpenapi } from './http/openapi.ts';
import { registerBuiltFiles } from './http/built-files.ts';
import { registerProblemAnswers, sendProblem, type ProblemForms } from './http/problem-answers.ts';
import { registerEmbeds } from './http/embed-routes.ts';
import { createRateLimit } from './http/rate-limit.ts';
import { registerRequestRules } from './http/request-rules.ts';
import { createEditionKeyFinder, servedEdition, type Service } from './http/service.ts';
import { SERVER_LIMITS, type ServerLimits } from './http/server-limits.ts';
import { registerServiceRoutes } from './http/service-routes.ts';
import { registerTrialRoutes } from './http/trial-routes.ts';
import { createWholeSender } from './http/send-whole.ts';
import { createErrorPages } from './http/error-pages.ts';
import { createPageAnswers, findCommonPages } from './http/page-answers.ts';
import { registerPages } from './http/page-routes.ts';
import { registerProblemPages } from './http/pages.ts';
import { registerWidgetFiles } from './http/widget-routes.ts';
import type { InstitutionPack } from './trials/institution-pack.ts';

/** From the root of the project, wherever in it this runs: from the source or built. */
const WEB_FILES = new URL('../src/web/built/', import.meta.url);

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
  /** Who may frame the embed page: a source list of `frame-ancestors`. */
  readonly frameAncestors: string;
  readonly logLevel: string;
  /** Where log lines go; the standard output, line by line, unless given. */
  readonly logStream?: { write(line: string): void };
  readonly nowMs: () => number;
  /** The system's unless given, as are the three below. */
  readonly monotonicMs?: () => number;
  readonly atNextTurn?: (callback: () => void) => void;
  readonly random?: () => number;
  readonly limits?: Partial<ServerLimits>;
}

/** The application with what `main` still needs of it. */
export interface App {
  readonly server: FastifyInstance;
  readonly metrics: Service['metrics'];
  /** Requests of clients in this minute, which replicas tell each other. */
  readonly clientCounts: ClientCounts;
  /** Renders the common answers of every list that comes; not before it is started. */
  readonly preparation: Preparation;
  /** From now on `/health/ready` says that the process is stopping, and every answer closes its connection. */
  announceStop(): void;
}

/** Assembles the application in the order that a request meets it; opens nothing. */
export async function buildApp(options: AppOptions): Promise<App> {
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const limits: ServerLimits = { ...SERVER_LIMITS, ...options.limits };
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const { metrics, logger, log, reportFault, tellOwnFault } = createTellers(options, monotonicMs);
  const answers = createAnswerCache({ maxBytes: limits.answerCacheBytes });
  const blanks = createTrialBlanks({ pack: options.pack, maxBytes: limits.trialBlankBytes });
  const rest = async (): Promise<unknown> => setImmediate();
  const service: Service = { ...options, metrics, answers, blanks, isStopping, rest };
  const clientCounts = createClientCounts(options);
  const rateLimit = createRateLimit({
    perMinute: options.rateLimitPerMinute,
    findClient: createClientFinder(options.trustProxy),
    counts: clientCounts,
  });
  const trialAnswers = createTrialAnswers(service);
  const desk = createFrontDesk({
    answers,
    findOpener: createListOpener(service, { answers: trialAnswers, urlBytes: limits.urlBytes }),
    rateLimit,
    sender: createWholeSender({ keepAliveMs: limits.keepAliveMs, nowMs: options.nowMs }),
    monotonicMs,
    editionKey: createEditionKeyFinder(service),
    addressBytes: limits.addressBytes,
    tell: (answer) => tellAnswer(answer, { metrics, log }),
    onFault: (error) => tellOwnFault('front-desk', error),
  });
  const alwaysAnswered = new Set<string>();
  const door = createDoor({
    limits,
    monotonicMs,
    reportFault,
    isStopping,
    atNextTurn: options.atNextTurn ?? startImmediate,
    publicUrl: options.publicUrl,
    isAlwaysAnswered: (path) => alwaysAnswered.has(path),
    answerAtOnce: desk.answer,
    answerAgain: desk.answerAgain,
    random: options.random ?? Math.random,
    nowMs: options.nowMs,
  });
  const forms: ProblemForms = {
    publicUrl: options.publicUrl,
    renderErrorPage: createErrorPages(service, () => files),
  };
  const server = createServer({ limits, door, logger, forms });
  server.addHook('onRoute', ({ url, config }) => {
    if (config?.rateLimited === false) alwaysAnswered.add(url);
  });
  registerProblemAnswers(server, forms);
  registerAccessLog(server, { metrics, log });
  await registerRequestRules(server, { rateLimit, urlBytes: limits.urlBytes, reportFault });
  registerOpenapi(server, options);
  registerTrialRoutes(server, service, { answers: trialAnswers, remember: desk.remember });
  registerServiceRoutes(server, service);
  const files = registerBuiltFiles(server, WEB_FILES);
  registerProblemPages(server, service, files);
  const pages = createPageAnswers(service, files);
  registerPages(server, service, { pages, remember: desk.remember });
  const widget = registerWidgetFiles(server, { version: options.version, folder: WEB_FILES });
  registerEmbeds(server, service, { files, widget });
  return {
    server,
    metrics,
    clientCounts,
    preparation: createPreparation({
      catalog: options.catalog,
      servedEdition: () => servedEdition(service),
      answers: trialAnswers,
      findCommonPages: (edition) => findCommonPages(pages, edition),
      remember: desk.remember,
      maxBytes: limits.answerCacheBytes / 3,
      rest,
      onFault: (error) => tellOwnFault('preparation', error),
    }),
    announceStop() {
      stopping = true;
      door.closeAfterAnswers();
    },
  };
}

/** Where everything is told: metrics, log lines, lines of answers, faults. */
function createTellers(options: AppOptions, monotonicMs: () => number) {
  const { logLevel: level, logStream: stream = pino.destination(), nowMs } = options;
  const metrics = createMetrics(options);
  const origin = { pid, hostname: hostname() };
  const logger = pino({ level, base: origin }, stream);
  const log = createAccessLog({ stream, origin, nowMs, isOn: () => logger.isLevelEnabled('info') });
  const reportFault = createFaultReporter({
    counter: metrics,
    logRarely: createRareLog({ monotonicMs, write: (details, text) => logger.warn(details, text) }),
  });
  return {
    metrics,
    logger,
    log,
    reportFault,
    tellOwnFault: (kind: 'front-desk' | 'preparation', error: unknown): void => {
      reportFault(kind);
      logger.debug({ err: error }, kind);
    },
  };
}

function createServer(made: {
  limits: ServerLimits;
  door: Door;
  logger: FastifyBaseLogger;
  forms: ProblemForms;
}): FastifyInstance {
  const { limits, door, logger, forms } = made;
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: limits.bodyBytes,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: limits.paramCharacters },
    schemaController: {
      compilersFactory: { buildValidator: compileNothing, buildSerializer: compileNothing },
    },
    serverFactory: (handler) => door.createServer(handler),
    clientErrorHandler: (error, connection) => door.answerClientError(error, connection),
    frameworkErrors: (error, request, reply) => sendProblem(error, { request, reply }, forms),
  });
  // Handlers read queries and bodies strictly themselves; schemas of routes are for the document.
  server.setValidatorCompiler(() => (value) => ({ value }));
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  return server;
}

/** Fastify loads two compilers of schemas unless it is given others. */
function compileNothing(): never {
  throw new Error('schemas of routes are for the document');
}

function registerAccessLog(server: FastifyInstance, told: { metrics: Metrics; log: AccessLog }): void {
  server.addHook('onResponse', async (request, reply) => {
    tellAnswer(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        bytes: Number(reply.getHeader('content-length') ?? 0),
        milliseconds: reply.elapsedTime,
        cache: request.cacheOutcome,
      },
      told,
    );
  });
}
