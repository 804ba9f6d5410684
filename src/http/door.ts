import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createExchanges, type Exchange, type Exchanges } from './exchanges.ts';
import type { FaultKind, ReportFault } from './faults.ts';
import { createIdleClosing, createIdleConnections, formatKeepAlive } from './idle-connections.ts';
import { formatPlainAnswer, makePlainAnswer } from './plain-answers.ts';
import { PROBLEM, Problem, type ProblemType } from './problem.ts';
import type { ServerLimits } from './server-limits.ts';
import { createPieceCount } from './requests-in-piece.ts';
import { createRepeatedRequests } from './repeated-requests.ts';
import { createWaitingLine } from './shed-load.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Visit {
  readonly handler: Handler;
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  /** It had its turn beside the line, and what answers at once has left it to the handler. */
  readonly hadItsTurn: boolean;
}

/** What stands before the router: limits of connections, refusal of what is too much, answers to what is not HTTP. */
export interface Door {
  createServer(handler: Handler): Server;
  answerClientError(error: Error & { code?: string }, connection: Duplex): void;
  /** The stop was announced: answers to requests in flight close their connections, too. */
  closeAfterAnswers(): void;
}

interface DoorOptions {
  readonly limits: ServerLimits;
  readonly reportFault: ReportFault;
  readonly publicUrl: () => string;
  readonly isStopping: () => boolean;
  /** Probes and metrics, which must answer under any load. */
  readonly isAlwaysAnswered: (path: string) => boolean;
  /** Answers what was asked before and, when it has its turn, what can be answered by itself; or says that the router must. */
  readonly answerAtOnce: (
    request: IncomingMessage,
    response: ServerResponse,
    isItsTurn: () => boolean,
  ) => boolean;
  /** Answers, without a response, a request that was answered at once before. */
  readonly answerAgain: (request: IncomingMessage) => boolean;
  readonly atNextTurn: (callback: () => void) => void;
  readonly random: () => number;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

const SHORTEST_RETRY_SECONDS = 1;
const RETRY_SPREAD_SECONDS = 4;

export function createDoor(options: DoorOptions): Door {
  const { limits, monotonicMs, reportFault } = options;
  const exchanges = createExchanges(monotonicMs);
  const countInPiece = createPieceCount();
  const idleClosing = createIdleClosing(() => exchanges.hasUnknownToNode());
  const refusals = createRefusals(options.random);
  const keepAlive = formatKeepAlive(limits.keepAliveMs);
  const place = () => ({ publicUrl: options.publicUrl(), requestId: randomUUID() });

  const refuse = (response: ServerResponse, fault: FaultKind): void => {
    reportFault(fault);
    const { status, headers, body } = makePlainAnswer(refusals(fault), place());
    if (headers['connection'] === 'close') response.removeHeader('keep-alive');
    response.writeHead(status, headers).end(body);
  };
  const line = createWaitingLine<Visit>({
    ...options,
    serve: ({ handler, response, exchange, hadItsTurn }) => {
      if (options.isStopping() || hadItsTurn || !options.answerAtOnce(response.req, response, () => true))
        handler(response.req, response);
      else exchange.isSent = true;
    },
    refuse: ({ response }) => refuse(response, 'shed'),
    hasLeft: ({ response }) => response.req.socket.destroyed,
  });
  // An answer that was on its way at the announcement has said that its connection stays; the server waits for it.
  const endWhenStopping = (connection: Duplex): void => {
    if (options.isStopping()) connection.end();
  };
  /** Connections that are told to close: what still comes on them is nobody's. */
  const closing = new WeakSet<Duplex>();
  const begin = (connection: Socket, response: ServerResponse | null, isSent = false): Exchange => {
    connection.setTimeout(limits.inactivityMs);
    return exchanges.begin(connection, response, isSent);
  };
  const end = (exchange: Exchange, connection: Socket): void => {
    exchanges.end(exchange);
    idleClosing.goOn();
    if (exchanges.countOf(connection) > 0) return;
    connection.setTimeout(0);
    endWhenStopping(connection);
  };
  const beginWith = (response: ServerResponse, isSent = false): Exchange => {
    const { socket: connection } = response.req;
    const exchange = begin(connection, response, isSent);
    response.once('close', () => end(exchange, connection));
    return exchange;
  };
  const cutSlowReader = (connection: Duplex): void => {
    reportFault('slow-reader');
    connection.destroy();
  };
  /** Node has no limit for the time in which an answer is taken, only for the time in which nothing moves. */
  const cutSlowExchanges = (beganBeforeMs: number): void => {
    for (const connection of exchanges.findOlder(beganBeforeMs)) cutSlowReader(connection);
  };
  /** Nothing is to be said of it but its answer, and nobody who counts is before it on its connection. */
  const isPlain = (connection: Socket): boolean =>
    !options.isStopping() && exchanges.countOf(connection) === 0;
  const meet = (handler: Handler, response: ServerResponse): void => {
    const { req: request } = response;
    if (closing.has(request.socket)) return;
    const fault = findFault(request, { limits, exchanges, inPiece: countInPiece(request.socket) });
    const isBehindAnother = response.socket === null;
    let hadItsTurn = false;
    const takeTurn = (): boolean => (hadItsTurn = line.hasRoomBeside());
    if (fault === null && isPlain(request.socket) && options.answerAtOnce(request, response, takeTurn)) {
      // What the system has taken whole is over. What waits for its reader, or is told one answer before it on its
      // connection, counts like any other answer.
      if (isBehindAnother || request.socket.writableLength > 0) beginWith(response, true);
      else if (response.shouldKeepAlive) repeated.noteAnswered(request);
      return;
    }
    if (options.isStopping()) response.setHeader('connection', 'close');
    else if (response.shouldKeepAlive && request.httpVersion === '1.1')
      response.setHeader('keep-alive', keepAlive);
    const exchange = beginWith(response);
    if (fault === 'pipelined') closing.add(response.req.socket);
    if (fault === 'malformed-request' || fault === 'pipelined') refuse(response, fault);
    else if (options.isAlwaysAnswered(request.url?.split('?', 1)[0] ?? '')) handler(response.req, response);
    else if (fault !== null) refuse(response, fault);
    else line.join({ handler, response, exchange, hadItsTurn });
  };
  const repeated = createRepeatedRequests({
    limits,
    answerAgain(request) {
      const { socket: connection } = request;
      if (!isPlain(connection) || exchanges.hasTooManyUntaken(limits.untakenAnswers)) return false;
      if (!options.answerAgain(request)) return false;
      if (connection.writableLength > 0) {
        const exchange = begin(connection, null, true);
        connection.write('', () => end(exchange, connection));
      }
      return true;
    },
  });

  return {
    createServer(handler) {
      const server = createLimitedServer(limits);
      idleClosing.guard(server);
      const onRequest = (_request: IncomingMessage, response: ServerResponse): void =>
        meet(handler, response);
      server.on('request', onRequest);
      // An unknown `Expect` may be ignored (RFC 9110, section 10.1.1); Node's own answer is not in our shape.
      server.on('checkExpectation', onRequest);
      server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
        // To an answer that waits behind another Node would add it after the head. Who is told nothing sends his body
        // all the same (RFC 9110, section 10.1.1), and whether it is one more request would be a guess.
        if (response.socket === null) response.shouldKeepAlive = false;
        else response.writeContinue();
        onRequest(request, response);
      });
      server.on('connect', (request, connection) => {
        repeated.forget(request.socket);
        // Node leaves such a connection to us with nobody who hears its errors: one reset would end the process.
        connection.on('error', () => connection.destroy());
        this.answerClientError(new Error('no tunnels'), connection);
      });
      const idle = createIdleConnections({
        keepAliveMs: limits.keepAliveMs,
        monotonicMs,
        isOwed: (connection) => exchanges.countOf(connection) > 0,
      });
      server.on('connection', (connection) => {
        line.noteConnection();
        idle.watch(connection);
        connection.once('close', () => exchanges.forget(connection));
      });
      server.on('drop', () => reportFault('too-many-connections'));
      server.on('timeout', cutSlowReader);
      const timer = setInterval(() => {
        idle.closeIdle();
        cutSlowExchanges(monotonicMs() - limits.exchangeMs);
      }, limits.checkConnectionsEveryMs).unref();
      server.on('close', () => clearInterval(timer));
      return server;
    },
    closeAfterAnswers() {
      for (const response of exchanges.findUnanswered())
        response.setHeader('connection', 'close').removeHeader('keep-alive');
    },
    answerClientError(error, connection) {
      if (error.code === 'ECONNRESET' || connection.destroyed) return;
      const type = clientProblem(error.code);
      reportFault(type);
      if (!connection.writable || exchanges.isAnswering(connection)) {
        connection.end(() => connection.destroy());
        return;
      }
      const answer = makePlainAnswer(new Problem(type, PROBLEM[type].help), place());
      connection.end(formatPlainAnswer(answer, new Date(options.nowMs())), () => connection.destroy());
    },
  };
}

