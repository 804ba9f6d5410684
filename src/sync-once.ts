import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { describeOutcome, describePage } from './catalog/describe-outcome.ts';
import { askService, type Asking, type OperatorAnswer } from './catalog/operator-requests.ts';
import { askLeader } from './catalog/shared/shared-requests.ts';
import { readConfig, SettingWrong } from './config.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { PackUnusable } from './read-institution-pack.ts';
import { systemClock } from './registry/clock.ts';

/**
 * `npm run sync`: one synchronisation now, with progress, then what changed; with `--accept`, the list that a guard
 * holds back is published. Where a service has the folder, or another replica leads, that one does it.
 * Exit 0 when it worked, 1 when it failed or could not be saved, 2 when a guard holds the list back, 64 for a wrong
 * argument, 78 for a wrong setting.
 */

const EXIT: Readonly<Record<string, number>> = { published: 0, unchanged: 0, nothing_held: 0, held: 2 };
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;
const ERASE_TO_END_OF_LINE = '\u001b[K';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One line that is written over on a terminal, a line a page elsewhere. */
function createProgress(): { show(text: string): void; end(): void } {
  if (!process.stdout.isTTY) return { show: print, end: () => undefined };
  return {
    show: (text) => process.stdout.write(`\r${text}${ERASE_TO_END_OF_LINE}`),
    end: () => process.stdout.write(`\r${ERASE_TO_END_OF_LINE}`),
  };
}

async function run(accepts: boolean): Promise<number> {
  const config = readConfig(process.env);
  const packageFile = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(packageFile) as { version: string };
  const progress = createProgress();
  const unsaved: string[] = [];
  const pipeline = await createPipeline(config, {
    version,
    publicUrl: config.PUBLIC_URL,
    serves: false,
    events: {
      onPage: (page) => progress.show(describePage(page)),
      onSaveFailed: (error) => unsaved.push((error as Error).message),
      onBadFile: ({ name, problem }) => process.stderr.write(`${name} is passed over: ${problem}\n`),
    },
  });
  process.once('SIGINT', () => void pipeline.close().then(() => process.exit(1)));
  try {
    const asking: Asking = {
      clock: systemClock,
      action: accepts ? 'accept' : 'sync',
      onProgress: (text) => progress.show(text),
    };
    const answer = await syncSomewhere(pipeline, asking);
    progress.end();
    for (const line of answer.lines) print(line);
    if (unsaved[0] === undefined) return EXIT[answer.result] ?? 1;
    process.stderr.write(`It could not be saved: ${unsaved[0]}\n`);
    return 1;
  } finally {
    await pipeline.close();
  }
}

/** Among replicas the leader does it, with a folder the service that has it, and else this process. */
async function syncSomewhere(pipeline: Pipeline, asking: Asking): Promise<OperatorAnswer> {
  const { company, folder, packKey } = pipeline;
  await company?.replica.meet();
  if (company?.replica.role === 'follower') {
    try {
      print('The replica that leads is asked to do it.');
      return await askLeader(company.link, { ...asking, packKey });
    } catch {
      print('The shared store is away: it is done here alone.');
    }
  }
  const owner = (await folder?.lock.findOwner()) ?? null;
  if (owner === null || folder === null) return syncHere(pipeline, asking);
  if (!owner.serves)
    return {
      result: 'failed',
      lines: [`Another npm run sync (process ${owner.pid}) is at work. Try again.`],
    };
  print(`The service (process ${owner.pid}) has DATA_DIR and is asked to do it.`);
  return askService(folder, asking);
}

async function syncHere({ sync, company }: Pipeline, { action }: Asking): Promise<OperatorAnswer> {
  // Keeps the lead as long as the walk lasts.
  company?.replica.start(sync);
  const outcome = action === 'accept' ? await sync.acceptHeld() : await sync.syncOnce();
  const lines = describeOutcome(outcome);
  return {
    result: outcome.result,
    lines: outcome.result === 'failed' ? [...lines, causeOf(outcome.error)] : lines,
  };
}

/** For whoever sits before the terminal; the service's log has the same. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return `${message}${cause instanceof Error ? `: ${cause.message}` : ''}. The list before is kept.`;
}

const [argument, ...others] = process.argv.slice(2);
if ((argument !== undefined && argument !== '--accept') || others.length > 0) {
  process.stderr.write('usage: npm run sync [-- --accept]\n');
  process.exitCode = EXIT_USAGE;
} else {
  try {
    process.exitCode = await run(argument === '--accept');
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    const isConfig = error instanceof SettingWrong || error instanceof PackUnusable;
    process.exitCode = isConfig ? EXIT_CONFIG : 1;
  }
}
