import { promisify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
} from 'node:zlib';
import {
  createAnswerHead,
  createCommonHead,
  keepHead,
  type AnswerHead,
  type CommonHead,
  type FlatHeaders,
} from './answer-heads.ts';
import {
  bytesOf,
  hashText,
  holdBytes,
  holdParts,
  isGroup,
  measureParts,
  packBehindGroup,
  workOnBody,
  type Body,
  type Part,
} from './answer-bodies.ts';
import { ANSWER_HEADERS } from './fixed-headers.ts';
import { copyTight, PACKED_AT_ONCE_BYTES, QUICK, type PackedEncoding } from './packed-pieces.ts';

export const ENCODINGS = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * One body in one encoding with its own strong tag (RFC 9110, section 8.8.3: a tag belongs to a representation). Like
 * an answer it holds no functions of its own: most of the thousands that are kept are never asked for again, and what they hold
 * is what the collector has to move.
 */
export interface Representation {
  readonly encoding: Encoding;
  readonly body: Body;
  readonly etag: string;
  readonly rules: AnswerRules;
  readonly link: string;
  /** Of a 200 and of a 304: whether they were asked for before, and themselves once they were asked for twice. */
  head: AnswerHead | 'asked' | null;
  notModifiedHead: AnswerHead | 'asked' | null;
}

/** Who keeps answers, and is told whenever `keptBytesOf` one has changed. */
export interface Keeper {
  weighAgain(answer: RenderedAnswer): void;
}

/** An answer that was rendered once and is sent as often as asked for. Only this file and its keeper write to it. */
export interface RenderedAnswer {
  readonly hash: string;
  readonly rules: AnswerRules;
  /** RFC 8288; none when empty. */
  readonly link: string;
  readonly isSmall: boolean;
  /** So much of the body is packed as all have it that begin alike; 0 where it is packed as a whole. */
  readonly groupLength: number;
  /** The one place that holds the body while no form was asked for, so that it goes when this lets it go. */
  unpacked: Body | null;
  readonly known: Record<Encoding, Representation | null>;
  /** `null` for what is not kept. */
  keeper: Keeper | null;
  /** Under which it is kept. */
  key: string;
}

