import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** The page of the edge, 134 bytes. */
export const REFUSAL_PAGE =
  '<!doctype html><meta charset="utf-8"><meta name=viewport content="width=device-width, initial-scale=1"><title>403</title>403 Forbidden';

/** A fault of the answer as a whole; it replaces the answer. */
export type AnswerFault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'refused' | 'html' | 'empty' | 'truncated' | 'silence' | 'silence-in-body' | 'drip' }
  | { readonly kind: 'reset' | 'reset-in-body' | 'gzip-bomb' | 'bom' }
  | { readonly kind: 'redirect'; readonly location: string };

/** A fault of the pages' meaning; the answer is well-formed and wrong. */
export type PageFault = {
  readonly kind:
    | 'repeated-token'
    | 'endless-tokens'
    | 'expired-token'
    | 'doubled-study'
    | 'no-total'
    | 'wrong-total'
    | 'mixed-days'
    | 'refresh-in-walk';
};
export type Fault = (AnswerFault | PageFault) & {
  /** Only for paths that end so. */
  readonly path?: string;
  /** How many requests it meets; every one when absent. */
  readonly times?: number;
};

const PAGE_FAULTS = new Set<string>([
  'repeated-token',
  'endless-tokens',
  'expired-token',
  'doubled-study',
  'no-total',
  'wrong-total',
  'mixed-days',
  'refresh-in-walk',
]);

/** Faults that can be switched on and off while the server runs. */
export interface FaultSwitches {
  add(fault: Fault): void;
  clear(): void;
  takeAnswerFault(path: string): AnswerFault | null;
  takePageFault(path: string): PageFault['kind'] | null;
}

export function createFaultSwitches(): FaultSwitches {
  let faults: { fault: Fault; left: number }[] = [];
  const take = (path: string, ofPage: boolean): Fault | null => {
    const found = faults.find(
      ({ fault, left }) =>
        left > 0 &&
        PAGE_FAULTS.has(fault.kind) === ofPage &&
        (fault.path === undefined || path.endsWith(fault.path)),
    );
    if (found) found.left--;
    return found?.fault ?? null;
  };
  return {
    add: (fault) => faults.push({ fault, left: fault.times ?? Infinity }),
    clear() {
      faults = [];
    },
    takeAnswerFault: (path) => take(path, false) as AnswerFault | null,
    takePageFault: (path) => (take(path, true) as PageFault | null)?.kind ?? null,
  };
}

/** Plays a fault instead of an answer; what is left open ends with the server. */
export function playFault(fault: AnswerFault, response: ServerResponse): void {
  const send = (
    status: number,
    type: string,
    body: string | Buffer,
    more: Record<string, string> = {},
  ): void => {
    response.writeHead(status, { 'content-type': type, ...more });
    response.end(body);
  };
  switch (fault.kind) {
    case 'status':
      return send(
        fault.status,
        'text/plain; charset=UTF-8',
        '',
        fault.retryAfter ? { 'retry-after': fault.retryAfter } : {},
      );
    case 'refused':
      return send(403, 'text/html', REFUSAL_PAGE);
    case 'html':
      return send(200, 'text/html', '<!doctype html><title>Maintenance</title>');
    case 'empty':
      return send(200, 'application/json', '');
    case 'truncated':
      return send(200, 'application/json', '{"totalCount":1,"studies":[\n{"protocolSec');
    case 'bom':
      return send(
        200,
        'application/json',
        '\ufeff{ "apiVersion" : "2.0.5", "dataTimestamp" : "2026-11-20T09:00:04" }',
      );
    case 'gzip-bomb':
      return send(200, 'application/json', gzipSync(Buffer.alloc(8 * 1024 * 1024, 0x20)), {
        'content-encoding': 'gzip',
      });
    case 'redirect':
      return send(302, 'text/html', '', { location: fault.location });
    case 'silence':
      return undefined;
    case 'silence-in-body':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"studies":[');
      return undefined;
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
      return undefined;
    }
    case 'reset':
      response.destroy();
      return undefined;
    case 'reset-in-body':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"studies":[', () => response.destroy());
      return undefined;
    default:
      return fault satisfies never;
  }
}
