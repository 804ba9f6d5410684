import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import { COLD_ENCODINGS, type ColdKind } from './cold-questions.ts';
import { figure, medianOf, type Goal, type Measured } from './goals.ts';
import { findProgram } from './pinned-processes.ts';
import { PEER_CONNECTIONS, REGISTRY_LATENCY_MS, TTL_MS } from './peers.ts';
import { CASES, CASE_TITLES, RIVAL_TITLES, type RivalName } from './rivals/rival.ts';
import type { Run } from './wrk.ts';

/** The tables of docs/performance.md. */

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
];
const NOT_MEASURED = 'not measured';
const verdictOf = ({ isMet }: Goal): string => (isMet === null ? '–' : isMet ? 'yes' : '**no**');

export function describeGoals(goals: readonly Goal[]): string[] {
  return table(
    ['goal', 'what', 'measured', 'target', 'met'],
    goals.map((goal) => [String(goal.number), goal.what, goal.measured, goal.target, verdictOf(goal)]),
  );
}

const rivalNames = Object.keys(RIVAL_TITLES) as RivalName[];
const middle = (runs: readonly Run[] | undefined, read: (run: Run) => number): string =>
  runs === undefined ? NOT_MEASURED : figure(medianOf(runs.map(read)));

function describeRivals({ warm }: Measured): string[] {
  const { runs, single, bytes } = warm;
  const cellOf = (name: (typeof CASES)[number], rival: RivalName): string => {
    const known = runs[name].get(rival);
    if (known === undefined) return NOT_MEASURED;
    return `${middle(known, ({ perSecond }) => perSecond)} / ${middle(known, ({ cpuMicros }) => cpuMicros)}`;
  };
  return table(
    [
      'requests/s / CPU µs of a request',
      ...CASES.map((name) => `${CASE_TITLES[name]} (${bytes[name].toLocaleString('en-US')} bytes)`),
      'p50 ms, one connection',
    ],
    rivalNames.map((rival) => [
      RIVAL_TITLES[rival],
      ...CASES.map((name) => cellOf(name, rival)),
      middle(single.get(rival), ({ p50Ms }) => p50Ms),
    ]),
  );
}

function describeOthers({ warm, cold, peers, sync, swap, start }: Measured): string[] {
  const differing = [...warm.differing].map(([rival, runs]) => {
    const cpu = middle(runs, ({ cpuMicros }) => cpuMicros);
    return `${RIVAL_TITLES[rival]} ${middle(runs, ({ perSecond }) => perSecond)} requests/s, ${cpu} µs of CPU each`;
  });
  const colds = COLD_ENCODINGS.map((encoding) => {
    const read = (kind: ColdKind): string =>
      figure(medianOf(cold[encoding].map((round) => round[kind].cpuMicros)));
    return `Never asked lists, ${encoding}: ${read('cold')} µs of CPU each; as many different ones asked again: ${read('warm')} µs; never asked ones of which hardly two find the same list: ${read('apart')} µs.`;
  });
  const designs = (
    [
      ['this service', peers.service],
      ['the same looking at its registry every two seconds', peers.checking],
      ['asking the registry each time', peers.peers],
      ['a cache keyed by URL', peers.cached],
    ] as const
  ).map(
    ([title, runs]) =>
      `${title} ${middle(runs, ({ perSecond }) => perSecond)} requests/s, p50 ${middle(runs, ({ p50Ms }) => p50Ms)} ms, p99 ${middle(runs, ({ p99Ms }) => p99Ms)} ms, worst ${middle(runs, ({ mostMs }) => mostMs)} ms`,
  );
  const [first] = sync;
  return [
    `The list, identity, by requests of which none has the bytes of another: ${differing.join('; ')}.`,
    ...colds,
    `${PEER_CONNECTIONS} connections, a registry that takes ${REGISTRY_LATENCY_MS} ms, a time to live of ${TTL_MS / 1000} s: ${designs.join('; ')}.`,
    ...(first === undefined
      ? []
      : [
          `A list of ${first.trials} trials from 200 studies with 600 sites: built in ${figure(first.buildMs)} ms with rests for readers, its common answers rendered and compressed in ${figure(first.prepareMs)} ms.`,
        ]),
    ...(swap.rounds.length === 0
      ? []
      : [
          `Swaps under load: ${swap.rounds.filter(({ swapped }) => swapped).length} of ${swap.rounds.length} ended while it lasted; readers' p99 ${middle(
            swap.rounds.map(({ still }) => still),
            ({ p99Ms }) => p99Ms,
          )} ms without, ${middle(
            swap.rounds.map(({ swapping }) => swapping),
            ({ p99Ms }) => p99Ms,
          )} ms with one.`,
        ]),
    `Starts: ${start.startMs.map((ms) => figure(ms)).join(', ')} ms. The flood lasted ${start.floodSeconds} s; \`npm run soak\` is the one of ten minutes.`,
  ];
}

