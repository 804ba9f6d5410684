import { hash } from 'node:crypto';
import { lendBytes } from './lent-bytes.ts';

/** The bytes of a body, which may not have been made yet. */
export interface Body {
  readonly length: number;
  /** Its own, made when first asked for, and kept. */
  readonly bytes: () => Buffer;
  /**
   * Shows the bytes to `use`, which says whether it is done with them when it returns: they may be there for it alone.
   * Hardly any list is asked for twice, and so only the second one to ask has bytes made that are kept.
   */
  readonly lend: (use: (bytes: Buffer) => boolean) => void;
}

/** A part of a body that was made earlier, and what stands for it where the tag is made. */
export interface Fragment {
  readonly bytes: Buffer;
  readonly name: string;
}

/** Stands in no text of JSON: so a hash is never taken for a text. */
const BESIDE_HASH = '\0';

/** A long part, whose hash stands for it. */
export function createFragment(text: string): Fragment {
  const bytes = Buffer.from(text);
  // Joined and not added up, which would be a tree that every tag walks.
  return { bytes, name: [BESIDE_HASH, hashText(bytes), BESIDE_HASH].join('') };
}

/** A part that is as short as a hash and stands for itself: the tag is that of the same text. */
export function createShortFragment(text: string): Fragment {
  return { bytes: Buffer.from(text), name: text };
}

export type Part = string | Fragment;

/** A body that is at hand. */
export function holdBytes(bytes: Buffer): Body {
  return { length: bytes.length, bytes: () => bytes, lend: (use) => void use(bytes) };
}

/** A body that stays in its parts until it is asked for again. */
export function holdParts(given: readonly Part[], length: number): Body {
  let parts = given;
  let own: Buffer | null = null;
  let wasLent = false;
  const bytes = (): Buffer => {
    if (own === null) {
      own = Buffer.allocUnsafeSlow(length);
      joinParts(parts, own);
      parts = [];
    }
    return own;
  };
  return {
    length,
    bytes,
    lend(use) {
      if (wasLent || own !== null) use(bytes());
      else {
        wasLent = true;
        lendBytes(length, (lent) => joinParts(parts, lent), use);
      }
    },
  };
}

/** `Buffer.concat` would want a buffer of every text. */
function joinParts(parts: readonly Part[], body: Buffer): void {
  let end = 0;
  for (const part of parts)
    if (typeof part === 'string') end += body.write(part, end);
    else {
      body.set(part.bytes, end);
      end += part.bytes.length;
    }
}

export function hashText(text: string | Buffer): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
