import { promisify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
} from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { createAnswerHead, createCommonHead, type AnswerHead, type FlatHeaders } from './answer-heads.ts';
import { hashText, holdBytes, holdParts, type Body, type Part } from './answer-bodies.ts';
import { ANSWER_HEADERS } from './fixed-headers.ts';

export const ENCODINGS = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** One body in one encoding with its own strong tag (RFC 9110, section 8.8.3: a tag belongs to a representation). */
export interface Representation extends Body {
  readonly etag: string;
  /** Of a 200 and of a 304: all headers that are the same for every request. */
  head(status: AnswerHead['status']): AnswerHead;
  /** What is told of it beside what is told of every answer; a 200 says `contentHeaders` as well. */
  validators(): FlatHeaders;
  contentHeaders(): FlatHeaders;
}

/** An answer that was rendered once and is sent as often as asked for. */
export interface RenderedAnswer {
  /**
   * Of what is kept now: the forms that were asked for, or the body until one was. A body in parts weighs no less, since
   * it holds pieces of its list, which would else be free once that list has gone.
   */
  keptBytes(): number;
  /** Made when first asked for, and kept. */
  represent(encoding: Encoding): Representation;
  /** Makes the form that most ask for, beside the event loop where that takes long. */
  prepare(): Promise<void>;
  /** Called whenever `keptBytes` has changed; the last one who watches is told. */
  watch(tell: () => void): void;
}

/** What is told with every representation of an answer. */
export interface AnswerRules {
  readonly cacheControl: string;
  /** RFC 8288; none when empty. */
  readonly link?: string;
  /** JSON unless said. */
  readonly contentType?: string;
  /**
   * The security policy of a page, instead of that of data. It is told with a 304 too, because a browser keeps the
   * headers of the newest answer.
   */
  readonly securityPolicy?: string;
  /** Packed well what many ask for, quickly what hardly anybody asks for twice; the former unless given. */
  readonly packing?: Packing;
}
export type Packing = 'well' | 'quickly';

/** Smaller bodies grow when they are compressed. */
const SMALLEST_COMPRESSED_BYTES = 1_000;
/**
 * What is smaller is packed in 20 to 50 ms at most, by the machine, and most of it in one. To do that beside the event
 * loop would take longer altogether, and memory: each of the threads that ever packed a page of megabytes keeps some
 * ten of its own.
 */
const LONG_PACKED_BYTES = 4_000_000;
/** What is larger takes gzip 6 twice as long as all else that is done at once. */
const LARGE_GZIP_BYTES = 1_000_000;
/**
 * So much memory brotli takes at a time for what it makes. Of most lists that is 7 KB, and memory outside of the heap
 * that is given back soon brings the next look through the heap nearer.
 */
const PACKED_AT_ONCE_BYTES = 8_192;
const brotliOf = (quality: number) => ({
  chunkSize: PACKED_AT_ONCE_BYTES,
  params: { [constants.BROTLI_PARAM_QUALITY]: quality },
});
const GZIP: Readonly<Record<Packing, { level: number }>> = { well: { level: 6 }, quickly: { level: 3 } };
const BROTLI: Readonly<Record<Packing, ReturnType<typeof brotliOf>>> = {
  well: brotliOf(4),
  quickly: brotliOf(0),
};
const brotliBeside = promisify<Buffer, ReturnType<typeof brotliOf>, Buffer>(brotliCompress);

/** Renders a value as JSON. */
export function renderJson(value: unknown, rules: AnswerRules): RenderedAnswer {
  const body = Buffer.from(JSON.stringify(value));
  return createAnswer(holdBytes(body), { hash: hashText(body), rules });
}

/** Renders a text as it is. */
export function renderText(text: string, rules: AnswerRules): RenderedAnswer {
  return renderBody(Buffer.from(text), rules);
}

/** Renders a body that is at hand as bytes. */
export function renderBody(body: Buffer, rules: AnswerRules): RenderedAnswer {
  return createAnswer(holdBytes(body), { hash: hashText(body), rules });
}

/**
 * Renders a body of texts and of fragments that are at hand as bytes. Its tag is made of the texts and of the hashes
 * of the fragments, which is as strong as one made of all bytes and much sooner made.
 */
export function renderParts(parts: readonly Part[], rules: AnswerRules): RenderedAnswer {
  let names = '';
  let length = 0;
  for (const part of parts) {
    const isText = typeof part === 'string';
    names += isText ? part : part.name;
    length += isText ? Buffer.byteLength(part) : part.bytes.length;
  }
  return createAnswer(holdParts(parts, length), { hash: hashText(names), rules });
}

