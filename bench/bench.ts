import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildService } from '../tools/build-service.ts';
import { measureCold } from './cold-questions.ts';
import { describeGoals, describeAll } from './performance-text.ts';
import { judgeAll } from './goals.ts';
import { measureGrowth } from './growth.ts';
import { measurePeers } from './peers.ts';
import { findProgram, isPinning, killAll, pinThisProcess, stopAll, stopProcess } from './pinned-processes.ts';
import { CASES, type CaseName } from './rivals/rival.ts';
import { findLimit } from './rivals/service.ts';
import { createWorld } from './saved-world.ts';
import { measureStart } from './start-and-memory.ts';
import { measureSwap, measureSync } from './sync-and-swap.ts';
import { measureWarm } from './warm-answers.ts';
import { makeWideStudy } from './wide-studies.ts';

/**
 * `npm run bench`: the goals of docs/performance.md, each as a ratio to a rival of the same run; writes its tables.
 * `npm run bench:quick`: what changes from day to day, in about a minute: no swaps, no making of lists, no large ones;
 * `-- --no-write` leaves the document.
 * Needs wrk; nginx and Varnish are left out where they are not installed.
 */
const DOCUMENT = 'docs/performance.md';
const BEGIN = '<!-- performance: made by `npm run bench` -->';
const END = '<!-- end of performance -->';
const INSTALL = 'apt-get install nginx-light varnish wrk';
/** As many of the sample's studies make a list of 200. */
const STUDIES = 208;
/** What is hidden unless asked for counts too. */
const WHOLE_LIST =
  '/v1/trials?limit=1&relevance=specific,includes,possible&siteMatch=confirmed,network,possible';

const WHOLE = {
  /** Large networks; what lies elsewhere is in no answer, and so all can be measured over one world. */
  sites: 600,
  warm: {
    rounds: 6,
    visits: 3,
    seconds: 0.4,
    restartsEachRound: true,
    casesForAll: CASES as readonly CaseName[],
  },
  cold: { rounds: 5, seconds: 1, warmUps: 4 },
  peers: { rounds: 3, seconds: 6 },
  sizes: [200, 1_000, 10_000, 100_000, 600_000],
  syncs: 5,
  swap: { rounds: 5, stillSeconds: 5, longestSeconds: 40 },
  start: { starts: 5, floodSeconds: 60 },
};
const QUICK: typeof WHOLE = {
  sites: 30,
  warm: { rounds: 1, visits: 3, seconds: 0.3, restartsEachRound: false, casesForAll: ['list'] },
  cold: { rounds: 3, seconds: 0.5, warmUps: 3 },
  // Longer than the answers of the other are kept.
  peers: { rounds: 1, seconds: 3 },
  sizes: [200],
  syncs: 0,
  swap: { ...WHOLE.swap, rounds: 0 },
  start: { starts: 1, floodSeconds: 3 },
};

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, 'no-write': { type: 'boolean', default: false } },
});
const plan = values.quick ? QUICK : WHOLE;
const beganMs = performance.now();
const print = (line: string): void => {
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${line}\n`);
};

if (findProgram('wrk') === null) {
  process.stderr.write(`wrk is not installed, and nothing can be measured without it: ${INSTALL}\n`);
  process.exit(1);
}
const missing = ['nginx', 'varnishd'].filter((name) => findProgram(name) === null);
if (missing.length > 0) print(`${missing.join(' and ')} not installed, left out: ${INSTALL}`);
if (!isPinning)
  print('taskset does not work here: servers and clients share all cores, and the ratios say less');

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
process.once('exit', () => {
  killAll();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
pinThisProcess();

/** A process that begins within two seconds of a change of its files keeps nothing of what it judged. */
const SETTLE_MS = 3_000;

async function measureAll() {
  await buildService();
  await delay(SETTLE_MS);
  const studies = Array.from({ length: STUDIES }, (_, index) => makeWideStudy(index + 1, plan.sites).study);
  const world = await createWorld(folder, studies);
  const first = await world.startService();
  const limit = await findLimit(first.port);
  const answer = await fetch(`http://127.0.0.1:${first.port}${WHOLE_LIST}`);
  const { total: trials } = (await answer.json()) as { total: number };
  print(`a list of ${trials} trials is saved; ${limit} on a page are nearest to 30 KB`);
  const warm = await measureWarm(world, { folder, limit }, { ...plan.warm, print });
  const cold = await measureCold(first, { ...plan.cold, limit });
  print('never asked lists are measured');
  const peers = await measurePeers({ world, service: first }, { ...plan.peers, limit });
  await stopProcess(first.child);
  print('the designs of peers are measured');
  const start = await measureStart(world, { ...plan.start, limit });
  print('starts and memory are measured');
  const swap =
    plan.swap.rounds === 0 ? { rounds: [] } : await measureSwap(world, studies, { ...plan.swap, limit });
  print('swaps are measured');
  await world.close();
  const sync = await measureSync(plan.syncs);
  print('making lists is measured');
  const growth = await measureGrowth(plan.sizes, print);
  return { measured: { warm, cold, growth, peers, sync, swap, start }, trials };
}

async function writeDocument(text: string): Promise<void> {
  const document = existsSync(DOCUMENT) ? await readFile(DOCUMENT, 'utf8') : '';
  const [head = '', rest = ''] = document.split(BEGIN);
  const tail = rest.split(END)[1];
  if (tail === undefined) throw new Error(`${DOCUMENT} has no markers`);
  await writeFile(DOCUMENT, `${head}${BEGIN}\n${text}\n${END}${tail}`);
  print(`${DOCUMENT} is written`);
}

const { measured, trials } = await measureAll();
const goals = judgeAll(measured);
const { rounds, visits, seconds, restartsEachRound } = plan.warm;
const command = values.quick ? 'npm run bench:quick' : 'npm run bench';
const text = describeAll(measured, goals, {
  command,
  isQuick: values.quick,
  rounds,
  visits,
  seconds,
  restartsEachRound,
  trials,
});
process.stdout.write(
  `\n${text}\n\n${describeGoals(goals.filter(({ isMet }) => isMet === false)).join('\n')}\n\n`,
);
if (!values['no-write']) await writeDocument(text);
await stopAll();
