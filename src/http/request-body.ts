import type { IncomingMessage } from 'node:http';

/** By its head (RFC 9112, section 6.3): it does not end there, and somebody has to read on. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}
