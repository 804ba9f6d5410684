import process from 'node:process';
import { createDiskStore } from '../../src/catalog/disk-store.ts';
import { createDisk, type Disk } from '../../src/catalog/disk.ts';
import { FREE_LOCK } from './free-lock.ts';
import { sampleHarvest } from './sample.ts';

/** Saves a list and ends itself with SIGKILL before the first call of the step that it is given. */
const [folder = '', step = ''] = process.argv.slice(2);
const disk = createDisk(folder);
const dying = Object.fromEntries(
  Object.entries(disk).map(([name, call]) => [
    name,
    (...given: unknown[]): unknown => {
      if (name === step) process.kill(process.pid, 'SIGKILL');
      return (call as (...all: unknown[]) => unknown)(...given);
    },
  ]),
) as unknown as Disk;
const store = createDiskStore({
  disk: dying,
  packKey: 'uab-all',
  lock: FREE_LOCK,
  onBadFile: () => undefined,
});
await store.saveList({
  harvest: { ...sampleHarvest, studies: sampleHarvest.studies.slice(0, 2) },
  tombstones: [],
  journal: [],
  checkedAt: '2026-11-24T09:00:00.000Z',
  question: 'pack.queries',
});
