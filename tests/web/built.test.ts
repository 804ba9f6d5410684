import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { buildWebFiles } from '../../tools/build-web-files.ts';

test('the files that a browser loads are what their sources make (npm run web)', async () => {
  const built = await buildWebFiles();
  expect(await readdir('src/web/built')).toEqual([...built.keys()].toSorted());
  for (const [name, text] of built) expect(await readFile(`src/web/built/${name}`, 'utf8'), name).toBe(text);
});
