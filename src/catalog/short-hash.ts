import { createHash } from 'node:crypto';

/** 16 hex digits, by which things are told apart that we made ourselves: nobody tries to make two collide. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
