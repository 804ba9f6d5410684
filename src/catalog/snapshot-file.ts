import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Harvest } from './build-snapshot.ts';
import { Tombstone } from './tombstones.ts';

/** What is saved: the registry's answer, so that a newer version reads it by its own rules, and who has left. */
export interface SavedHarvest {
  readonly harvest: Harvest;
  readonly tombstones: readonly Tombstone[];
  /** When the registry was last asked, ISO 8601. */
  readonly checkedAt: string;
  readonly packKey: string;
}

/** Files of an incompatible form have another number and are passed over. */
const FORMAT = 1;
const GENERATIONS = 3;
const FILE_NAME = /^snapshot-\d{13}-[0-9a-f]{8}\.json$/;
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;

const Header = z.object({ format: z.literal(FORMAT), sha256: z.string(), bytes: z.int() });
const Body = z.object({
  harvest: z.object({
    dataTimestamp: z.string().nullable(),
    etag: z.string().nullable(),
    queries: z.array(z.object({ name: z.string(), totalCount: z.int(), rows: z.int(), pages: z.int() })),
    studies: z.array(
      z.object({
        study: z.unknown(),
        nctId: z.string().nullable(),
        foundBy: z.array(z.string()),
        leftOutSitesCount: z.int().optional(),
        dataDate: z.string().nullish(),
      }),
    ),
  }),
  tombstones: z.array(Tombstone),
  checkedAt: z.iso.datetime(),
  packKey: z.string(),
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Saves whole or not at all: a temporary file in the same folder, its checksum in the first line, fsync, rename,
 * fsync of the folder. The newest three files are kept.
 */
export async function saveHarvest(folder: string, saved: SavedHarvest): Promise<void> {
  await mkdir(folder, { recursive: true });
  const body = Buffer.from(JSON.stringify(saved));
  const sum = sha256(body);
  const header = Buffer.from(`${JSON.stringify({ format: FORMAT, sha256: sum, bytes: body.length })}\n`);
  const name = `snapshot-${Date.parse(saved.checkedAt).toString().padStart(13, '0')}-${sum.slice(0, 8)}.json`;
  const temporary = join(folder, `.${name}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(Buffer.concat([header, body]));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
  await dropOldest(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function dropOldest(folder: string): Promise<void> {
  for (const name of (await listNewestFirst(folder)).slice(GENERATIONS))
    await rm(join(folder, name), { force: true });
}

async function listNewestFirst(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => FILE_NAME.test(name))
    .toSorted()
    .toReversed();
}

/**
 * Reads the newest file that is whole and of this pack; a bad one never stops the start.
 * @param onBadFile is told the name and the problem of every file that was passed over
 */
export async function readNewestHarvest(
  folder: string,
  options: { packKey: string; onBadFile: (name: string, problem: string) => void },
): Promise<SavedHarvest | null> {
  let names: string[];
  try {
    names = await listNewestFirst(folder);
  } catch (error) {
    options.onBadFile(folder, (error as Error).message);
    return null;
  }
  for (const name of names) {
    try {
      const saved = parseSaved(await readFile(join(folder, name)));
      if (saved.packKey === options.packKey) return saved;
      options.onBadFile(name, `of another institution pack: ${saved.packKey}`);
    } catch (error) {
      options.onBadFile(name, (error as Error).message.slice(0, 200));
    }
  }
  return null;
}

function parseSaved(bytes: Buffer): SavedHarvest {
  if (bytes.length > LARGEST_FILE_BYTES) throw new Error('the file is too large');
  const end = bytes.indexOf(0x0a);
  const header = Header.parse(JSON.parse(bytes.subarray(0, Math.max(0, end)).toString('utf8')));
  const body = bytes.subarray(end + 1);
  if (body.length !== header.bytes || sha256(body) !== header.sha256)
    throw new Error('the checksum is wrong');
  return Body.parse(JSON.parse(body.toString('utf8')));
}
