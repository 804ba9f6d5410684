import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * The form of everything that is saved or shared: a first line with format, kind, pack and checksum, then JSON.
 * A later version may add fields, which this one passes over; a form that this one cannot read has another number.
 */
const FORMAT = 1;
/** Of what is saved and shared; beside these a file of its own keeps what was judged. */
export type SealedKind = 'list' | 'held' | 'memory';
type FileKind = SealedKind | 'judged';

const Header = z.object({
  format: z.int(),
  kind: z.string(),
  packKey: z.string(),
  sha256: z.string(),
  bytes: z.int(),
});
export type SealedHeader = z.infer<typeof Header>;

/** Damaged: cut off, changed, or never ours. It is put aside. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** Whole, but not for us: of another pack, another kind or a later form. It is left where it is. */
export class SealForeign extends Error {
  override readonly name = 'SealForeign';
}

/** Over what the header says as well, so that a changed header is not taken for another's file. */
function checksum(named: { kind: string; packKey: string }, body: readonly Buffer[]): string {
  const hash = createHash('sha256').update(JSON.stringify([named.kind, named.packKey]));
  for (const piece of body) hash.update(piece);
  return hash.digest('hex');
}

export function seal(kind: SealedKind, packKey: string, content: unknown): Buffer {
  return sealPieces(kind, packKey, [Buffer.from(JSON.stringify(content))]);
}

/** Seals JSON that was made in pieces. */
export function sealPieces(kind: FileKind, packKey: string, body: readonly Buffer[]): Buffer {
  const sha256 = checksum({ kind, packKey }, body);
  const bytes = body.reduce((sum, { length }) => sum + length, 0);
  const header: SealedHeader = { format: FORMAT, kind, packKey, sha256, bytes };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...body]);
}

/**
 * Checks the seal and reads the content by its schema.
 * @throws SealBroken, SealForeign
 */
export function unseal<Schema extends z.ZodType>(
  bytes: Buffer,
  expected: { kind: FileKind; packKey: string; schema: Schema },
): z.infer<Schema> {
  const { header, body } = splitSealed(bytes);
  if (header.format > FORMAT) throw new SealForeign(`of a later form: ${header.format}`);
  if (body.length !== header.bytes || checksum(header, [body]) !== header.sha256)
    throw new SealBroken('the checksum is wrong');
  if (header.packKey !== expected.packKey)
    throw new SealForeign(`of another institution pack: ${header.packKey.slice(0, 60)}`);
  if (header.kind !== expected.kind) throw new SealForeign(`of another kind: ${header.kind.slice(0, 60)}`);
  const parsed = expected.schema.safeParse(parseBody(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SealBroken(`a wrong shape at ${issue?.path.join('.').slice(0, 100) ?? ''}`);
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new SealBroken('it holds no JSON');
  }
}

function splitSealed(bytes: Buffer): { header: SealedHeader; body: Buffer } {
  const end = bytes.indexOf(0x0a);
  if (end === -1) throw new SealBroken('there is no first line');
  try {
    const header = Header.parse(JSON.parse(bytes.subarray(0, end).toString('utf8')));
    return { header, body: bytes.subarray(end + 1) };
  } catch {
    throw new SealBroken('the first line is unreadable');
  }
}
