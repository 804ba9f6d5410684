import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import process from 'node:process';
import type { CapturedAnswers } from './rival.ts';

/**
 * The most that Node alone can do: the bytes and the headers that the service sent, from a buffer and an array made
 * beforehand. It has no log, no metrics and no limits. Started with the file of answers and a port.
 */
const [, , file = '', port = ''] = process.argv;
const answers = JSON.parse(readFileSync(file, 'utf8')) as CapturedAnswers;
const prebuilt = new Map(
  Object.entries(answers).map(([name, { status, head, body }]) => [
    `/${name}`,
    { status, head, bytes: Buffer.from(body, 'base64') },
  ]),
);

createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
  const known = prebuilt.get(request.url ?? '');
  if (known === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(known.status, [...known.head, 'x-request-id', randomUUID()]);
  if (known.status === 304) response.end();
  else response.end(known.bytes);
}).listen(Number(port), '127.0.0.1');
