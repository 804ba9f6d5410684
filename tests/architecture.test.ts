import { readFile } from 'node:fs/promises';
import { glob } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** Which folder may import which; the files of `src` itself put things together and may import all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  trials: [],
  eligibility: ['trials'],
  registry: ['eligibility', 'trials'],
  catalog: ['registry', 'eligibility', 'trials'],
  web: ['trials'],
  http: ['catalog', 'web', 'trials'],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

const files: string[] = [];
for await (const file of glob('src/**/*.ts')) files.push(normalize(file));
const imports: Import[] = [];
for (const file of files) {
  const text = await readFile(file, 'utf8');
  for (const [, target] of text.matchAll(/from '(\.[^']+)'/g))
    imports.push({ file, target: normalize(join(dirname(file), target ?? '')) });
}
const folderOf = (file: string): string => file.split('/')[1] ?? '';

test.each(Object.entries(MAY_IMPORT))('%s imports only %j', (folder, allowed) => {
  const own = imports.filter(({ file }) => folderOf(file) === folder);
  const wrong = own.filter(
    ({ target }) =>
      target.startsWith('src/') && folderOf(target) !== folder && !allowed.includes(folderOf(target)),
  );
  expect(own.length).toBeGreaterThan(3);
  expect(wrong).toEqual([]);
});

test('the rules import no package but zod and the one that checks patterns', async () => {
  for (const file of files.filter((one) => folderOf(one) === 'trials')) {
    const text = await readFile(file, 'utf8');
    const packages = [...text.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name);
    expect(packages.filter((name) => name !== 'zod' && name !== 'safe-regex2')).toEqual([]);
  }
});

test('nothing imports main, and only commands touch the process', async () => {
  expect(imports.filter(({ target }) => target === 'src/main.ts')).toEqual([]);
  for (const file of files.filter((one) => !['src/main.ts', 'src/sync-once.ts'].includes(one)))
    expect(await readFile(file, 'utf8'), file).not.toMatch(/process\.(?:env|exit|argv|stdout|stderr)/);
});

test('there are no cycles', () => {
  const targetsOf = (file: string): string[] =>
    imports.filter((one) => one.file === file).map(({ target }) => target);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    expect(path, 'a cycle').not.toContain(file);
    if (done.has(file)) return;
    for (const target of targetsOf(file)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});
