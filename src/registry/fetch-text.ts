import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errors, type Dispatcher } from 'undici';
import {
  RegistryAnswerTooLarge,
  RegistryBusy,
  RegistryContractBroken,
  RegistryError,
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
  /** The content type, in lower case; empty when the answer names none. */
  readonly type: string;
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
    if (response.statusCode !== 200 && response.statusCode !== 304)
      throw await readFailure(response, request);
    const text = await readBody(response, request.limits.bodyBytes);
    return response.statusCode === 304 ? answerWith(response, 304, '') : readAnswer(response, text);
  } catch (error) {
    throw asRegistryError(error, request.signal);
  }
}

/** Enough of a failure's body for a log; the rest of it is nobody's business. */
const FAILURE_TEXT_BYTES = 4_096;

/** What a status says is true whatever becomes of its body: a 403 whose page is cut off stays a 403. */
async function readFailure(response: Response, request: TextRequest): Promise<Error> {
  const upstreamText = await readStart(response, FAILURE_TEXT_BYTES).catch(() => '');
  request.signal?.throwIfAborted();
  return judgeFailure(response, upstreamText, request.nowMs());
}

/** A server error counts as one that passes even when a proxy wraps it in a page; so does no other page. */
function judgeFailure(response: Response, upstreamText: string, nowMs: number): RegistryError {
  const { statusCode: status, headers } = response;
  const words = { upstreamText };
  if (status === 403) return new RegistryRefused('The registry answered 403', words);
  const retryAfterMs = parseRetryAfter(headerOf(headers, 'retry-after'), nowMs);
  if ((status === 429 || status === 503) && retryAfterMs !== null)
    return new RegistryBusy(`The registry answered ${status} and asked to wait`, retryAfterMs, words);
  if (status === 408 || status === 429 || status >= 500)
    return new RegistryUnreachable(`The registry answered ${status}`, words);
  return new RegistryContractBroken(`The registry answered ${status}`, status, words);
}

function readAnswer(response: Response, text: string): TextAnswer {
  const answer = answerWith(response, 200, text);
  if (answer.type.startsWith('text/html') || /^\s*</.test(text))
    throw new RegistryRefused('The registry answered with a page', { upstreamText: text });
  if (text.trim() === '') throw new RegistryUnreachable('The registry answered 200 with nothing');
  return answer;
}

function answerWith({ headers }: Response, status: 200 | 304, text: string): TextAnswer {
  const type = headerOf(headers, 'content-type')?.toLowerCase() ?? '';
  return { status, etag: headerOf(headers, 'etag') || null, type, text };
}

function headerOf(headers: Response['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/**
 * Reads and unzips a body, counting what comes out: a small gzip body can unfold into gigabytes. It is UTF-8
 * whatever its charset says (RFC 8259, section 8.1); bytes that are not cost the study that has them a character.
 */
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

async function readStart(response: Response, bytes: number): Promise<string> {
  let start = Buffer.alloc(0);
  for await (const chunk of plainStream(response)) {
    start = Buffer.concat([start, chunk as Buffer]);
    if (start.length >= bytes) break;
  }
  return start.subarray(0, bytes).toString('utf8');
}

function plainStream(response: Response): Readable {
  const coding = headerOf(response.headers, 'content-encoding')?.toLowerCase() ?? 'identity';
  if (coding === 'identity') return response.body;
  if (coding !== 'gzip' && coding !== 'x-gzip')
    throw new RegistryContractBroken(
      'The registry used a coding that we did not ask for',
      response.statusCode,
    );
  const unzipped = createGunzip();
  response.body.on('error', (error) => unzipped.destroy(error));
  unzipped.on('close', () => response.body.destroy());
  return response.body.pipe(unzipped);
}

/** Whatever keeps an answer from us is the registry's or the network's; a request that undici rejects is ours. */
function asRegistryError(error: unknown, callerSignal: AbortSignal | undefined): unknown {
  if (callerSignal?.aborted) return callerSignal.reason;
  if (error instanceof RegistryError || error instanceof errors.InvalidArgumentError) return error;
  return new RegistryUnreachable('No complete answer from the registry', { cause: error });
}
