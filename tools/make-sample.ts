import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endCommand, EXIT_USAGE } from './end-command.ts';

/**
 * `npm run sample -- DIR`: makes the bundled sample from a folder of study records and its table of sources:
 * every ALL-related or hematologic study with a site in Birmingham, Alabama. Parts that we never ask the registry
 * for (results, outcomes, references, map points) are left out.
 */

const LEFT_OUT_SECTIONS = new Set(['resultsSection', 'documentSection', 'annotationSection']);
const LEFT_OUT_MODULES = new Set([
  'outcomesModule',
  'referencesModule',
  'ipdSharingStatementModule',
  'oversightModule',
]);

type Json = Record<string, unknown>;

const folder = process.argv[2];
if (folder === undefined) endCommand(EXIT_USAGE, 'usage: npm run sample -- DIR');
const [header = '', ...rows] = (await readFile(join(folder, 'SOURCES.tsv'), 'utf8')).trimEnd().split('\n');
const names = header.split('\t');
const sources = rows
  .map((row) => Object.fromEntries(row.split('\t').map((cell, index) => [names[index] ?? '', cell])))
  .filter((source) => {
    const flags = (source['flags'] ?? '').split(',');
    return flags.includes('birmingham_al') && (flags.includes('all_related') || flags.includes('heme'));
  });

const lines: string[] = [];
for (const { nctId } of sources) {
  const study = JSON.parse(await readFile(join(folder, `${nctId}.json`), 'utf8')) as Json;
  lines.push(JSON.stringify(leaveOut(study)));
}
const table = ['nctId\tform\tsource\tcommit\tdataDate'].concat(
  sources.map((source) =>
    [
      source['nctId'],
      source['form'],
      [source['repo'], source['path']].filter(Boolean).join('/'),
      source['commit'],
      source['dataDate'],
    ].join('\t'),
  ),
);
const target = new URL('../sample/', import.meta.url);
await writeFile(new URL('studies.json', target), `{"studies":[\n${lines.join(',\n')}\n]}`);
await writeFile(new URL('SOURCES.tsv', target), `${table.join('\n')}\n`);
process.stdout.write(`${lines.length} studies\n`);

function leaveOut(study: Json): Json {
  const kept = Object.fromEntries(Object.entries(study).filter(([key]) => !LEFT_OUT_SECTIONS.has(key)));
  const section = kept['protocolSection'] as Json;
  const modules = Object.entries(section).filter(([key]) => !LEFT_OUT_MODULES.has(key));
  const protocolSection = Object.fromEntries(modules);
  const places = protocolSection['contactsLocationsModule'] as { locations?: Json[] } | undefined;
  if (places?.locations)
    protocolSection['contactsLocationsModule'] = {
      ...places,
      locations: places.locations.map(({ geoPoint: _geoPoint, ...location }) => location),
    };
  return { ...kept, protocolSection };
}
