import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** One folder for what must outlive the process. Every step of a save is one call, so that a test can end it at any. */
export interface Disk {
  /** Names in the folder; none when there is no folder. */
  list(): Promise<string[]>;
  /**
   * The whole file, or `null` when there is none.
   * @throws Error when it is no file or larger than `maxBytes`
   */
  read(name: string, maxBytes: number): Promise<Buffer | null>;
  /** Writes the file and its bytes through to the disk. */
  write(name: string, bytes: Buffer): Promise<void>;
  /** Makes a file that appears whole or not at all; fails with EEXIST when it is there already. */
  create(name: string, bytes: Buffer): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Writes the folder itself through: without it a rename can be lost with the power. */
  flush(): Promise<void>;
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The folder on a real disk; made when first written to, readable by its owner only. */
export function createDisk(folder: string): Disk {
  const write = async (name: string, bytes: Buffer): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await using file = await open(join(folder, name), 'w', 0o600);
    await file.writeFile(bytes);
    await file.sync();
  };
  return {
    async list() {
      try {
        return await readdir(folder);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    },
    async read(name, maxBytes) {
      try {
        // Without blocking: a pipe that nobody writes to would hold the start for ever.
        await using file = await open(join(folder, name), constants.O_RDONLY | constants.O_NONBLOCK);
        const stats = await file.stat();
        if (!stats.isFile()) throw new Error('it is no file');
        if (stats.size > maxBytes) throw new Error(`the file is larger than ${maxBytes} bytes`);
        return await file.readFile();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },
    write,
    async create(name, bytes) {
      const temporary = temporaryName(name);
      try {
        await write(temporary, bytes);
        await link(join(folder, temporary), join(folder, name));
      } finally {
        await rm(join(folder, temporary), { force: true });
      }
    },
    rename: async (from, to) => rename(join(folder, from), join(folder, to)),
    remove: async (name) => rm(join(folder, name), { force: true }),
    async flush() {
      await using handle = await open(folder, 'r');
      await handle.sync();
    },
  };
}

/** Not those of a lock that is being renewed, or of a command that asks. */
const TEMPORARY_OF_SAVE = /^\.(?:snapshot|held|sync|judged)-.+\.tmp$/;
const temporaryName = (name: string): string => `.${name}.${randomUUID()}.tmp`;

/** Puts a whole file in place of the one before, or leaves that one: temporary file, rename, flush of the folder. */
export async function replaceFile(disk: Disk, name: string, bytes: Buffer): Promise<void> {
  const temporary = temporaryName(name);
  try {
    await disk.write(temporary, bytes);
    await disk.rename(temporary, name);
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    throw error;
  }
  await disk.flush();
}

/** Removes what a process that was killed in a save has left. */
export async function removeTemporaries(disk: Disk): Promise<void> {
  for (const name of await disk.list()) if (TEMPORARY_OF_SAVE.test(name)) await disk.remove(name);
}
