import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNewestHarvest, saveHarvest, type SavedHarvest } from '../../src/catalog/snapshot-file.ts';
import { sampleHarvest } from '../support/sample.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const at = (hour: number): SavedHarvest => ({
  harvest: { ...sampleHarvest, studies: sampleHarvest.studies.slice(0, 2) },
  tombstones: [],
  checkedAt: `2026-11-24T0${hour}:00:00.000Z`,
  packKey: 'uab-all',
});
const read = async () => {
  const bad: string[] = [];
  const saved = await readNewestHarvest(folder, {
    packKey: 'uab-all',
    onBadFile: (_name, problem) => bad.push(problem),
  });
  return { saved, bad };
};

test('what was saved is read, the newest first, and three are kept', async () => {
  for (const hour of [1, 3, 2, 4]) await saveHarvest(folder, at(hour));
  expect(await readdir(folder)).toHaveLength(3);
  expect((await read()).saved).toEqual(at(4));
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
])('a file %s is passed over for the one before', async (_name, spoil) => {
  await saveHarvest(folder, at(1));
  await saveHarvest(folder, at(2));
  const newest = (await readdir(folder)).toSorted().at(-1) ?? '';
  await spoil(join(folder, newest));
  const { saved, bad } = await read();
  expect(saved?.checkedAt).toBe(at(1).checkedAt);
  expect(bad).toHaveLength(1);
});

test('a file of another institution is not ours, and no folder is no list', async () => {
  await saveHarvest(folder, { ...at(1), packKey: 'other' });
  expect((await read()).saved).toBeNull();
  await rm(folder, { recursive: true });
  expect(await read()).toEqual({ saved: null, bad: [] });
  await saveHarvest(folder, at(1));
});

test('a file that cannot be written throws and leaves nothing behind', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(saveHarvest(join(folder, 'file'), at(1))).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(await readdir(folder)).toEqual(['file']);
});
