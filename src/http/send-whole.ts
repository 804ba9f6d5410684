import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatFields, type AnswerHead, type FlatHeaders } from './answer-heads.ts';
import { formatKeepAlive } from './idle-connections.ts';

/** A whole answer: what is told of it alone comes apart from what is told of it every time. */
export interface WholeAnswer {
  readonly head: AnswerHead;
  /** Of this request alone: numbers and words of ours, which are not looked through. */
  readonly ownHead: FlatHeaders;
  /** `null` when only the head is to be sent. */
  readonly body: Buffer | null;
}

/** Both say whether the system has taken all, so that the body is under way no more. */
export interface WholeSender {
  /** Sends a whole answer; nothing may have been said on the response before. */
  send(response: ServerResponse, answer: WholeAnswer): boolean;
  /** The same without a response, where the plain case is given: see `repeated-requests.ts`. */
  sendPast(connection: Socket, answer: WholeAnswer): boolean;
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
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: ${formatKeepAlive(keepAliveMs)}\r\n\r\n`;
  let second = Number.NaN;
  let end = '';
  /** The date and all that comes behind it. */
  const endOfHead = (): string => {
    const now = nowMs();
    const thisSecond = Math.floor(now / SECOND_MS);
    if (thisSecond !== second) end = `Date: ${new Date(now).toUTCString()}\r\n${keepAlive}`;
    second = thisSecond;
    return end;
  };
  const sendPast = (connection: Socket, { head, ownHead, body }: WholeAnswer): boolean => {
    const text = head.commonText + head.ownText + formatFields(ownHead) + endOfHead();
    if (body === null) connection.write(text, 'latin1');
    else {
      connection.cork();
      connection.write(text, 'latin1');
      connection.write(body);
      connection.uncork();
    }
    return connection.writableLength === 0;
  };
  return {
    sendPast,
    send(response, answer) {
      const { socket: connection } = response;
      if (connection === null || !isPlainCase(response)) {
        const { head, ownHead, body } = answer;
        response.writeHead(head.status, [...head.fields(), ...ownHead]);
        if (body === null) response.end();
        else response.end(body);
        // It may wait in the response, for those before it, where nobody sees how much of it has gone.
        return false;
      }
      const isTaken = sendPast(connection, answer);
      if (isTaken) response.emit('finish');
      // Who has gone meanwhile is told of by the close of his connection.
      else connection.write('', (error) => void (error ?? response.emit('finish')));
      return isTaken;
    },
  };
}

/** The connection stays and can be written to, and nothing is before the answer on it. */
function isPlainCase({ req, socket, shouldKeepAlive }: ServerResponse): boolean {
  return shouldKeepAlive && req.httpVersion === '1.1' && socket?.writableLength === 0 && socket.writable;
}
