import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { hasBody } from './request-body.ts';

/**
 * Knows a request again by its bytes. On a connection at rest Node's parser would read the same bytes as the same
 * request, every time; so the one that it read stands for all that are equal to it. Nothing here reads HTTP: what is
 * not equal to the byte is read by Node, as ever.
 *
 * For those who ask the same again and again on one connection, as programs do. Others pay nothing: a connection is
 * listened to only once it repeats itself (docs/decisions/0011-the-same-bytes-again.md).
 */
export interface RepeatedRequests {
  /** To be told of every request that Node has read and that was answered at once, and the answer taken at once. */
  noteAnswered(request: IncomingMessage): void;
  /** What comes on it from now on is no request any more. */
  forget(connection: Socket): void;
}

/** What is known of a connection. */
interface Memory {
  /** The one that was answered last, to be compared with the next. */
  answered: IncomingMessage | null;
  listening: Listening | null;
}
interface Listening {
  noteAnswered(request: IncomingMessage): void;
  stop(): void;
}

interface Limits {
  /** So many headers of a request are shown by Node; its parser may obey those behind them, too. */
  readonly headerCount: number;
  /** Of a request that is kept, as it came and as Node shows it: spaces before a value are in the former alone. */
  readonly knownRequestBytes: number;
}

export function createRepeatedRequests({
  limits,
  answerAgain,
}: {
  limits: Limits;
  /** Answers a request once more, or says that it has to be read and met like any other. */
  answerAgain: (request: IncomingMessage) => boolean;
}): RepeatedRequests {
  const memories = new WeakMap<Socket, Memory>();

  return {
    noteAnswered(request) {
      if (!isPlain(request) || !isSmall(request, limits)) return;
      const { socket: connection } = request;
      const memory = memories.get(connection);
      if (memory === undefined) memories.set(connection, { answered: request, listening: null });
      else if (memory.listening !== null) memory.listening.noteAnswered(request);
      else {
        // What Node has paused it would read on from the system itself, past who listens.
        if (memory.answered !== null && !connection.isPaused() && asksTheSame(request, memory.answered))
          memory.listening = listen(connection, { limits, answerAgain });
        memory.answered = memory.listening === null ? request : null;
      }
    },
    forget: (connection) => memories.get(connection)?.listening?.stop(),
  };
}

/** Comes between the connection and Node's parser; `null` where somebody else listens, too. */
function listen(
  connection: Socket,
  { limits, answerAgain }: { limits: Limits; answerAgain: (request: IncomingMessage) => boolean },
): Listening | null {
  const listeners = connection.listeners('data') as ((bytes: Buffer) => void)[];
  const [readByNode] = listeners;
  if (readByNode === undefined || listeners.length > 1) return null;
  let known: { readonly bytes: Buffer; readonly request: IncomingMessage } | null = null;
  // Whether the parser stands between two requests is not known yet: this begins in the middle of a piece.
  let isAtRest = false;
  let answered: IncomingMessage | null = null;
  const takeAnswered = (): IncomingMessage | null => {
    const taken = answered;
    answered = null;
    return taken;
  };
  const hear = (bytes: Buffer): void => {
    if (isAtRest && known?.bytes.equals(bytes) === true && answerAgain(known.request)) return;
    const wasAtRest = isAtRest;
    // Those that came behind the one with which this began, in its piece.
    takeAnswered();
    readByNode.call(connection, bytes);
    const request = takeAnswered();
    isAtRest = request !== null && isOneHead(bytes);
    if (request !== null && isAtRest && wasAtRest && bytes.length <= limits.knownRequestBytes)
      known = { bytes, request };
  };
  // Node's parser takes the bytes from the system itself until somebody else listens, and then leaves that be.
  connection.on('data', hear);
  connection.off('data', readByNode);
  return {
    noteAnswered(request) {
      answered = request;
    },
    stop: () => connection.off('data', hear),
  };
}

const END_OF_HEAD = '\r\n\r\n';

/**
 * Ends where its only head ends, and begins with none of the end of another: no more than one request was read from it,
 * and nothing is left over.
 */
function isOneHead(bytes: Buffer): boolean {
  return (
    !END_OF_HEAD.includes(String.fromCharCode(bytes[0] ?? 0)) &&
    bytes.indexOf(END_OF_HEAD, 0, 'latin1') === bytes.length - END_OF_HEAD.length
  );
}

/** It ends with its head, and Node's parser goes on as it was: after an `Upgrade` it does not, even where nobody does. */
function isPlain(request: IncomingMessage): boolean {
  const { httpVersion, headers } = request;
  return (
    httpVersion === '1.1' &&
    headers.expect === undefined &&
    headers.upgrade === undefined &&
    !hasBody(request)
  );
}

/** Node shows the whole of it, and there is room for one on each connection. */
function isSmall({ url = '', rawHeaders }: IncomingMessage, limits: Limits): boolean {
  if (rawHeaders.length > 2 * limits.headerCount) return false;
  let bytes = url.length;
  for (const text of rawHeaders) bytes += text.length;
  return bytes <= limits.knownRequestBytes;
}

/** Compared from the end, where proxies write whom they ask for. */
function asksTheSame(one: IncomingMessage, other: IncomingMessage): boolean {
  const [headers, others] = [one.rawHeaders, other.rawHeaders];
  if (one.url !== other.url || one.method !== other.method || headers.length !== others.length) return false;
  for (let place = headers.length - 1; place >= 0; place--)
    if (headers[place] !== others[place]) return false;
  return true;
}
