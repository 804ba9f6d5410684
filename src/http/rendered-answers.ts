import { hash as hashAtOnce } from 'node:crypto';
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
import { ANSWER_HEADERS } from './fixed-headers.ts';

export const ENCODINGS = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Names and values in turn, as Node writes them without looking them up. */
type FlatHeaders = readonly string[];

/** One body in one encoding with its own strong tag (RFC 9110, section 8.8.3: a tag belongs to a representation). */
export interface Representation {
  readonly bytes: Buffer;
  readonly etag: string;
  /** What is told of it beside what is told of every answer; a 200 says `contentHeaders` as well. */
  readonly validators: FlatHeaders;
  readonly contentHeaders: FlatHeaders;
  /** All headers of a 200 and of a 304 that are the same for every request. */
  readonly head: FlatHeaders;
  readonly notModifiedHead: FlatHeaders;
}

/** An answer that was rendered once and is sent as often as asked for. */
export interface RenderedAnswer {
  /** Of what is kept now: the forms that were asked for, or the body until one was. */
  readonly keptBytes: number;
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
 * What is smaller is packed in 20 to 50 ms at most, by the machine, and most of it in one. To do that beside the event loop would take longer
 * altogether, and memory: each of the threads that ever packed a page of megabytes keeps some ten of its own.
 */
const LONG_PACKED_BYTES = 4_000_000;
/** What is larger takes gzip 6 twice as long as all else that is done at once. */
const LARGE_GZIP_BYTES = 1_000_000;
const brotliOf = (quality: number) => ({ params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
const GZIP: Readonly<Record<Packing, { level: number }>> = { well: { level: 6 }, quickly: { level: 3 } };
const BROTLI: Readonly<Record<Packing, ReturnType<typeof brotliOf>>> = {
  well: brotliOf(4),
  quickly: brotliOf(0),
};
const brotliBeside = promisify<Buffer, ReturnType<typeof brotliOf>, Buffer>(brotliCompress);

/** Renders a value as JSON. */
export function renderJson(value: unknown, rules: AnswerRules): RenderedAnswer {
  const body = Buffer.from(JSON.stringify(value));
  return createAnswer(body, { hash: hashText(body), rules });
}

/** Renders a text as it is. */
export function renderText(text: string, rules: AnswerRules): RenderedAnswer {
  return renderBody(Buffer.from(text), rules);
}

/** Renders a body that is at hand as bytes. */
export function renderBody(body: Buffer, rules: AnswerRules): RenderedAnswer {
  return createAnswer(body, { hash: hashText(body), rules });
}

/** A part of a body that was made earlier, and the hash of its bytes. */
export interface Fragment {
  readonly bytes: Buffer;
  readonly hash: string;
}

export function createFragment(text: string): Fragment {
  const bytes = Buffer.from(text);
  return { bytes, hash: hashText(bytes) };
}

/** Stands in no text of JSON: so a hash is never taken for a text. */
const BESIDE_HASH = '\0';

/**
 * Renders a body of texts and of fragments that are at hand as bytes. Its tag is made of the texts and of the hashes
 * of the fragments, which is as strong as one made of all bytes and much sooner made.
 */
export function renderParts(parts: readonly (string | Fragment)[], rules: AnswerRules): RenderedAnswer {
  let names = '';
  let length = 0;
  for (const part of parts) {
    const isText = typeof part === 'string';
    names += isText ? part : BESIDE_HASH + part.hash + BESIDE_HASH;
    length += isText ? Buffer.byteLength(part) : part.bytes.length;
  }
  return createAnswer(joinParts(parts, length), { hash: hashText(names), rules });
}

/** `Buffer.concat` would want a buffer of every text. */
function joinParts(parts: readonly (string | Fragment)[], length: number): Buffer {
  const body = Buffer.allocUnsafeSlow(length);
  let end = 0;
  for (const part of parts)
    if (typeof part === 'string') end += body.write(part, end);
    else {
      body.set(part.bytes, end);
      end += part.bytes.length;
    }
  return body;
}

function hashText(text: string | Buffer): string {
  return hashAtOnce('sha256', text, 'base64url').slice(0, 22);
}

/** What a packer returns may be cut from a larger piece of memory, which stays as long as the cut does. */
function copyTight(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

function createAnswer(body: Buffer, made: { hash: string; rules: AnswerRules }): RenderedAnswer {
  const { hash, rules } = made;
  const { packing = 'well' } = rules;
  const isSmall = body.length < SMALLEST_COMPRESSED_BYTES;
  const known: Partial<Record<Encoding, Representation>> = {};
  // The one place that holds the body, so that it goes when this lets it go.
  let unpacked: Buffer | null = body;
  let tell = (): void => {};
  const findBody = (): Buffer => unpacked ?? unpack(known);
  const keep = (encoding: Encoding, bytes: Buffer): Representation => {
    const already = known[encoding];
    if (already !== undefined) return already;
    const isWhole = bytes === unpacked;
    const made = createRepresentation(isWhole ? bytes : copyTight(bytes), { encoding, hash, rules });
    known[encoding] = made;
    // Hardly anybody asks for more than one form, and the body can be made of any: it would be most of what is kept.
    unpacked = null;
    if (!isWhole) tell();
    return made;
  };
  const represent = (encoding: Encoding): Representation => {
    const asked = isSmall ? 'identity' : encoding;
    return known[asked] ?? keep(asked, compress(findBody(), asked, packing));
  };
  return {
    get keptBytes() {
      const forms = Object.values(known).reduce((sum, { bytes }) => sum + bytes.length, 0);
      return (unpacked?.length ?? 0) + forms;
    },
    represent,
    async prepare() {
      const isLong = unpacked !== null && unpacked.length > LONG_PACKED_BYTES;
      if (isLong) keep('br', await brotliBeside(findBody(), BROTLI[packing]));
      else represent('br');
    },
    watch(listener) {
      tell = listener;
    },
  };
}

function unpack({ identity, br, gzip: gzipped }: Partial<Record<Encoding, Representation>>): Buffer {
  if (identity !== undefined) return identity.bytes;
  if (br !== undefined) return brotliDecompressSync(br.bytes);
  if (gzipped !== undefined) return gunzipSync(gzipped.bytes);
  throw new Error('An answer keeps one of its forms at least.');
}

const SECURITY_POLICY = 'content-security-policy';
const ANSWER_HEAD: FlatHeaders = Object.entries(ANSWER_HEADERS).flat();
/** Of pages, which have a policy of their own. */
const PAGE_HEAD: FlatHeaders = Object.entries(ANSWER_HEADERS)
  .filter(([name]) => name !== SECURITY_POLICY)
  .flat();

function createRepresentation(
  bytes: Buffer,
  { encoding, hash, rules }: { encoding: Encoding; hash: string; rules: AnswerRules },
): Representation {
  const etag = encoding === 'identity' ? `"${hash}"` : `"${hash}-${encoding}"`;
  const validators = ['cache-control', rules.cacheControl, 'etag', etag, 'vary', 'Accept-Encoding'];
  if (rules.link) validators.push('link', rules.link);
  if (rules.securityPolicy) validators.push(SECURITY_POLICY, rules.securityPolicy);
  const alwaysHead = rules.securityPolicy ? PAGE_HEAD : ANSWER_HEAD;
  const contentHeaders = ['content-type', rules.contentType ?? 'application/json; charset=utf-8'];
  if (encoding !== 'identity') contentHeaders.push('content-encoding', encoding);
  let notModifiedHead: FlatHeaders | null = null;
  return {
    bytes,
    etag,
    validators,
    contentHeaders,
    head: [...alwaysHead, ...validators, ...contentHeaders, 'content-length', String(bytes.length)],
    get notModifiedHead() {
      return (notModifiedHead ??= [...alwaysHead, ...validators]);
    },
  };
}

/** The same bytes whether they are made at once or beside: a tag promises them. */
function compress(body: Buffer, encoding: Encoding, packing: Packing): Buffer {
  if (encoding === 'gzip') return gzipSync(body, GZIP[body.length > LARGE_GZIP_BYTES ? 'quickly' : packing]);
  return encoding === 'br' ? brotliCompressSync(body, BROTLI[packing]) : body;
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
    sizeCalculation: (answer, key) => answer.keptBytes + key.length + 3_000,
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
