import { readFile, writeFile } from 'node:fs/promises';
import { formatSettingsTable, replaceSettingsTable } from './settings-table.ts';

/** `npm run settings`: writes the README's table of settings from their schema. */
const readme = new URL('../README.md', import.meta.url);
await writeFile(readme, replaceSettingsTable(await readFile(readme, 'utf8'), formatSettingsTable()));
process.stdout.write('README.md is written: its table of settings\n');
