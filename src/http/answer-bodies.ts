import { hash } from 'node:crypto';
import { lendBytes, workOnBytes } from './lent-bytes.ts';
import {
  closeGzip,
  copyTight,
  frameBrotliRest,
  packBegin,
  type PackedBegin,
  type PackedEncoding,
} from './packed-pieces.ts';

/**
 * The bytes of a body, which may not have been made yet: see `bytesOf` and `lendBody`. There are many, so it holds no
 * functions.
 */
export interface Body {
  readonly length: number;
  /** Parts until its own bytes are made. */
  held: Buffer | readonly Part[];
  wasLent: boolean;
}

/** A part of a body that was made earlier, and what stands for it where the tag is made. */
export interface Fragment {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** Stands in no text of JSON: so a hash is never taken for a text. */
const BESIDE_HASH = '\0';

/** A long part, whose hash stands for it. */
export function createFragment(text: string): Fragment {
  const bytes = Buffer.from(text);
  return { bytes, name: nameByHash(bytes) };
}

/** Joined and not added up, which would be a tree that every tag walks. */
function nameByHash(content: string | Buffer): string {
  return [BESIDE_HASH, hashText(content), BESIDE_HASH].join('');
}

/** A part that is as short as a hash and stands for itself: the tag is that of the same text. */
export function createShortFragment(text: string): Fragment {
  return { bytes: Buffer.from(text), name: text };
}

/** Bytes that are the same every time, with gaps for numbers between them. */
export interface Form {
  readonly bytes: Buffer;
  /** Where in these the gaps are, in their order. */
  readonly gaps: readonly number[];
  readonly hash: string;
}

/** A form with its gaps filled. It stays apart, because the numbers are a small part of what is sent of it. */
export interface FilledForm {
  readonly form: Form;
  /** In decimals, with commas between them. */
  readonly numbers: string;
}

/** @param texts what stands before each number, and after the last */
export function createForm(texts: readonly string[]): Form {
  const gaps: number[] = [];
  let end = 0;
  for (const text of texts) gaps.push((end += Buffer.byteLength(text)));
  return {
    bytes: Buffer.from(texts.join('')),
    gaps: gaps.slice(0, -1),
    // Of the texts as they are cut: the same text with its numbers elsewhere is another form.
    hash: hashText(JSON.stringify(texts)),
  };
}

/** @param numbers whole and not negative, one for each gap */
export function fillForm(form: Form, numbers: readonly number[]): FilledForm {
  return { form, numbers: numbers.join() };
}

/** Parts that many bodies have in common, to be held, named and packed once. */
export interface PartGroup {
  readonly parts: readonly Part[];
  readonly length: number;
  readonly name: string;
  /** Itself, packed, once it was asked for: see `packedGroup`. */
  readonly packed: Record<PackedEncoding, PackedBegin | null>;
}

export function groupParts(parts: readonly Part[]): PartGroup {
  const { names, length } = measureParts(parts);
  return createGroup(parts, length, nameByHash(names));
}

function createGroup(parts: readonly Part[], length: number, name: string): PartGroup {
  return { parts, length, name, packed: { br: null, gzip: null } };
}

/** As what a body begins with; packed when first asked for, and kept. */
function packedGroup({ parts, length, packed }: PartGroup, encoding: PackedEncoding): PackedBegin {
  packed[encoding] ??= workOnBytes(
    length,
    (bytes) => joinParts(parts, bytes),
    (bytes) => packBegin(bytes, encoding),
  );
  return packed[encoding];
}

const PART_BYTES = 40;

/** What a group takes of memory, but for the fragments in it, which others have as well. */
export function weighOwn({ parts }: PartGroup): number {
  let bytes = 0;
  for (const part of parts)
    bytes += PART_BYTES + (typeof part === 'string' || 'form' in part ? lengthOf(part) : 0);
  return bytes;
}

/** The same with its forms written out, for a group that many bodies will have. */
export function writeOutForms({ parts, length, name }: PartGroup): PartGroup {
  const written = parts.map((part) =>
    typeof part !== 'string' && 'form' in part
      ? { bytes: bytesOf(holdParts([part], lengthOf(part))), name: nameOf(part) }
      : part,
  );
  return createGroup(written, length, name);
}

export type Part = string | Fragment | FilledForm | PartGroup;

/** Of parts together: what the tag is made of, and how many bytes they are. */
export function measureParts(parts: readonly Part[]): { names: string; length: number } {
  let names = '';
  let length = 0;
  for (const part of parts) {
    names += nameOf(part);
    length += lengthOf(part);
  }
  return { names, length };
}

function lengthOf(part: Part): number {
  if (typeof part === 'string') return Buffer.byteLength(part);
  if ('parts' in part) return part.length;
  if ('bytes' in part) return part.bytes.length;
  const { form, numbers } = part;
  return form.bytes.length + numbers.length - Math.max(0, form.gaps.length - 1);
}

/** What stands for a part where the tag is made. */
function nameOf(part: Part): string {
  if (typeof part === 'string') return part;
  return 'form' in part
    ? `${BESIDE_HASH}${part.form.hash}${BESIDE_HASH}${part.numbers}${BESIDE_HASH}`
    : part.name;
}

/** A body that begins with a group, packed: the group as all have it packed, and behind it the rest as it is. */
export function packBehindGroup(body: Body, groupLength: number, encoding: PackedEncoding): Body {
  const { begin, rest } = cutBehindGroup(body, groupLength, encoding);
  const restLength = body.length - groupLength;
  if (encoding === 'br') {
    const { before, after } = frameBrotliRest(restLength);
    const parts = [unnamed(begin.bytes), unnamed(before), ...rest, unnamed(after)];
    return holdParts(parts, begin.bytes.length + before.length + restLength + after.length);
  }
  const end = workOnBytes(
    restLength,
    (bytes) => joinParts(rest, bytes),
    (bytes) => closeGzip(begin, bytes),
  );
  return holdParts([unnamed(begin.bytes), unnamed(end)], begin.bytes.length + end.length);
}

function cutBehindGroup(
  { held }: Body,
  groupLength: number,
  encoding: PackedEncoding,
): { begin: PackedBegin; rest: readonly Part[] } {
  if (Buffer.isBuffer(held))
    return {
      begin: packBegin(held.subarray(0, groupLength), encoding),
      // In memory of its own: it stays longer than what it is cut from.
      rest: [unnamed(copyTight(held.subarray(groupLength)))],
    };
  const [group, ...rest] = held;
  if (group === undefined || !isGroup(group)) throw new Error('This body does not begin with a group.');
  return { begin: packedGroup(group, encoding), rest };
}

/** Of a form that has a tag already. */
function unnamed(bytes: Uint8Array): Fragment {
  return { bytes, name: '' };
}

export function isGroup(part: Part): part is PartGroup {
  return typeof part === 'object' && 'parts' in part;
}

/** A body that is at hand. */
export function holdBytes(bytes: Buffer): Body {
  return { length: bytes.length, held: bytes, wasLent: false };
}

/** A body that stays in its parts until it is asked for again. */
export function holdParts(parts: readonly Part[], length: number): Body {
  return { length, held: parts, wasLent: false };
}

/** The bytes of its own, made when first asked for, and kept. */
export function bytesOf(body: Body): Buffer {
  if (Buffer.isBuffer(body.held)) return body.held;
  const bytes = Buffer.allocUnsafeSlow(body.length);
  joinParts(body.held, bytes);
  body.held = bytes;
  return bytes;
}

/**
 * Shows the bytes to `use`, which says whether it is done with them when it returns: they may be there for it alone.
 * Hardly any list is asked for twice, and so only the second one to ask has bytes made that are kept.
 */
export function lendBody(body: Body, use: (bytes: Buffer) => boolean): void {
  const { held, wasLent } = body;
  if (wasLent || Buffer.isBuffer(held)) return void use(bytesOf(body));
  body.wasLent = true;
  lendBytes(body.length, (lent) => joinParts(held, lent), use);
}

/** Shows the bytes to who is done with them when it returns. */
export function workOnBody<Result>({ held, length }: Body, work: (bytes: Buffer) => Result): Result {
  return Buffer.isBuffer(held) ? work(held) : workOnBytes(length, (bytes) => joinParts(held, bytes), work);
}

function joinParts(parts: readonly Part[], body: Buffer): void {
  const end = writeParts(parts, body, 0);
  // What follows would be of another answer.
  if (end !== body.length) throw new Error(`A body of ${body.length} bytes has ${end}.`);
}

/** `Buffer.concat` would want a buffer of every text. */
function writeParts(parts: readonly Part[], body: Buffer, from: number): number {
  let end = from;
  for (const part of parts)
    if (typeof part === 'string') end += body.write(part, end);
    else if ('parts' in part) end = writeParts(part.parts, body, end);
    else if ('bytes' in part) {
      body.set(part.bytes, end);
      end += part.bytes.length;
    } else end = writeForm(part, body, end);
  return end;
}

const COMMA = 0x2c;

/** A byte at a time: the pieces are so short that a call for each would take longer. */
function writeForm({ form: { bytes, gaps }, numbers }: FilledForm, body: Buffer, from: number): number {
  let end = from;
  let place = 0;
  let digit = 0;
  for (let gap = 0; gap < gaps.length; gap++) {
    for (const until = gaps[gap] as number; place < until; place++) body[end++] = bytes[place] as number;
    for (; digit < numbers.length; digit++) {
      const code = numbers.charCodeAt(digit);
      if (code === COMMA) break;
      body[end++] = code;
    }
    digit++;
  }
  for (; place < bytes.length; place++) body[end++] = bytes[place] as number;
  return end;
}

export function hashText(text: string | Buffer): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