function createLimitedServer(limits: ServerLimits): Server {
  const server = createServer({
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.checkConnectionsEveryMs,
    // Told and kept by ourselves, see `idle-connections.ts`.
    keepAliveTimeout: 0,
    maxHeaderSize: limits.headerBytes,
    // Checked here, because Node's own answer is empty.
    requireHostHeader: false,
    // A request without a body has no end to wait for.
    optimizeEmptyRequests: true,
  });
  server.maxHeadersCount = limits.headerCount;
  server.maxConnections = limits.connections;
  return server;
}

function findFault(
  request: IncomingMessage,
  { limits, exchanges, inPiece }: { limits: ServerLimits; exchanges: Exchanges; inPiece: number },
): FaultKind | null {
  // RFC 9112, section 3.2.
  if (request.headers.host === undefined && request.httpVersion === '1.1') return 'malformed-request';
  if (Math.max(exchanges.countOf(request.socket), inPiece - 1) >= limits.pipelinedRequests)
    return 'pipelined';
  return exchanges.hasTooManyUntaken(limits.untakenAnswers) ? 'untaken-answers' : null;
}

/** Made once: an error takes its stack when it is made, which would be the dearest part of a refusal. */
function createRefusals(random: () => number): (fault: FaultKind) => Problem {
  const malformed = new Problem('malformed-request', 'A request has a `Host` header.', {
    headers: { connection: 'close' },
  });
  const overloaded = Array.from(
    { length: RETRY_SPREAD_SECONDS },
    (_, seconds) =>
      new Problem('overloaded', PROBLEM.overloaded.help, {
        headers: { 'retry-after': String(SHORTEST_RETRY_SECONDS + seconds) },
      }),
  );
  const pipelined = new Problem('overloaded', PROBLEM.overloaded.help, {
    headers: { 'retry-after': String(SHORTEST_RETRY_SECONDS), connection: 'close' },
  });
  return (fault) => {
    if (fault === 'malformed-request') return malformed;
    // One refusal and no more: a connection that writes without end would keep everybody else waiting.
    if (fault === 'pipelined') return pipelined;
    // Spread, so that those who were refused together do not come back together.
    return overloaded[Math.floor(random() * overloaded.length)] ?? malformed;
  };
}

function clientProblem(code: string | undefined): ProblemType & FaultKind {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-request';
}
