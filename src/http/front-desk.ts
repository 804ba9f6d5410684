import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { ToldAnswer } from './access-log.ts';
import { lendBody } from './answer-bodies.ts';
import { chooseEncoding, matchesTag } from './negotiate.ts';
import { hasBody } from './request-body.ts';
import type { RateLimit } from './rate-limit.ts';
import type { AnswerCache } from './answer-cache.ts';
import { headOf, represent } from './rendered-answers.ts';
import type { WholeSender } from './send-whole.ts';
import type { KeptAnswer } from './trial-answers.ts';

/** Where the answer of an address is kept, and which route it belongs to. */
export interface Shelf {
  readonly key: string;
  readonly route: string;
}

/** Finds or makes an answer, once it is sure that it may be given. */
export type Opener = () => KeptAnswer & Shelf;

/**
 * Answers what was asked before in the very same words, before any router: a look into two maps and one write. New
 * questions for lists it answers too, in the line of those who wait or where nobody waits. What it does not know, or may
 * not answer, it leaves to the router, whose answers are the same to the byte.
 */
export interface FrontDesk {
  /** From now on this address is answered from there, as long as the list stays as it is. */
  readonly remember: (address: string, shelf: Shelf) => void;
  /**
   * True when the request is answered.
   * @param mayRender whether it is this request's turn, so that an answer may be made for it; asked only where one must
   */
  readonly answer: (request: IncomingMessage, response: ServerResponse, mayRender: () => boolean) => boolean;
  /** The same for a request that has come again and that nobody has read again: it has no response. */
  readonly answerAgain: (request: IncomingMessage) => boolean;
}

export function createFrontDesk(options: {
  answers: AnswerCache;
  /** Tells the editions apart that answers are made of; `null` while nothing may be served. */
  editionKey: () => string | null;
  rateLimit: RateLimit | null;
  /** Finds or makes the answer of an address; `null` when that is the router's. Nothing is opened unless given. */
  findOpener?: (address: string) => Opener | null;
  /** Of all addresses together. */
  addressBytes: number;
  sender: WholeSender;
  monotonicMs: () => number;
  tell: (answer: ToldAnswer) => void;
  onFault: (error: unknown) => void;
}): FrontDesk {
  const { answers, editionKey, rateLimit, findOpener, sender, monotonicMs, tell } = options;
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
  const remember = (address: string, shelf: Shelf): void => {
    const edition = clearOld();
    if (edition !== null && shelf.key.startsWith(edition)) shelves.set(address, shelf);
  };
  const findKept = (address: string): (KeptAnswer & Shelf) | null => {
    const shelf = shelves.get(address);
    const answer = shelf && answers.find(shelf.key);
    return shelf === undefined || answer === undefined
      ? null
      : { answer, key: shelf.key, route: shelf.route, hit: true };
  };
  /** What is to be told of the answer; `null` when it is the router's. */
  const answer = (
    request: IncomingMessage,
    response: ServerResponse | null,
    mayRender: () => boolean,
  ): ToldAnswer | null => {
    const beganMs = monotonicMs();
    const { method = '', url: address = '' } = request;
    if ((method !== 'GET' && method !== 'HEAD') || hasBody(request)) return null;
    clearOld();
    const kept = findKept(address);
    const open = kept === null && mayRender() ? findOpener?.(address) : null;
    if (kept === null && !open) return null;
    const allowance = rateLimit?.countIfAllowed(request);
    // The router refuses, with all that a refusal says.
    if (allowance === null) return null;
    const { answer: opened, key, route, hit } = kept ?? (open as Opener)();
    if (kept === null && opened.keeper !== null) remember(address, { key, route });
    const { headers } = request;
    const representation = represent(opened, chooseEncoding(headers['accept-encoding']));
    const isKnown = matchesTag(headers['if-none-match'], representation.etag);
    const requestId = randomUUID();
    const ownHead = ['x-request-id', requestId];
    if (allowance) ownHead.push('ratelimit-policy', allowance.policy, 'ratelimit', allowance.limit);
    const status = isKnown ? 304 : 200;
    const head = headOf(representation, status);
    const send = (body: Buffer | null): boolean => {
      const whole = { head, ownHead, body };
      return response === null ? sender.sendPast(request.socket, whole) : sender.send(response, whole);
    };
    if (isKnown || method === 'HEAD') send(null);
    else lendBody(representation.body, send);
    return {
      requestId,
      method,
      route,
      status,
      bytes: isKnown ? 0 : representation.body.length,
      milliseconds: monotonicMs() - beganMs,
      cache: hit ? 'hit' : 'miss',
    };
  };
  const tryToAnswer = (
    request: IncomingMessage,
    response: ServerResponse | null,
    mayRender: () => boolean,
  ): boolean => {
    let answered: ToldAnswer | null = null;
    try {
      answered = answer(request, response, mayRender);
      if (answered !== null) tell(answered);
    } catch (error) {
      options.onFault(error);
      // Nobody above would catch it. What has no head yet can still be answered by the router; what is answered must
      // not be, and its head does not show where it went past the response.
      if (answered === null && response?.headersSent === true) response.destroy();
      return answered !== null || response?.headersSent === true;
    }
    return answered !== null;
  };
  return {
    remember,
    answer: tryToAnswer,
    answerAgain: (request) => tryToAnswer(request, null, () => false),
  };
}
