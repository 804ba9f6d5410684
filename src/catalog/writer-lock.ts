import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../registry/clock.ts';
import { replaceFile, type Disk } from './disk.ts';

/** One process writes in a folder. Who has the lock renews it; one that is not renewed is the next one's. */
export interface WriterLock {
  /** True when the lock is ours, or has become ours just now. Never throws. */
  acquire(): Promise<boolean>;
  /** Who has it, for a message; `null` when it is free or ours. */
  findOwner(): Promise<{ pid: number } | null>;
  release(): Promise<void>;
}

const LOCK_FILE = 'writer.lock';
const RENEWED_EVERY_MS = 5_000;
/** Six renewals missed: the process is gone, or so stuck that it must look again before it writes. */
const ABANDONED_AFTER_MS = 30_000;
const LARGEST_LOCK_BYTES = 1_000;

const Owner = z.object({ id: z.string(), pid: z.int(), at: z.iso.datetime() });
type Owner = z.infer<typeof Owner>;

/**
 * A lock that outlives nobody: not by process id, which two containers on one volume may share, but by a time that
 * its owner renews. Files are whole whatever happens; the lock keeps two processes from undoing each other's.
 */
export function createWriterLock(options: { disk: Disk; clock: Clock; pid: number }): WriterLock {
  const { disk, clock, pid } = options;
  const id = randomUUID();
  const released = new AbortController();
  let renewing: Promise<void> | null = null;

  const sign = (): Buffer =>
    Buffer.from(JSON.stringify({ id, pid, at: new Date(clock.nowMs()).toISOString() } satisfies Owner));

  const readOwner = async (): Promise<Owner | null> => {
    const bytes = await disk.read(LOCK_FILE, LARGEST_LOCK_BYTES);
    if (bytes === null) return null;
    try {
      return Owner.parse(JSON.parse(bytes.toString('utf8')));
    } catch {
      return { id: '', pid: 0, at: new Date(0).toISOString() };
    }
  };

  /** A lock of the future was signed before the clock went back; nobody can tell how old it is. */
  const isAbandoned = ({ at }: Owner): boolean =>
    Math.abs(clock.nowMs() - Date.parse(at)) > ABANDONED_AFTER_MS;

  const takeFree = async (): Promise<boolean> => {
    try {
      await disk.create(LOCK_FILE, sign());
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  };

  /** Moving it away is atomic, so that of two who find it abandoned one moves it and the other finds nothing. */
  const clearAbandoned = async (): Promise<void> => {
    const aside = `.${LOCK_FILE}.${randomUUID()}.tmp`;
    await disk.rename(LOCK_FILE, aside);
    await disk.remove(aside);
  };

  const renew = async (): Promise<void> => {
    while (!released.signal.aborted) {
      try {
        await clock.sleep(RENEWED_EVERY_MS, released.signal);
        const owner = await readOwner();
        if (owner?.id !== id) break;
        await replaceFile(disk, LOCK_FILE, sign());
      } catch {
        break;
      }
    }
    renewing = null;
  };

  const acquire = async (): Promise<boolean> => {
    if (released.signal.aborted) return false;
    const owner = await readOwner();
    if (owner?.id !== id) {
      if (owner !== null && !isAbandoned(owner)) return false;
      if (owner !== null) await clearAbandoned();
      if (!(await takeFree())) return false;
    }
    renewing ??= renew();
    return true;
  };

  return {
    acquire: async () => acquire().catch(() => false),
    async findOwner() {
      const owner = await readOwner().catch(() => null);
      return owner === null || owner.id === id || isAbandoned(owner) ? null : { pid: owner.pid };
    },
    async release() {
      released.abort();
      await renewing;
      const owner = await readOwner().catch(() => null);
      if (owner?.id === id) await disk.remove(LOCK_FILE).catch(() => undefined);
    },
  };
}
