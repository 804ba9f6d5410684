import { STATUS_CODES, validateHeaderValue, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatKeepAlive } from './idle-connections.ts';

/** A whole answer: what is told of it alone comes apart from what is told of it every time. */
export interface WholeAnswer {
  readonly status: 200 | 304;
  /** Names and values in turn; the same array for the same answer, since its text is kept by it. Values are checked. */
  readonly head: readonly string[];
  /** Names and values in turn, of this request alone: numbers and words of ours, which are not looked through. */
  readonly ownHead: readonly string[];
  /** `null` when only the head is to be sent. */
  readonly body: Buffer | null;
}

export interface WholeSender {
  /** Sends a whole answer; nothing may have been said on the response before. */
  send(response: ServerResponse, answer: WholeAnswer): void;
  /** The same without a response, where the plain case is given: see `repeated-requests.ts`. */
  sendPast(connection: Socket, answer: WholeAnswer): void;
}

const SECOND_MS = 1_000;

/**
 * Node looks through every header of every answer, again each time. Here the text of a head is made and checked once,
 * and head and body go to the socket in one write, past the response. That all is with the system is told in Node's own
 * way: by the event that the server waits for. Costs a third to a half less than raw `node:http`
 * (docs/decisions/0009-write-past-the-response.md). Whatever is not the plain case goes through Node as ever.
 */
export function createWholeSender({
  keepAliveMs,
  nowMs,
}: {
  keepAliveMs: number;
  nowMs: () => number;
}): WholeSender {
  const texts = new WeakMap<readonly string[], string>();
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: ${formatKeepAlive(keepAliveMs)}\r\n\r\n`;
  const textOf = (status: number, head: readonly string[]): string => {
    const known = texts.get(head);
    if (known !== undefined) return known;
    for (let index = 0; index < head.length; index += 2)
      validateHeaderValue(head[index] as string, head[index + 1] as string);
    const parts = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${formatHead(head)}`;
    // A text that was added up stays a tree of its parts, which every answer would walk anew.
    const text = Buffer.from(parts, 'latin1').toString('latin1');
    texts.set(head, text);
    return text;
  };
  let second = Number.NaN;
  let date = '';
  const dateLine = (): string => {
    const now = nowMs();
    const thisSecond = Math.floor(now / SECOND_MS);
    if (thisSecond !== second) date = `Date: ${new Date(now).toUTCString()}\r\n`;
    second = thisSecond;
    return date;
  };
  const sendPast = (connection: Socket, { status, head, ownHead, body }: WholeAnswer): void => {
    const text = textOf(status, head) + formatHead(ownHead) + dateLine() + keepAlive;
    if (body === null) {
      connection.write(text, 'latin1');
      return;
    }
    connection.cork();
    connection.write(text, 'latin1');
    connection.write(body);
    connection.uncork();
  };
  return {
    sendPast,
    send(response, answer) {
      const { socket: connection } = response;
      if (connection === null || !isPlainCase(response)) {
        response.writeHead(answer.status, [...answer.head, ...answer.ownHead]);
        if (answer.body === null) response.end();
        else response.end(answer.body);
        return;
      }
      sendPast(connection, answer);
      if (connection.writableLength === 0) response.emit('finish');
      // Who has gone meanwhile is told of by the close of his connection.
      else connection.write('', (error) => void (error ?? response.emit('finish')));
    },
  };
}

/** The connection stays and can be written to, and nothing is before the answer on it. */
function isPlainCase({ req, socket, shouldKeepAlive }: ServerResponse): boolean {
  return shouldKeepAlive && req.httpVersion === '1.1' && socket?.writableLength === 0 && socket.writable;
}

function formatHead(head: readonly string[]): string {
  let text = '';
  for (let index = 0; index < head.length; index += 2) text += `${head[index]}: ${head[index + 1]}\r\n`;
  return text;
}
