import type { Disk } from '../../src/catalog/disk.ts';

/** The disk as one process sees it; what it still does when it is dead reaches nothing. */
export interface MortalDisk extends Disk {
  die(): void;
  /** Dies at that many steps from now, in the middle of whatever it saves then. */
  dieAfter(steps: number, onDeath: () => void): void;
}

export function createMortalDisk(disk: Disk): MortalDisk {
  let dead = false;
  let death: { left: number; onDeath: () => void } | null = null;
  const step = (): void => {
    if (death !== null && --death.left < 0) {
      dead = true;
      const { onDeath } = death;
      death = null;
      onDeath();
    }
    if (dead) throw new Error('the process is dead');
  };
  return {
    die() {
      dead = true;
      death = null;
    },
    dieAfter(steps, onDeath) {
      death = { left: steps, onDeath };
    },
    async list() {
      if (dead) throw new Error('the process is dead');
      return disk.list();
    },
    async read(name, maxBytes) {
      if (dead) throw new Error('the process is dead');
      return disk.read(name, maxBytes);
    },
    async write(name, bytes) {
      const wasAlive = !dead;
      try {
        step();
      } catch (error) {
        if (wasAlive) await disk.write(name, bytes.subarray(0, bytes.length / 2)).catch(() => undefined);
        throw error;
      }
      return disk.write(name, bytes);
    },
    async create(name, bytes) {
      step();
      return disk.create(name, bytes);
    },
    async rename(from, to) {
      step();
      return disk.rename(from, to);
    },
    async remove(name) {
      step();
      return disk.remove(name);
    },
    async flush() {
      step();
      return disk.flush();
    },
  };
}
