import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { compareSnapshots, describeOutcome } from './catalog/describe-outcome.ts';
import { readConfig } from './config.ts';
import { createPipeline } from './pipeline.ts';

/** `npm run sync`: one synchronisation now, with progress, then what changed. Exit 1 when it failed. */

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

try {
  const config = readConfig(process.env);
  const packageFile = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(packageFile) as { version: string };
  const pipeline = await createPipeline(config, {
    version,
    publicUrl: config.PUBLIC_URL,
    warn: (problem) => process.stderr.write(`${problem}\n`),
    onPage: ({ query, page, rows, totalCount }) =>
      print(`${query}: page ${page}, ${rows} of ${totalCount} studies`),
  });
  await pipeline.loadStored();
  const outcome = await pipeline.sync.syncOnce();
  print(describeOutcome(outcome));
  if (outcome.result === 'published') {
    const { added, gone, changed } = compareSnapshots(outcome.before, outcome.snapshot);
    for (const nctId of added) print(`+ ${nctId} ${outcome.snapshot.findTrial(nctId)?.briefTitle ?? ''}`);
    for (const nctId of gone) print(`- ${nctId}`);
    for (const nctId of changed) print(`~ ${nctId}`);
  }
  await pipeline.close();
  process.exitCode = outcome.result === 'failed' ? 1 : 0;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 78;
}
