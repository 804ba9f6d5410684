import { writeFile } from 'node:fs/promises';
import { buildFaultsPage } from './build-faults-page.ts';

/** `npm run faults`: writes docs/faults.md. */
await writeFile('docs/faults.md', buildFaultsPage());
process.stdout.write('docs/faults.md is written\n');
