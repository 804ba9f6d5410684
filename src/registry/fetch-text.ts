import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import {
  RegistryAnswerTooLarge,
  RegistryBusy,
  RegistryContractBroken,
  RegistryRefused,
  RegistryUnreachable,
} from './registry-errors.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Bounds of one request. */
export interface RequestLimits {
  readonly headersMs: number;
  readonly idleBodyMs: number;
  readonly requestMs: number;
  readonly bodyBytes: number;
}

/** A request for one of our paths; headers are ours alone. */
export interface TextRequest {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: RequestLimits;
  readonly nowMs: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** A good answer: 200 with its text, or 304 with an empty one. */
export interface TextAnswer {
  readonly status: 200 | 304;
  readonly etag: string | null;
  readonly text: string;
}

type Response = Dispatcher.ResponseData;

/**
 * Makes one request and reads its whole body within the limits. The deadline is a signal, because undici's own
 * header timer fires up to a second late, and it stays armed until the last byte. Redirects are not followed:
 * none of our paths redirects, so one is a broken contract whatever its host.
 * @throws one of the registry errors; an abort by the caller passes through
 */
export async function fetchText(request: TextRequest): Promise<TextAnswer> {
  const deadline = AbortSignal.timeout(request.limits.requestMs);
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
  try {
    const response = await request.dispatcher.request({
      origin: request.origin,
      path: request.path,
      method: 'GET',
      headers: { accept: 'application/json', 'accept-encoding': 'gzip', ...request.headers },
      headersTimeout: request.limits.headersMs,
      bodyTimeout: request.limits.idleBodyMs,
      signal,
    });
    const text = await readBody(response, request.limits.bodyBytes);
    return judgeAnswer(response, text, request.nowMs());
  } catch (error) {
    throw asRegistryError(error, request.signal);
  }
}

/** Reads and unzips a body, counting what comes out: a small gzip body can unfold into gigabytes. */
async function readBody(response: Response, bodyBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of plainStream(response)) {
    total += (chunk as Buffer).length;
    if (total > bodyBytes) throw new RegistryAnswerTooLarge(`An answer was over ${bodyBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '');
}

function plainStream(response: Response): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response.body;
  const unzipped = createGunzip();
  response.body.on('error', (error) => unzipped.destroy(error));
  unzipped.on('close', () => response.body.destroy());
  return response.body.pipe(unzipped);
}

function judgeAnswer(response: Response, text: string, nowMs: number): TextAnswer {
  const { statusCode: status, headers } = response;
  const etag = typeof headers['etag'] === 'string' ? headers['etag'] : null;
  if (status === 304) return { status, etag, text: '' };
  const retryAfter = headers['retry-after'];
  const retryAfterMs = parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, nowMs);
  const words = { upstreamText: text };
  if ((status === 429 || status === 503) && retryAfterMs !== null)
    throw new RegistryBusy(`The registry answered ${status} and asked to wait`, retryAfterMs, words);
  if (status === 408 || status === 429 || status >= 500)
    throw new RegistryUnreachable(`The registry answered ${status}`, words);
  const html =
    String(headers['content-type'] ?? '').startsWith('text/html') || text.trimStart().startsWith('<');
  if (status === 403 || html) throw new RegistryRefused(`The registry answered ${status} with a page`, words);
  if (status !== 200) throw new RegistryContractBroken(`The registry answered ${status}`, status, words);
  if (text.trim() === '') throw new RegistryUnreachable('The registry answered 200 with nothing');
  return { status, etag, text };
}

function asRegistryError(error: unknown, callerSignal: AbortSignal | undefined): unknown {
  if (callerSignal?.aborted) return callerSignal.reason;
  if (
    error instanceof RegistryAnswerTooLarge ||
    error instanceof RegistryBusy ||
    error instanceof RegistryContractBroken ||
    error instanceof RegistryRefused ||
    error instanceof RegistryUnreachable
  )
    return error;
  return new RegistryUnreachable('No complete answer from the registry', { cause: error });
}
