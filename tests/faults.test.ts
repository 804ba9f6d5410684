import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { buildFaultsPage } from '../tools/build-faults-page.ts';
import { FAULTS } from './support/fault-list.ts';

test('docs/faults.md is what the list says', async () => {
  expect(await readFile('docs/faults.md', 'utf8')).toBe(buildFaultsPage());
});

test.each(Object.values(FAULTS).flat())('$fault has tests, and they are there', async ({ tests, fault }) => {
  expect(tests.length, fault).toBeGreaterThan(0);
  for (const [file, title] of tests) {
    const source = await readFile(`tests/${file}`, 'utf8');
    expect(title).not.toBe('');
    const lines = source.split('\n').filter((line) => line.includes(title));
    expect(lines, `"${title}" in ${file}`).not.toEqual([]);
    expect(lines.filter((line) => /^\s*\/\/|\.(?:skip|todo|fails)/.test(line))).toEqual([]);
  }
});
