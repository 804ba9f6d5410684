import { existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startRegistryStandIn } from '../tests/support/registry-stand-in.ts';
import { endCommand, EXIT_NO_INPUT, EXIT_USAGE } from './end-command.ts';
import { readJson, readStudyFolder } from './read-study-folder.ts';

/**
 * `npm run registry -- [FOLDER or FILE …] [--port N]`: a stand-in of the registry for development, over folders of
 * study records or files of pages; over the bundled sample and the fixtures when none is named.
 */

const { places: named, port } = readArguments();
const places =
  named.length > 0
    ? named
    : ['sample/studies.json', 'tests/fixtures/studies'].filter((place) => existsSync(place));

function readArguments(): { places: string[]; port: number } {
  try {
    const { values, positionals } = parseArgs({
      options: { port: { type: 'string', default: '8787' } },
      allowPositionals: true,
    });
    if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port ${values.port} is no port`);
    return { places: positionals, port: Number(values.port) };
  } catch (error) {
    return endCommand(
      EXIT_USAGE,
      `usage: npm run registry -- [FOLDER or FILE …] [--port N] (${(error as Error).message})`,
    );
  }
}

async function readStudies(place: string): Promise<unknown[]> {
  if (statSync(place).isDirectory()) return readStudyFolder(place);
  const { studies: found } = (await readJson(place)) as { studies?: unknown };
  if (!Array.isArray(found)) throw new Error(`${place} has no studies`);
  return found;
}

const read = await Promise.all(places.map(readStudies)).catch((error: Error) =>
  endCommand(EXIT_NO_INPUT, `The studies cannot be read: ${error.message}`),
);
const studies = read.flat();
const registry = await startRegistryStandIn({
  studies,
  port,
  dataTimestamp: `${new Date().toISOString().slice(0, 10)}T09:00:04`,
});
process.stdout.write(`${studies.length} studies at ${registry.baseUrl}\n`);
process.stdout.write(`Use them: CTGOV_BASE_URL=${registry.baseUrl} npm start\n`);
