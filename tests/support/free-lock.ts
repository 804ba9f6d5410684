import type { WriterLock } from '../../src/catalog/writer-lock.ts';

/** Of a folder that nobody else writes in. */
export const FREE_LOCK: WriterLock = {
  acquire: async () => true,
  findOwner: async () => null,
  release: async () => undefined,
};
