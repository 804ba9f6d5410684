import { connect } from 'node:net';
import type { SeenAnswer } from './openapi-check.ts';

/** A request as bytes: clients of Node refuse to send most of what a hostile one sends. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sends bytes on a connection of their own and gives everything that came back, as Latin-1. Bytes that are no whole
 * request are ended by closing our half; Node's server may then close the other before an answer is ready.
 */
export async function sendBytes(port: number, bytes: Buffer, options = { isWhole: true }): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
    // A server that refuses early may reset; what it said before that is the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    if (options.isWhole) socket.write(bytes);
    else socket.end(bytes);
  });
}

export async function sendRaw(port: number, request: RawRequest): Promise<SeenAnswer> {
  return readAnswer(await sendBytes(port, formatRequest(request)));
}

export function formatRequest({ method, target, headers = {}, body }: RawRequest): Buffer {
  const content = Buffer.from(body ?? '');
  const lines = Object.entries({
    host: 'trials.example',
    connection: 'close',
    ...(body !== undefined && { 'content-length': String(content.length) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, content]);
}

/** Reads one answer that ends with its connection. */
export function readAnswer(text: string): SeenAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    statusCode: Number(statusLine.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: Buffer.from(text.slice(end + 4), 'latin1').toString(),
  };
}
