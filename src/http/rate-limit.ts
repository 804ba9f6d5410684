import type { IncomingMessage } from 'node:http';
import type { FindClient } from './client-address.ts';
import type { ClientCounts } from './client-counts.ts';

/** What a client may still ask, in the header fields of the IETF draft "RateLimit header fields for HTTP". */
export interface Allowance {
  readonly isExceeded: boolean;
  readonly resetSeconds: number;
  readonly policy: string;
  readonly limit: string;
}

/** So many requests a client and minute. */
export interface RateLimit {
  readonly perMinute: number;
  /** Counts the request; `null` when nobody is there to be answered. */
  count(request: IncomingMessage): Allowance | null;
  /** The same, but one that would be too many is left uncounted, and `null`. */
  countIfAllowed(request: IncomingMessage): Allowance | null;
}

/** `null` when there is none: 0 a minute. */
export function createRateLimit(options: {
  perMinute: number;
  findClient: FindClient;
  counts: ClientCounts;
}): RateLimit | null {
  const { perMinute, findClient, counts } = options;
  if (perMinute === 0) return null;
  const policy = `"client";q=${perMinute};w=60`;
  const describe = ({ current, leftMs }: { current: number; leftMs: number }): Allowance => {
    const resetSeconds = Math.max(1, Math.ceil(leftMs / 1000));
    const left = Math.max(0, perMinute - current);
    return {
      isExceeded: current > perMinute,
      resetSeconds,
      policy,
      limit: `"client";r=${left};t=${resetSeconds}`,
    };
  };
  const countUpTo = (request: IncomingMessage, most: number): Allowance | null => {
    const client = findClient(request);
    const count = client === null ? null : counts.count(client, most);
    return count === null ? null : describe(count);
  };
  return {
    perMinute,
    count: (request) => countUpTo(request, Infinity),
    countIfAllowed: (request) => countUpTo(request, perMinute),
  };
}
