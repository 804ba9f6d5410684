import { writeFile } from 'node:fs/promises';
import { buildWebFiles } from './build-web-files.ts';

for (const [name, text] of await buildWebFiles())
  await writeFile(new URL(`../src/web/built/${name}`, import.meta.url), text);
