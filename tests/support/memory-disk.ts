import type { Disk } from '../../src/catalog/disk.ts';

/** Every call that a disk takes, in the order taken; a test may end the process at any. */
export type DiskStep = `${'write' | 'create' | 'rename' | 'remove' | 'flush'} ${string}`;

/**
 * A disk that forgets what was not flushed, as the power does: a file's bytes are there after `write` (which writes
 * through), its name after `flush`. `fail` may throw at any step (a full disk) and leaves half of the bytes.
 */
export interface MemoryDisk extends Disk {
  readonly steps: DiskStep[];
  readonly files: ReadonlyMap<string, Buffer>;
  /** Called before each step; what it throws is what the step throws. */
  fail: ((step: DiskStep) => void) | null;
  /** The power goes: names that were not flushed are as they were. */
  crash(): void;
  put(name: string, bytes: Buffer): void;
}

export function createMemoryDisk(): MemoryDisk {
  let files = new Map<string, Buffer>();
  let flushed = new Map<string, Buffer>();
  const steps: DiskStep[] = [];
  const step = (taken: DiskStep): void => {
    disk.fail?.(taken);
    steps.push(taken);
  };
  const write = (name: string, bytes: Buffer, taken: DiskStep): void => {
    try {
      step(taken);
    } catch (error) {
      files.set(name, bytes.subarray(0, bytes.length / 2));
      throw error;
    }
    files.set(name, bytes);
  };
  const disk: MemoryDisk = {
    steps,
    get files() {
      return files;
    },
    fail: null,
    list: async () => [...files.keys()],
    async read(name, maxBytes) {
      const bytes = files.get(name) ?? null;
      if (bytes !== null && bytes.length > maxBytes) throw new Error('too large');
      return bytes;
    },
    write: async (name, bytes) => write(name, bytes, `write ${name}`),
    async create(name, bytes) {
      if (files.has(name)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
      step(`create ${name}`);
      files.set(name, bytes);
    },
    async rename(from, to) {
      step(`rename ${to}`);
      const bytes = files.get(from);
      if (bytes === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      files.delete(from);
      files.set(to, bytes);
    },
    async remove(name) {
      step(`remove ${name}`);
      files.delete(name);
    },
    async flush() {
      step('flush folder');
      flushed = new Map(files);
    },
    crash() {
      files = new Map(flushed);
      disk.fail = null;
    },
    put(name, bytes) {
      files.set(name, bytes);
      flushed.set(name, bytes);
    },
  };
  return disk;
}