/** What is told with every representation of an answer, and the same for many answers. */
export interface AnswerRules {
  readonly cacheControl: string;
  /** JSON unless said. */
  readonly contentType?: string;
  /**
   * The security policy of a page, instead of that of data. It is told with a 304 too, because a browser keeps the
   * headers of the newest answer.
   */
  readonly securityPolicy?: string;
  /**
   * Packed well what many ask for, quickly what hardly anybody asks for twice: of that, what it begins with is packed
   * once for all that begin alike. The former unless given.
   */
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
const brotliOf = (quality: number) => ({
  chunkSize: PACKED_AT_ONCE_BYTES,
  params: { [constants.BROTLI_PARAM_QUALITY]: quality },
});
const GZIP: Readonly<Record<Packing, { level: number }>> = {
  well: { level: 6 },
  quickly: { level: QUICK.gzip },
};
const BROTLI: Readonly<Record<Packing, ReturnType<typeof brotliOf>>> = {
  well: brotliOf(4),
  quickly: brotliOf(QUICK.br),
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
export function renderParts(parts: readonly Part[], rules: AnswerRules, link = ''): RenderedAnswer {
  const { names, length } = measureParts(parts);
  const [first] = parts;
  const groupLength = rules.packing === 'quickly' && first !== undefined && isGroup(first) ? first.length : 0;
  return createAnswer(holdParts(parts, length), { hash: hashText(names), rules, link, groupLength });
}

function createAnswer(
  body: Body,
  {
    hash,
    rules,
    link = '',
    groupLength = 0,
  }: { hash: string; rules: AnswerRules; link?: string; groupLength?: number },
): RenderedAnswer {
  return {
    hash,
    rules,
    link,
    isSmall: body.length < SMALLEST_COMPRESSED_BYTES,
    groupLength,
    unpacked: body,
    known: { br: null, gzip: null, identity: null },
    keeper: null,
    key: '',
  };
}

/**
 * Of what is kept now: the forms that were asked for, or the body until one was. A body in parts weighs no less, since
 * it holds pieces of its list, which would else be free once that list has gone.
 */
export function keptBytesOf({ unpacked, known }: RenderedAnswer): number {
  let bytes = unpacked?.length ?? 0;
  for (const encoding of ENCODINGS) bytes += known[encoding]?.body.length ?? 0;
  return bytes;
}

/** One form of an answer, made when first asked for, and kept. */
export function represent(answer: RenderedAnswer, encoding: Encoding): Representation {
  const asked = answer.isSmall ? 'identity' : encoding;
  const found = answer.known[asked];
  if (found !== null) return found;
  const body = answer.unpacked ?? unpack(answer);
  return keep(answer, asked, asked === 'identity' ? body : pack(answer, body, asked));
}

/** Makes the form that most ask for, beside the event loop where that takes long. */
export async function prepareAnswer(answer: RenderedAnswer): Promise<void> {
  const { unpacked } = answer;
  if (unpacked === null || unpacked.length <= LONG_PACKED_BYTES || answer.groupLength > 0)
    return void represent(answer, 'br');
  const packed = await brotliBeside(bytesOf(unpacked), BROTLI[packingOf(answer)]);
  if (answer.known.br === null) keep(answer, 'br', holdBytes(copyTight(packed)));
}

function packingOf({ rules }: RenderedAnswer): Packing {
  return rules.packing ?? 'well';
}

function keep(answer: RenderedAnswer, encoding: Encoding, body: Body): Representation {
  const { keeper, unpacked } = answer;
  const made = createRepresentation(body, { encoding, answer });
  answer.known[encoding] = made;
  // Hardly anybody asks for more than one form, and the body can be made of any: it would be most of what is kept.
  answer.unpacked = null;
  if (body !== unpacked) keeper?.weighAgain(answer);
  return made;
}

function unpack({ known: { identity, br, gzip: gzipped } }: RenderedAnswer): Body {
  if (identity !== null) return identity.body;
  if (br !== null) return holdBytes(copyTight(brotliDecompressSync(bytesOf(br.body))));
  if (gzipped !== null) return holdBytes(copyTight(gunzipSync(bytesOf(gzipped.body))));
  throw new Error('An answer keeps one of its forms at least.');
}

function createRepresentation(
  body: Body,
  { encoding, answer }: { encoding: Encoding; answer: RenderedAnswer },
): Representation {
  const { hash, rules, link, groupLength } = answer;
  // Packed in another way than before, which an older replica may still do.
  const packed = groupLength > 0 ? `${encoding}2` : encoding;
  const etag = encoding === 'identity' ? `"${hash}"` : `"${hash}-${packed}"`;
  return { encoding, body, etag, rules, link, head: null, notModifiedHead: null };
}

const SECURITY_POLICY = 'content-security-policy';

/** What is told of it beside what is told of every answer; a 200 says `contentHeadersOf` as well. */
export function validatorsOf({ etag, link, rules }: Representation): FlatHeaders {
  return [...commonValidatorsOf(rules), ...ownValidatorsOf({ etag, link })];
}

function commonValidatorsOf({ cacheControl, securityPolicy }: AnswerRules): FlatHeaders {
  const fields = ['cache-control', cacheControl, 'vary', 'Accept-Encoding'];
  if (securityPolicy) fields.push(SECURITY_POLICY, securityPolicy);
  return fields;
}

function ownValidatorsOf({ etag, link }: Pick<Representation, 'etag' | 'link'>): string[] {
  return link === '' ? ['etag', etag] : ['etag', etag, 'link', link];
}

export function contentHeadersOf({
  encoding,
  rules,
}: Pick<Representation, 'encoding' | 'rules'>): FlatHeaders {
  const fields = ['content-type', rules.contentType ?? 'application/json; charset=utf-8'];
  if (encoding !== 'identity') fields.push('content-encoding', encoding);
  return fields;
}

/** Of a 200 and of a 304: all headers that are the same for every request. Kept for who asks again. */
export function headOf(representation: Representation, status: AnswerHead['status']): AnswerHead {
  const known = status === 200 ? representation.head : representation.notModifiedHead;
  if (known !== null && known !== 'asked') return known;
  const own = ownValidatorsOf(representation);
  if (status === 200) own.push('content-length', String(representation.body.length));
  const head = createAnswerHead(commonHeadOf(representation, status), own);
  const kept = known === 'asked' ? keepHead(head) : null;
  if (status === 200) representation.head = kept ?? 'asked';
  else representation.notModifiedHead = kept ?? 'asked';
  return kept ?? head;
}

type CommonHeads = Partial<Record<Encoding | 'notModified', CommonHead>>;
/** By the rules, which many answers have in common. */
const commonHeads = new WeakMap<AnswerRules, CommonHeads>();

function commonHeadOf({ encoding, rules }: Representation, status: AnswerHead['status']): CommonHead {
  let known = commonHeads.get(rules);
  if (known === undefined) commonHeads.set(rules, (known = {}));
  return (known[status === 200 ? encoding : 'notModified'] ??= createCommonHead(status, [
    ...answerHeadersFor(rules),
    ...commonValidatorsOf(rules),
    ...(status === 200 ? contentHeadersOf({ encoding, rules }) : []),
  ]));
}

/** Those of every answer; a page has a policy of its own. */
function answerHeadersFor({ securityPolicy }: AnswerRules): FlatHeaders {
  return Object.entries(ANSWER_HEADERS)
    .filter(([name]) => securityPolicy === undefined || name !== SECURITY_POLICY)
    .flat();
}

/** The same bytes whether they are made at once or beside: a tag promises them. */
function pack(answer: RenderedAnswer, body: Body, encoding: PackedEncoding): Body {
  const { groupLength } = answer;
  if (groupLength > 0) return packBehindGroup(body, groupLength, encoding);
  const packing = packingOf(answer);
  const packed = workOnBody(body, (bytes) =>
    encoding === 'br'
      ? brotliCompressSync(bytes, BROTLI[packing])
      : gzipSync(bytes, GZIP[bytes.length > LARGE_GZIP_BYTES ? 'quickly' : packing]),
  );
  return holdBytes(copyTight(packed));
}
