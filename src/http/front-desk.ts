import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { ToldAnswer } from './access-log.ts';
import { chooseEncoding, matchesTag } from './negotiate.ts';
import type { RateLimit } from './rate-limit.ts';
import type { AnswerCache } from './rendered-answers.ts';

/** Where the answer of an address is kept, and which route it belongs to. */
export interface Shelf {
  readonly key: string;
  readonly route: string;
}

/**
 * Answers what was asked before in the very same words, before any router: a look into two maps and one write. What
 * it does not know, or may not answer, it leaves to the router, whose answers are the same to the byte.
 */
export interface FrontDesk {
  /** From now on this address is answered from there, as long as the list stays as it is. */
  readonly remember: (address: string, shelf: Shelf) => void;
  /** True when the request is answered. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export function createFrontDesk(options: {
  answers: AnswerCache;
  /** Tells the editions apart that answers are made of; `null` while nothing may be served. */
  editionKey: () => string | null;
  rateLimit: RateLimit | null;
  /** Of all addresses together. */
  addressBytes: number;
  monotonicMs: () => number;
  tell: (answer: ToldAnswer) => void;
  onFault: (error: unknown) => void;
}): FrontDesk {
  const { answers, editionKey, rateLimit, monotonicMs, tell } = options;
  const shelves = new LRUCache<string, Shelf>({
    maxSize: options.addressBytes,
    sizeCalculation: ({ key }, address) => 2 * (address.length + key.length) + 200,
  });
  let knownEdition: string | null = null;
  const clearOld = (): string | null => {
    const edition = editionKey();
    if (edition !== knownEdition) shelves.clear();
    knownEdition = edition;
    return edition;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
    const beganMs = monotonicMs();
    const { method } = request;
    if ((method !== 'GET' && method !== 'HEAD') || hasBody(request)) return false;
    clearOld();
    const shelf = shelves.get(request.url ?? '');
    if (shelf === undefined) return false;
    const kept = answers.find(shelf.key);
    if (kept === undefined) return false;
    const allowance = rateLimit?.countIfAllowed(request);
    // The router refuses, with all that a refusal says.
    if (allowance === null) return false;
    const { headers } = request;
    const representation = kept.represent(chooseEncoding(headers['accept-encoding']));
    const isKnown = matchesTag(headers['if-none-match'], representation.etag);
    const requestId = randomUUID();
    const head = [...(isKnown ? representation.notModifiedHead : representation.head)];
    head.push('x-request-id', requestId);
    if (allowance) head.push('ratelimit-policy', allowance.policy, 'ratelimit', allowance.limit);
    const status = isKnown ? 304 : 200;
    response.writeHead(status, head);
    if (isKnown) response.end();
    else response.end(representation.bytes);
    tell({
      requestId,
      method,
      route: shelf.route,
      status,
      bytes: isKnown ? 0 : representation.bytes.length,
      milliseconds: monotonicMs() - beganMs,
      cache: 'hit',
    });
    return true;
  };
  return {
    remember(address, shelf) {
      const edition = clearOld();
      if (edition !== null && shelf.key.startsWith(edition)) shelves.set(address, shelf);
    },
    answer(request, response) {
      try {
        return answer(request, response);
      } catch (error) {
        options.onFault(error);
        // Nobody above would catch it. What has no head yet can still be answered by the router.
        if (response.headersSent) response.destroy();
        return response.headersSent;
      }
    },
  };
}

/** Somebody has to read it. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}
