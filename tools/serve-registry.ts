import { existsSync, statSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRegistryStandIn } from '../tests/support/registry-stand-in.ts';

/**
 * `npm run registry -- [FOLDER or FILE …] [--port N]`: a stand-in of the registry for development, over folders of
 * study records or files of pages; over the bundled sample and the fixtures when none is named.
 */

const { values, positionals } = parseArgs({
  options: { port: { type: 'string', default: '8787' } },
  allowPositionals: true,
});
const places =
  positionals.length > 0
    ? positionals
    : ['sample/studies.json', 'tests/fixtures/studies'].filter((place) => existsSync(place));

async function readStudies(place: string): Promise<unknown[]> {
  if (!statSync(place).isDirectory()) {
    const page = JSON.parse(await readFile(place, 'utf8')) as { studies: unknown[] };
    return page.studies;
  }
  const names = (await readdir(place)).filter((name) => /^NCT\d{8}\.json$/.test(name));
  return Promise.all(
    names.map(async (name): Promise<unknown> => JSON.parse(await readFile(join(place, name), 'utf8'))),
  );
}

const studies = (await Promise.all(places.map(readStudies))).flat();
const registry = await startRegistryStandIn({
  studies,
  port: Number(values.port),
  dataTimestamp: `${new Date().toISOString().slice(0, 10)}T09:00:04`,
});
process.stdout.write(`${studies.length} studies at ${registry.baseUrl}\n`);
process.stdout.write(`Use them: CTGOV_BASE_URL=${registry.baseUrl} npm start\n`);
