import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { startRegistryStandIn, type RegistryStandIn } from '../tests/support/registry-stand-in.ts';
import { startServiceProcess } from '../tests/support/service-process.ts';

/**
 * `npm run soak [-- --minutes 10]`: the real service under a steady load of never-repeated questions, while the
 * registry changes its data and fails in turns. It prints memory and open files over time and ends with 1 when
 * memory grows by more than the limit, files stay open, or an answer is neither 200 nor a refusal for too much load (503). Linux only: it reads /proc.
 */

/** What a flat line may rise from one half of the settled time to the other: noise of the garbage collector. */
const LARGEST_RISE_SHARE = 0.1;
const MOST_MORE_FILES = 5;
const CONNECTIONS = 32;
const SAMPLE_EVERY_MS = 5_000;
const SYNC_INTERVAL_SECONDS = '15';
/** The caches fill first. */
const WARM_UP_SHARE = 0.4;

interface Sample {
  readonly seconds: number;
  readonly residentMib: number;
  readonly openFiles: number;
}

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function readSample(pid: number, startedMs: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const residentKib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  const openFiles = (await readdir(`/proc/${pid}/fd`)).length;
  return { seconds: (Date.now() - startedMs) / 1000, residentMib: residentKib / 1024, openFiles };
}

/** Questions that nobody has asked before, so that no answer is in the cache. */
function createQuestions(): () => string {
  let asked = 0;
  const groups = ['infant', 'child', 'aya', 'adult', 'older_adult'];
  return () => {
    asked++;
    const group = groups[asked % groups.length] ?? 'child';
    return `/v1/trials?ageGroup=${group}&age=${asked % 90}&q=word${asked.toString(36)}`;
  };
}

async function ask(
  pool: Pool,
  next: () => string,
  until: () => boolean,
): Promise<{ answers: number; others: Map<string, number> }> {
  const others = new Map<string, number>();
  let answers = 0;
  const askOn = async (): Promise<void> => {
    while (!until()) {
      const outcome = await pool
        .request({ method: 'GET', path: next() })
        .then(async ({ statusCode, body }) => {
          await body.dump();
          return String(statusCode);
        })
        .catch((error: Error) => error.name);
      if (outcome === '200') answers++;
      else others.set(outcome, (others.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, askOn));
  return { answers, others };
}

/** The registry has new data at every sync, and fails now and then. */
async function trouble(
  registry: RegistryStandIn,
  studies: readonly unknown[],
  until: () => boolean,
): Promise<void> {
  const faults = ['reset', 'truncated', 'empty', 'silence-in-body', 'reset-in-body'] as const;
  for (let turn = 0; !until(); turn++) {
    registry.setStudies(studies.slice(turn % 3));
    registry.refresh(new Date(Date.UTC(2026, 0, 1) + turn * 60_000).toISOString().slice(0, 19));
    if (turn % 4 === 3) registry.faults.add({ kind: faults[turn % faults.length] ?? 'reset', times: 1 });
    await delay(10_000, undefined, { ref: false });
  }
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? 0;

/** How much more memory the later half takes than the earlier one, as a share. */
function riseOf(samples: readonly Sample[]): number {
  const half = samples.length >> 1;
  const [earlier, later] = [samples.slice(0, half), samples.slice(half)].map((part) =>
    median(part.map(({ residentMib }) => residentMib)),
  ) as [number, number];
  return later / earlier - 1;
}

/** Least squares, in MiB an hour. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (pick: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const [meanX, meanY] = [mean(({ seconds }) => seconds), mean(({ residentMib }) => residentMib)];
  const above = samples.reduce(
    (sum, { seconds, residentMib }) => sum + (seconds - meanX) * (residentMib - meanY),
    0,
  );
  const below = samples.reduce((sum, { seconds }) => sum + (seconds - meanX) ** 2, 0);
  return (above / below) * 3600;
}

const folder = await mkdtemp(join(tmpdir(), 'soak-'));
const { studies } = JSON.parse(await readFile('sample/studies.json', 'utf8')) as { studies: unknown[] };
const registry = await startRegistryStandIn({ studies });
const service = await startServiceProcess({
  LOG_LEVEL: 'warn',
  RATE_LIMIT_PER_MINUTE: '0',
  CTGOV_BASE_URL: registry.baseUrl,
  DATA_DIR: folder,
  SYNC_INTERVAL_SECONDS,
});
const { child, address } = service;
const startedMs = Date.now();
const isOver = (): boolean => Date.now() - startedMs > minutes * 60_000;
const pool = new Pool(address, { connections: CONNECTIONS });
const samples: Sample[] = [];
const watch = async (): Promise<void> => {
  while (!isOver()) {
    samples.push(await readSample(child.pid ?? 0, startedMs));
    if (samples.length % 12 === 1) {
      const { seconds, residentMib, openFiles } = samples.at(-1) as Sample;
      print(
        `${seconds.toFixed(0).padStart(5)} s  ${residentMib.toFixed(1).padStart(6)} MiB  ${openFiles} open files`,
      );
    }
    await delay(SAMPLE_EVERY_MS);
  }
};
const [{ answers, others }] = await Promise.all([
  ask(pool, createQuestions(), isOver),
  watch(),
  trouble(registry, studies, isOver),
]);
const metrics = await (await fetch(`${address}/metrics`)).text();
await pool.destroy();
await delay(2_000);
const rested = await readSample(child.pid ?? 0, startedMs);
const code = await service.stop();
await registry.close();
await rm(folder, { recursive: true });

const settled = samples.filter(({ seconds }) => seconds > minutes * 60 * WARM_UP_SHARE);
const slope = slopeOf(settled);
const rise = riseOf(settled);
const moreFiles = rested.openFiles - (samples[0]?.openFiles ?? 0);
const heap = Math.max(...samples.map(({ residentMib }) => residentMib));
print('');
print(
  `answers with 200: ${answers} (${(answers / minutes / 60).toFixed(0)} a second); others: ${JSON.stringify([...others])}`,
);
for (const line of metrics.split('\n').filter((one) => one.startsWith('uab_all_trials_syncs_total')))
  print(line);
print(
  `memory: ${(rise * 100).toFixed(1)} % more in the later half of the settled time than in the earlier, slope ${slope.toFixed(0)} MiB an hour, highest ${heap.toFixed(0)} MiB`,
);
print(`open files: ${moreFiles} more than at the start, once the clients had gone`);
print(`exit code ${code}`);
for (const line of service.errors) print(line);
/** Of questions that nobody asked before so many cannot be answered: a refusal (P6) is an answer. */
const wrong = [...others.keys()].filter((status) => status !== '503');
const isGood = rise <= LARGEST_RISE_SHARE && moreFiles <= MOST_MORE_FILES && wrong.length === 0 && code === 0;
print(isGood ? 'passed' : 'failed');
process.exitCode = isGood ? 0 : 1;
