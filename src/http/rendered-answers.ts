import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';

export type Encoding = 'br' | 'gzip' | 'identity';

/** One body in one encoding with its own strong tag (RFC 9110, section 8.8.3: a tag belongs to a representation). */
export interface Representation {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** An answer that was rendered once and is sent as often as asked for. */
export interface RenderedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  represent(encoding: Encoding): Representation;
}

/** Smaller bodies grow when they are compressed. */
const SMALLEST_COMPRESSED_BYTES = 1_000;

/** Renders a value as JSON; encodings are made when first asked for and kept with it. */
export function renderJson(value: unknown, headers: Readonly<Record<string, string>> = {}): RenderedAnswer {
  const body = Buffer.from(JSON.stringify(value));
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const made = new Map<Encoding, Representation>([['identity', { bytes: body, etag: `"${hash}"` }]]);
  return {
    headers,
    represent(encoding) {
      const asked = body.length < SMALLEST_COMPRESSED_BYTES ? 'identity' : encoding;
      const known = made.get(asked);
      if (known) return known;
      const fresh = { bytes: compress(body, asked), etag: `"${hash}-${asked}"` };
      made.set(asked, fresh);
      return fresh;
    },
  };
}

function compress(body: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'gzip') return gzipSync(body, { level: 6 });
  if (encoding === 'br') return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  return body;
}

/** Rendered answers by key, bounded by bytes. Keys begin with the edition, so that no list answers for another. */
export interface AnswerCache {
  getOrRender(key: string, render: () => RenderedAnswer): { answer: RenderedAnswer; hit: boolean };
}

export function createAnswerCache(options: { maxBytes: number }): AnswerCache {
  const cache = new LRUCache<string, RenderedAnswer>({
    maxSize: options.maxBytes,
    // The body and, at most as large again, its compressed forms.
    sizeCalculation: (answer, key) => answer.represent('identity').bytes.length * 2 + key.length + 500,
  });
  return {
    getOrRender(key, render) {
      const known = cache.get(key);
      if (known) return { answer: known, hit: true };
      const answer = render();
      cache.set(key, answer);
      return { answer, hit: false };
    },
  };
}