function describeGrowth({ growth }: Measured): string[] {
  return table(
    [
      'trials',
      'index built, ms',
      'index, MB',
      'median question, µs',
      'slowest question, µs',
      'without index, µs',
    ],
    growth.map(({ trials, buildMs, indexBytes, medianMicros, slowest, naiveMicros }) => [
      trials.toLocaleString('en-US'),
      figure(buildMs),
      figure(indexBytes / 1e6),
      figure(medianMicros),
      `${figure(slowest.micros)} (${slowest.question || 'no filter'})`,
      naiveMicros === null ? '–' : figure(naiveMicros),
    ]),
  );
}

/** As they say themselves. */
function describeVersions(): string {
  const versionOf = (name: string, given: string): string => {
    const program = findProgram(name);
    if (program === null) return `${name}: not installed`;
    const { stdout, stderr } = spawnSync(program, [given], { encoding: 'utf8' });
    const version = /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown';
    return `${name} ${version}`;
  };
  return [
    `Node ${process.version}`,
    versionOf('nginx', '-v'),
    versionOf('varnishd', '-V'),
    versionOf('wrk', '-v'),
  ].join(', ');
}

/** Of the server's core; less comes from the system itself. */
const MOST_OTHERS_SHARE = 0.15;

/** Why this run is no result yet; nothing when it is one. */
function describeDoubts({ warm, cold }: Measured, isQuick: boolean): string[] {
  const runs = [
    ...CASES.flatMap((name) => [...warm.runs[name].values()].flat()),
    ...Object.values(cold).flatMap((rounds) => rounds.flatMap((round): Run[] => Object.values(round))),
  ];
  const share = medianOf(runs.map(({ othersShare }) => othersShare));
  const doubts = [
    ...(isQuick ? ['a quick run has few and short rounds in one process each'] : []),
    ...(share > MOST_OTHERS_SHARE
      ? [`other programs took ${(share * 100).toFixed(0)} % of the servers' core in the median run`]
      : []),
  ];
  return doubts.length === 0 ? [] : [`**Provisional:** ${doubts.join('; ')}.`, ''];
}

export function describeAll(
  measured: Measured,
  goals: readonly Goal[],
  how: {
    command: string;
    isQuick: boolean;
    rounds: number;
    visits: number;
    seconds: number;
    restartsEachRound: boolean;
    trials: number;
  },
): string {
  const { command, isQuick, rounds, visits, seconds, restartsEachRound, trials } = how;
  const gigabytes = (totalmem() / 1e9).toFixed(0);
  const met = goals.filter(({ isMet }) => isMet === true).length;
  const judged = goals.filter(({ isMet }) => isMet !== null).length;
  return [
    `Measured by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${gigabytes} GB; ${describeVersions()}. ${met} of ${judged} measured goals are met.`,
    '',
    ...describeDoubts(measured, isQuick),
    '### Goals',
    '',
    ...describeGoals(goals),
    '',
    '### Rivals',
    '',
    ...describeRivals(measured),
    '',
    '### Beside them',
    '',
    ...describeOthers(measured).map((line) => `- ${line}`),
    '',
    '### Growth',
    '',
    ...describeGrowth(measured),
    '',
    `Rounds: ${rounds}, and in each ${visits} times ${seconds} s for each rival and case, the rivals in turns, another one first each time${restartsEachRound ? ', all started anew for each round' : ''}. A list of ${trials} trials was saved beforehand.`,
  ].join('\n');
}
