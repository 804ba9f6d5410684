import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiskStore } from '../../src/catalog/disk-store.ts';
import { createDisk, type Disk } from '../../src/catalog/disk.ts';
import { seal } from '../../src/catalog/sealed-file.ts';
import { EMPTY_MEMORY, type SavedList } from '../../src/catalog/store.ts';
import { FREE_LOCK } from '../support/free-lock.ts';
import { createMemoryDisk, type DiskStep } from '../support/memory-disk.ts';
import { sampleHarvest } from '../support/sample.ts';

const PACK = 'uab-all';
const open = (disk: Disk, { lock = FREE_LOCK, packKey = PACK } = {}) => {
  const bad: { name: string; problem: string; quarantined: boolean }[] = [];
  return { bad, store: createDiskStore({ disk, lock, packKey, onBadFile: (one) => bad.push(one) }) };
};
const at = (hour: number): SavedList => ({
  harvest: { ...sampleHarvest, studies: sampleHarvest.studies.slice(0, 2) },
  tombstones: [],
  journal: [],
  checkedAt: `2026-11-24T0${hour}:00:00.000Z`,
  question: 'pack.queries',
});

describe('on a real disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'uab-all-trials-')), 'data');
  });
  afterEach(async () => rm(join(folder, '..'), { recursive: true }));
  const names = async (): Promise<string[]> => (await readdir(folder)).toSorted();

  test('what was saved last is read, whatever the clock said, and three generations are kept', async () => {
    const { store } = open(createDisk(folder));
    for (const hour of [1, 5, 3, 2]) await store.saveList(at(hour));
    expect(await names()).toHaveLength(3);
    expect(await store.readList()).toEqual(at(2));
  });

  test.each<[string, (file: string) => Promise<void>]>([
    ['cut off', async (file) => writeFile(file, (await readFile(file)).subarray(0, 500))],
    ['added to', async (file) => appendFile(file, ' ')],
    ['empty', async (file) => writeFile(file, '')],
    ['of something else', async (file) => writeFile(file, '{"hello":1}\n{}')],
    [
      'with one bit turned',
      async (file) => {
        const bytes = await readFile(file);
        bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
        await writeFile(file, bytes);
      },
    ],
    ['whole and of a wrong shape', async (file) => writeFile(file, seal('list', PACK, { harvest: 1 }))],
  ])('a file %s is quarantined, and the one before is read', async (_name, spoil) => {
    const { store, bad } = open(createDisk(folder));
    await store.saveList(at(1));
    await store.saveList(at(2));
    const newest = (await names()).at(-1) ?? '';
    await spoil(join(folder, newest));
    expect((await store.readList())?.checkedAt).toBe(at(1).checkedAt);
    expect(bad).toEqual([{ name: newest, problem: expect.any(String) as string, quarantined: true }]);
    expect(await names()).toContain(`bad-1-${newest}`);
    await store.readList();
    expect(bad).toHaveLength(1);
  });

  test('of many bad files three are kept to be looked into', async () => {
    const { store } = open(createDisk(folder));
    for (let time = 0; time < 5; time++) {
      await store.saveList(at(1));
      await writeFile(join(folder, (await names()).find((name) => name.startsWith('snap')) ?? ''), 'x');
      await store.readList();
    }
    expect((await names()).filter((name) => name.startsWith('bad-'))).toHaveLength(3);
  });

  test('a folder, a link to nowhere and a name of ours that is no file stop nothing', async () => {
    const { store, bad } = open(createDisk(folder));
    await store.saveList(at(1));
    await createDisk(join(folder, `snapshot-${PACK}-9999999999998.json`)).write('inside', Buffer.from('x'));
    await symlink('/nowhere/at/all', join(folder, `snapshot-${PACK}-9999999999999.json`));
    expect((await store.readList())?.checkedAt).toBe(at(1).checkedAt);
    expect(bad.length).toBeGreaterThan(0);
  });

  test('a pipe, which nobody writes to, does not hold the start', async () => {
    const { store, bad } = open(createDisk(folder));
    await store.saveList(at(1));
    for (const name of [`snapshot-${PACK}-9999999999999.json`, `sync-${PACK}.json`])
      execFileSync('mkfifo', [join(folder, name)]);
    expect((await store.readList())?.checkedAt).toBe(at(1).checkedAt);
    expect(await store.readMemory()).toEqual(EMPTY_MEMORY);
    expect(bad.map(({ problem }) => problem)).toEqual(['it is no file', 'it is no file']);
  });

  test('a file numbered beyond all time is not counted on from', async () => {
    const { store } = open(createDisk(folder));
    await createDisk(folder).write(`snapshot-${PACK}-999999999999999.json`, Buffer.from('{"format":9}\n'));
    await store.saveList(at(1));
    expect((await store.readList())?.checkedAt).toBe(at(1).checkedAt);
  });

  test('no folder is no list, and a folder that cannot be one is told, not thrown', async () => {
    const { store, bad } = open(createDisk(folder));
    expect([await store.readList(), await store.readHeld(), await store.readMemory()]).toEqual([
      null,
      null,
      EMPTY_MEMORY,
    ]);
    expect(bad).toEqual([]);
    await writeFile(folder, '');
    expect(await store.readList()).toBeNull();
    expect(bad).toHaveLength(1);
    await expect(store.saveList(at(1))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  test('files of another pack, and of a later form, are left alone by reading and by saving', async () => {
    const { store, bad } = open(createDisk(folder));
    const other = open(createDisk(folder), { packKey: 'other' });
    await other.store.saveList(at(1));
    const later = seal('list', PACK, at(9)).toString().replace('"format":1', '"format":2');
    await createDisk(folder).write(`snapshot-${PACK}-9999999999999.json`, Buffer.from(later));
    expect(await store.readList()).toBeNull();
    expect(bad).toEqual([
      { name: `snapshot-${PACK}-9999999999999.json`, problem: 'of a later form: 2', quarantined: false },
    ]);
    for (const hour of [1, 2, 3, 4]) await store.saveList(at(hour));
    expect(await other.store.readList()).toEqual(at(1));
  });

  test('a newer version’s further fields are passed over, an older version’s missing ones have defaults', async () => {
    const { question: _question, ...older } = at(1);
    const tombstone = { nctId: 'NCT00000001', briefTitle: 'Gone', goneAt: '2026-11-24T00:00:00.000Z' };
    const mixed = {
      ...older,
      tombstones: [{ ...tombstone, reason: 'a reason of tomorrow' }],
      further: { field: true },
    };
    await createDisk(folder).write(`snapshot-${PACK}-1795500000000.json`, seal('list', PACK, mixed));
    const { store } = open(createDisk(folder));
    expect(await store.readList()).toEqual({
      ...at(1),
      question: '',
      tombstones: [{ ...tombstone, reason: 'unknown', mergedInto: null }],
    });
  });

  /** Each step of a save is one call to the disk; the process ends itself with SIGKILL before it. */
  test.each(['write', 'rename', 'flush', 'remove'] as const)(
    'SIGKILL before "%s" leaves a whole list, and the next save cleans up',
    { timeout: 20_000 },
    async (step) => {
      const { store } = open(createDisk(folder));
      for (const hour of [1, 2, 3]) await store.saveList(at(hour));
      const child = spawn(process.execPath, ['tests/support/save-and-die.ts', folder, step]);
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      const { store: next, bad } = open(createDisk(folder));
      const read = await next.readList();
      expect(read?.checkedAt).toBe(at(step === 'write' || step === 'rename' ? 3 : 9).checkedAt);
      expect(bad).toEqual([]);
      await next.saveList(at(9));
      expect(await names()).toHaveLength(3);
    },
  );
});

describe('on a disk that fails', () => {
  const stepsOfASave = async (): Promise<DiskStep[]> => {
    const disk = createMemoryDisk();
    const { store } = open(disk);
    for (const hour of [1, 2, 3]) await store.saveList(at(hour));
    disk.steps.length = 0;
    await store.saveList(at(4));
    return disk.steps;
  };

  test('a save is: write the file through, rename, flush the folder, drop the oldest', async () => {
    expect((await stepsOfASave()).map((step) => step.replace(/ .*/, ''))).toEqual([
      'write',
      'rename',
      'flush',
      'remove',
    ]);
  });

  test.each([0, 1, 2, 3])(
    'the power goes at step %d of a save: the list on the disk is whole',
    async (last) => {
      const disk = createMemoryDisk();
      const { store } = open(disk);
      for (const hour of [1, 2, 3]) await store.saveList(at(hour));
      let step = 0;
      disk.fail = () => {
        if (step++ >= last) throw new Error('the power is gone');
      };
      await store.saveList(at(4)).catch(() => undefined);
      disk.crash();
      const { store: next, bad } = open(disk);
      expect([at(3), at(4)]).toContainEqual(await next.readList());
      expect(bad).toEqual([]);
    },
  );

  test.each(['ENOSPC: no space left on device', 'EROFS: read-only file system'])(
    'a save that fails (%s) throws, leaves the list before, and works again later',
    async (message) => {
      const disk = createMemoryDisk();
      const { store } = open(disk);
      await store.saveList(at(1));
      disk.fail = () => {
        throw new Error(message);
      };
      await expect(store.saveList(at(2))).rejects.toThrow(message);
      expect(await store.readList()).toEqual(at(1));
      disk.fail = null;
      await store.saveList(at(3));
      expect(await store.readList()).toEqual(at(3));
      expect([...disk.files.keys()].filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );

  test('without the lock nothing is written, nor a bad file moved', async () => {
    const disk = createMemoryDisk();
    disk.put(`snapshot-${PACK}-1795500000000.json`, Buffer.from('x'));
    const { store, bad } = open(disk, { lock: { ...FREE_LOCK, acquire: async () => false } });
    await expect(store.saveList(at(1))).rejects.toThrow('another process writes in DATA_DIR');
    expect(await store.readList()).toBeNull();
    expect(bad[0]?.quarantined).toBe(false);
    expect(disk.steps).toEqual([]);
  });
});
