import { writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { waitForRest } from '../pinned-processes.ts';
import type { World } from '../saved-world.ts';
import type { CapturedAnswer, CapturedAnswers, Question, Rival, Surroundings } from './rival.ts';

/** The service as a user starts it, and its answers as the others are to give them. */

const LIST_BYTES = 30_000;
/** Differ from answer to answer, or are written by Node itself. */
const NOT_COPIED = new Set(['date', 'connection', 'keep-alive', 'x-request-id']);

async function capture(port: number, { path, headers }: Question): Promise<CapturedAnswer> {
  const request = get({ port, host: '127.0.0.1', path, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const bytes = await buffer(response);
  const { rawHeaders } = response;
  const head = rawHeaders.filter(
    (_text, index) => !NOT_COPIED.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()),
  );
  return { path, headers, status: response.statusCode ?? 0, head, body: bytes.toString('base64') };
}

const sizeOf = ({ body }: CapturedAnswer): number => Buffer.byteLength(body, 'base64');

/** The length of page that comes nearest to 30 KB. */
export async function findLimit(port: number): Promise<number> {
  const sizes: { limit: number; bytes: number }[] = [];
  for (let limit = 1; limit <= 60; limit++) {
    const answer = await capture(port, { path: `/v1/trials?limit=${limit}`, headers: {} });
    sizes.push({ limit, bytes: sizeOf(answer) });
    if (sizeOf(answer) > LIST_BYTES) break;
  }
  const away = ({ bytes }: { bytes: number }): number => Math.abs(bytes - LIST_BYTES);
  return sizes.toSorted((one, other) => away(one) - away(other))[0]?.limit ?? 1;
}

async function captureAll(port: number, limit: number): Promise<CapturedAnswers> {
  const path = `/v1/trials?limit=${limit}`;
  const list = await capture(port, { path, headers: {} });
  const etag = list.head[list.head.findIndex((name) => name.toLowerCase() === 'etag') + 1] ?? '';
  const { data } = JSON.parse(Buffer.from(list.body, 'base64').toString()) as { data: { nctId: string }[] };
  return {
    list,
    listBrotli: await capture(port, { path, headers: { 'accept-encoding': 'br' } }),
    trial: await capture(port, { path: `/v1/trials/${data[0]?.nctId}`, headers: {} }),
    notModified: await capture(port, { path, headers: { 'if-none-match': etag } }),
  };
}

export async function startServiceRival(
  world: World,
  { folder, limit }: { folder: string; limit: number },
): Promise<{ service: Rival; surroundings: Surroundings }> {
  const { child, port, logFile } = await world.startService();
  await waitForRest(child);
  const answers = await captureAll(port, limit);
  if (answers.notModified.status !== 304) throw new Error('the service did not know its own tag');
  const answersFile = join(folder, 'answers.json');
  await writeFile(answersFile, JSON.stringify(answers));
  return {
    service: { name: 'service', child, port, logFile, questions: answers },
    surroundings: { folder, answersFile, answers, servicePort: port },
  };
}