/** What a packer returns may be cut from a larger piece of memory, which stays as long as the cut does. */
function copyTight(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

function createAnswer(body: Body, made: { hash: string; rules: AnswerRules }): RenderedAnswer {
  const { hash, rules } = made;
  const { packing = 'well' } = rules;
  const isSmall = body.length < SMALLEST_COMPRESSED_BYTES;
  const known: Partial<Record<Encoding, Representation>> = {};
  // The one place that holds the body, so that it goes when this lets it go.
  let unpacked: Body | null = body;
  let tell = (): void => {};
  const findBody = (): Body => unpacked ?? unpack(known);
  const keep = (encoding: Encoding, content: Body): Representation => {
    const already = known[encoding];
    if (already !== undefined) return already;
    const isWhole = content === unpacked;
    const made = createRepresentation(content, { encoding, hash, rules });
    known[encoding] = made;
    // Hardly anybody asks for more than one form, and the body can be made of any: it would be most of what is kept.
    unpacked = null;
    if (!isWhole) tell();
    return made;
  };
  const represent = (encoding: Encoding): Representation => {
    const asked = isSmall ? 'identity' : encoding;
    const found = known[asked];
    if (found !== undefined) return found;
    const content = findBody();
    return keep(asked, asked === 'identity' ? content : pack(content, asked, packing));
  };
  return {
    keptBytes() {
      let bytes = unpacked?.length ?? 0;
      for (const encoding of ENCODINGS) bytes += known[encoding]?.length ?? 0;
      return bytes;
    },
    represent,
    async prepare() {
      if (unpacked !== null && unpacked.length > LONG_PACKED_BYTES) {
        const packed = await brotliBeside(unpacked.bytes(), BROTLI[packing]);
        keep('br', holdBytes(copyTight(packed)));
      } else represent('br');
    },
    watch(listener) {
      tell = listener;
    },
  };
}

function unpack({ identity, br, gzip: gzipped }: Partial<Record<Encoding, Representation>>): Body {
  if (identity !== undefined) return identity;
  if (br !== undefined) return holdBytes(copyTight(brotliDecompressSync(br.bytes())));
  if (gzipped !== undefined) return holdBytes(copyTight(gunzipSync(gzipped.bytes())));
  throw new Error('An answer keeps one of its forms at least.');
}

const SECURITY_POLICY = 'content-security-policy';
const DATA_HEAD = createCommonHead(Object.entries(ANSWER_HEADERS).flat());
/** Of pages, which have a policy of their own. */
const PAGE_HEAD = createCommonHead(
  Object.entries(ANSWER_HEADERS)
    .filter(([name]) => name !== SECURITY_POLICY)
    .flat(),
);

function createRepresentation(
  content: Body,
  { encoding, hash, rules }: { encoding: Encoding; hash: string; rules: AnswerRules },
): Representation {
  const { length, bytes, lend } = content;
  const etag = encoding === 'identity' ? `"${hash}"` : `"${hash}-${encoding}"`;
  const common = rules.securityPolicy ? PAGE_HEAD : DATA_HEAD;
  const validators = (): string[] => {
    const fields = ['cache-control', rules.cacheControl, 'etag', etag, 'vary', 'Accept-Encoding'];
    if (rules.link) fields.push('link', rules.link);
    if (rules.securityPolicy) fields.push(SECURITY_POLICY, rules.securityPolicy);
    return fields;
  };
  const contentHeaders = (): string[] => {
    const fields = ['content-type', rules.contentType ?? 'application/json; charset=utf-8'];
    if (encoding !== 'identity') fields.push('content-encoding', encoding);
    return fields;
  };
  const ownFields = (): string[] => [...validators(), ...contentHeaders(), 'content-length', String(length)];
  let head: AnswerHead | null = null;
  let notModifiedHead: AnswerHead | null = null;
  return {
    length,
    bytes,
    lend,
    etag,
    validators,
    contentHeaders,
    head: (status) =>
      status === 200
        ? (head ??= createAnswerHead(200, common, ownFields))
        : (notModifiedHead ??= createAnswerHead(304, common, validators)),
  };
}

const NOTHING = Buffer.alloc(0);

/** The same bytes whether they are made at once or beside: a tag promises them. */
function pack(body: Body, encoding: 'br' | 'gzip', packing: Packing): Body {
  let packed = NOTHING;
  body.lend((bytes) => {
    packed =
      encoding === 'br'
        ? brotliCompressSync(bytes, BROTLI[packing])
        : gzipSync(bytes, GZIP[bytes.length > LARGE_GZIP_BYTES ? 'quickly' : packing]);
    return true;
  });
  return holdBytes(copyTight(packed));
}

/** Rendered answers by key, bounded by bytes. Keys begin with the edition, so that no list answers for another. */
export interface AnswerCache {
  find(key: string): RenderedAnswer | undefined;
  getOrRender(key: string, render: () => RenderedAnswer): { answer: RenderedAnswer; hit: boolean };
}

export function createAnswerCache(options: { maxBytes: number }): AnswerCache {
  const cache = new LRUCache<string, RenderedAnswer>({
    maxSize: options.maxBytes,
    // What is kept beside the bytes: headers, objects, the key.
    sizeCalculation: (answer, key) => answer.keptBytes() + key.length + 3_000,
  });
  /** A cache weighs what it is given, and not what it has. */
  const weighAgain = (key: string, answer: RenderedAnswer): void => {
    if (cache.peek(key) !== answer) return;
    cache.delete(key);
    cache.set(key, answer);
  };
  return {
    find: (key) => cache.get(key),
    getOrRender(key, render) {
      const known = cache.get(key);
      if (known) return { answer: known, hit: true };
      const answer = render();
      cache.set(key, answer);
      answer.watch(() => weighAgain(key, answer));
      return { answer, hit: false };
    },
  };
}
