import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../registry/clock.ts';
import { replaceFile, type Disk } from './disk.ts';

/** One process writes in a folder. Who has the lock renews it; one that is not renewed is the next one's. */
export interface WriterLock {
  /**
   * True when the lock is ours, or has become ours just now.
   * @throws Error when the disk fails
   */
  acquire(): Promise<boolean>;
  /** Who has it, for a message; `null` when it is free or ours. */
  findOwner(): Promise<{ pid: number; serves: boolean } | null>;
  release(): Promise<void>;
}

const LOCK_FILE = 'writer.lock';
const RENEWED_EVERY_MS = 5_000;
/** Three renewals missed: the process is gone, or so stuck that it must look again before it writes. */
const ABANDONED_AFTER_MS = 15_000;
const LARGEST_LOCK_BYTES = 1_000;

const Owner = z.object({
  id: z.string(),
  pid: z.int(),
  /** False for a command, which serves nobody and takes no requests. */
  serves: z.boolean(),
  at: z.iso.datetime(),
});
type Owner = z.infer<typeof Owner>;

/**
 * A lock that outlives nobody: not by process id, which two containers on one volume may share, but by a time that
 * its owner renews. Files are whole whatever happens; the lock keeps two processes from undoing each other's.
 */
export function createWriterLock(options: {
  disk: Disk;
  clock: Clock;
  pid: number;
  serves: boolean;
}): WriterLock {
  const { disk, clock, pid, serves } = options;
  const id = randomUUID();
  const released = new AbortController();
  let renewing: Promise<void> | null = null;

  const sign = (): Buffer =>
    Buffer.from(
      JSON.stringify({ id, pid, serves, at: new Date(clock.nowMs()).toISOString() } satisfies Owner),
    );

  const readOwner = async (): Promise<Owner | null> => {
    const bytes = await disk.read(LOCK_FILE, LARGEST_LOCK_BYTES);
    return bytes === null ? null : parseOwner(bytes);
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

  /** Moved away first and looked at then: another who found it abandoned too may have put its own in place. */
  const clearAbandoned = async (abandoned: Owner): Promise<boolean> => {
    const aside = `.${LOCK_FILE}.${randomUUID()}.tmp`;
    try {
      await disk.rename(LOCK_FILE, aside);
    } catch (error) {
      // Another was quicker.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    const moved = await disk.read(aside, LARGEST_LOCK_BYTES);
    await disk.remove(aside);
    if (moved === null || parseOwner(moved).id === abandoned.id) return true;
    await disk.create(LOCK_FILE, moved).catch(() => undefined);
    return false;
  };

  /** False when it is another's; a disk that fails is asked again. */
  const renewOnce = async (): Promise<boolean> => {
    try {
      const owner = await readOwner();
      if (owner?.id !== id) return false;
      await replaceFile(disk, LOCK_FILE, sign());
    } catch {
      // Two may fail before it counts as abandoned.
    }
    return true;
  };

  const renew = async (): Promise<void> => {
    while (!released.signal.aborted) {
      await clock.sleep(RENEWED_EVERY_MS, released.signal).catch(() => undefined);
      if (released.signal.aborted || !(await renewOnce())) break;
    }
    renewing = null;
  };

  const acquire = async (): Promise<boolean> => {
    if (released.signal.aborted) return false;
    const owner = await readOwner();
    if (owner?.id !== id) {
      if (owner !== null && !isAbandoned(owner)) return false;
      if (owner !== null && !(await clearAbandoned(owner))) return false;
      if (!(await takeFree())) return false;
    }
    renewing ??= renew();
    return true;
  };

  return {
    acquire,
    async findOwner() {
      const owner = await readOwner().catch(() => null);
      return owner === null || owner.id === id || isAbandoned(owner)
        ? null
        : { pid: owner.pid, serves: owner.serves };
    },
    async release() {
      released.abort();
      await renewing;
      const owner = await readOwner().catch(() => null);
      if (owner?.id === id) await disk.remove(LOCK_FILE).catch(() => undefined);
    },
  };
}

/** A lock that nobody can read is nobody's. */
function parseOwner(bytes: Buffer): Owner {
  try {
    return Owner.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return { id: '', pid: 0, serves: false, at: new Date(0).toISOString() };
  }
}
