import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { buildExamples, buildOpenapiDocument } from './build-openapi-document.ts';

/**
 * `npm run openapi`: writes `openapi/examples.json` from the bundled sample, then `openapi/openapi.json` from the
 * routes. The routes read the examples when they are loaded, so the second step is a process of its own.
 */
const folder = new URL('../openapi/', import.meta.url);
if (process.argv[2] === 'document')
  await writeFile(new URL('openapi.json', folder), await buildOpenapiDocument());
else {
  await writeFile(new URL('examples.json', folder), await buildExamples());
  await promisify(execFile)(process.execPath, [import.meta.filename, 'document']);
  process.stdout.write('openapi/examples.json and openapi/openapi.json are written\n');
}
