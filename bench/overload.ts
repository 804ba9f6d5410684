import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import process from 'node:process';
import { START_ARGUMENTS } from '../tests/support/start-command.ts';
import type { Load, Outcome } from './offer-load.ts';

/**
 * `npm run bench:overload`: the real service over the bundled sample, offered once and twice what it can answer (P6).
 * Says what share of its peak it still answers and how soon the rest is refused. Ends in under 90 seconds.
 */
const PROBE_MS = 2_500;
const MEASURE_MS = 3_000;
const ROUNDS = 4;
const LOADS = [0.5, 1, 2];
const FIRST_RATE = 200;
const STEP = 1.4;
const CLOCK_TICKS = 100;
const MOST_PROBES = 14;

const pinning = spawnSync('taskset', ['-c', '1', 'true']).status === 0;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function startService(): Promise<{ service: ChildProcess; port: number }> {
  const command = [process.execPath, ...START_ARGUMENTS];
  const [program = '', ...parameters] = pinning ? ['taskset', '-c', '0', ...command] : command;
  const service = spawn(program, parameters, {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATA_DIR: '',
      RATE_LIMIT_PER_MINUTE: '0',
      CTGOV_BASE_URL: 'http://127.0.0.1:9/api/v2',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) => {
    createInterface(service.stdout).on('line', (line) => {
      const found = /^Serving at .*:(\d+)$/.exec(line);
      if (found) resolve(Number(found[1]));
    });
  });
  return { service, port };
}

/** A fresh process for each load, so that none inherits the connections of the one before. */
async function offer(load: Load): Promise<Outcome> {
  const file = new URL('offer-load.ts', import.meta.url).pathname;
  const child = pinning
    ? spawn('taskset', ['-c', '1', process.execPath, file], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
    : fork(file);
  child.send(load);
  const [outcome] = (await once(child, 'message')) as [Outcome];
  child.kill();
  return outcome;
}

function percentile(times: readonly number[], share: number): string {
  const sorted = times.toSorted((one, other) => one - other);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

/** Of the time of the service's processor that other programs left to it; not known everywhere. */
async function readCpuSeconds({ pid }: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')')).split(' ');
  return (Number(fields[12]) + Number(fields[13])) / CLOCK_TICKS;
}

function joinOutcomes(outcomes: readonly Outcome[]): Outcome {
  const sum = (read: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + read(outcome), 0);
  return {
    offered: sum(({ offered }) => offered),
    goodMs: outcomes.flatMap(({ goodMs }) => goodMs),
    shedMs: outcomes.flatMap(({ shedMs }) => shedMs),
    otherStatuses: sum(({ otherStatuses }) => otherStatuses),
    unanswered: sum(({ unanswered }) => unanswered),
    seconds: sum(({ seconds }) => seconds),
  };
}

const perSecond = (count: number, { seconds }: Outcome): number => count / seconds;

async function findPeak(port: number): Promise<number> {
  let peak = 0;
  let rate = FIRST_RATE;
  for (let probe = 0; probe < MOST_PROBES; probe++, rate *= STEP) {
    const outcome = await offer({ port, perSecond: rate, durationMs: PROBE_MS });
    const good = perSecond(outcome.goodMs.length, outcome);
    print(`probe: ${rate.toFixed(0)}/s offered, ${good.toFixed(0)}/s good, ${outcome.shedMs.length} shed`);
    peak = Math.max(peak, good);
    if (good < rate * 0.85) break;
  }
  return peak;
}

const COLUMNS = [
  'load',
  'offered/s',
  'good/s',
  'shed/s',
  'of peak',
  'good p50 ms',
  'good p99 ms',
  'shed p50 ms',
  'shed p99 ms',
  'other',
  'unanswered',
  'CPU',
];

function formatRow(name: string, outcome: Outcome, peak: number): string {
  const { goodMs, shedMs } = outcome;
  const good = perSecond(goodMs.length, outcome);
  return [
    name,
    perSecond(outcome.offered, outcome).toFixed(0),
    good.toFixed(0),
    perSecond(shedMs.length, outcome).toFixed(0),
    `${((100 * good) / peak).toFixed(0)} %`,
    percentile(goodMs, 0.5),
    percentile(goodMs, 0.99),
    percentile(shedMs, 0.5),
    percentile(shedMs, 0.99),
    outcome.otherStatuses,
    outcome.unanswered,
  ].join(' | ');
}

const { service, port } = await startService();
try {
  await offer({ port, perSecond: FIRST_RATE, durationMs: PROBE_MS });
  const peak = await findPeak(port);
  print(
    `\npeak: ${peak.toFixed(0)} good/s\n\n| ${COLUMNS.join(' | ')} |\n|${COLUMNS.map(() => '---|').join('')}`,
  );
  const rows = LOADS.map((times) => ({ times, outcomes: [] as Outcome[], cpuSeconds: 0 }));
  // In turns, so that what else the machine does in the meantime falls on all of them.
  for (let round = 0; round < ROUNDS; round++)
    for (const row of rows) {
      const before = await readCpuSeconds(service);
      row.outcomes.push(await offer({ port, perSecond: peak * row.times, durationMs: MEASURE_MS }));
      row.cpuSeconds += (await readCpuSeconds(service)) - before;
    }
  for (const { times, outcomes, cpuSeconds } of rows) {
    const all = joinOutcomes(outcomes);
    print(`| ${formatRow(`${times}x`, all, peak)} | ${((100 * cpuSeconds) / all.seconds).toFixed(0)} % |`);
  }
} finally {
  service.kill('SIGINT');
  await once(service, 'exit');
}
