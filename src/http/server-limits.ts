/**
 * What bounds time, sockets and memory at the door. Every one has a default here and no other: Fastify's and Node's
 * own are "none" for several of them. Tests pass smaller values to `buildApp`.
 */
export const SERVER_LIMITS = {
  /** From the first byte of a connection or request to the last of its body. Holds a slow body, and silence. */
  requestTimeoutMs: 10_000,
  /** The same up to the end of the headers (slowloris). */
  headersTimeoutMs: 10_000,
  /** How often Node looks for what has exceeded these two; they may be exceeded by as much. */
  checkConnectionsEveryMs: 2_000,
  /** Longer than the 60 s of common load balancers, so that they close first and no request meets a closed door. */
  keepAliveMs: 72_000,
  /** Without a byte in or out on a connection that owes or is owed something. Holds a reader who has stopped. */
  inactivityMs: 30_000,
  /** From the headers of a request to the last byte of its answer. Holds a reader of one byte a second. */
  exchangeMs: 60_000,
  /** The request line and all headers together; Node's parser counts while it reads. */
  headerBytes: 8_192,
  headerCount: 100,
  /** Of a request that is kept with its connection, to be known again: 8 KB of memory each, 40 MB for all. */
  knownRequestBytes: 2_048,
  urlBytes: 2_048,
  paramCharacters: 100,
  bodyBytes: 4_096,
  connections: 5_000,
  /** Requests of one connection that wait for their answers: 64 KB hold a thousand of them, each owed 200 KB. */
  pipelinedRequests: 16,
  /** Answers that were made and are not yet taken, over all connections: with lists of 200 KB at most 100 MB. */
  untakenAnswers: 500,
  /** The longest wait for an answer to be begun, when the line of those who wait was empty a moment ago. */
  burstWaitMs: 100,
  /** The same when the line has stood for `overloadAfterMs`; the refusals must be told in 50 ms (P6). */
  overloadWaitMs: 20,
  overloadAfterMs: 100,
  waitingRequests: 1_000,
  /** A line this short is answered whole, however long the process stood still: that costs a few milliseconds. */
  shortLine: 16,
  /** The line's share of one turn of the event loop, at most. */
  longestTurnMs: 10,
  /** So long a turn may go on making answers, in the line or beside it, while no new connections come: some twenty lists. */
  shortTurnMs: 2,
  answerCacheBytes: 32 * 1024 * 1024,
  /** Of what pages say of trials whatever is asked: both views of some 400 trials in both languages. */
  trialBlankBytes: 24 * 1024 * 1024,
  /** Of addresses that lead to answers past the router. */
  addressBytes: 4 * 1024 * 1024,
} as const satisfies Record<string, number>;
export type ServerLimits = { readonly [Name in keyof typeof SERVER_LIMITS]: number };
