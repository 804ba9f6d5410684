import type { ColdEncoding, ColdRuns } from './cold-questions.ts';
import type { IndexGrowth } from './index-growth.ts';
import type { SyncFigures } from './measure-sync.ts';
import type { PeerRuns } from './peers.ts';
import { CASES, CASE_TITLES, type CaseName, type RivalName } from './rivals/rival.ts';
import type { StartFigures } from './start-and-memory.ts';
import type { SwapRuns } from './sync-and-swap.ts';
import type { WarmRuns } from './warm-answers.ts';
import type { Run } from './wrk.ts';

/** What was measured beside what was aimed at. */

export interface Measured {
  readonly warm: WarmRuns;
  readonly cold: ColdRuns;
  readonly growth: readonly IndexGrowth[];
  readonly peers: PeerRuns;
  readonly sync: readonly SyncFigures[];
  readonly swap: SwapRuns;
  readonly start: StartFigures;
}

export interface Goal {
  readonly number: number;
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** `null` when it was not measured. */
  readonly isMet: boolean | null;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Three digits are as many as a noisy machine is good for. */
export const figure = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 3 });

interface Aim {
  readonly number: number;
  readonly what: string;
  readonly least?: number;
  readonly most?: number;
  readonly unit?: string;
}

function judge(aim: Aim, value: number | null, told = ''): Goal {
  const { number, what, least, most, unit = '' } = aim;
  const target = least === undefined ? `≤ ${figure(most ?? 0)}${unit}` : `≥ ${figure(least)}${unit}`;
  if (value === null || Number.isNaN(value))
    return { number, what, measured: 'not measured', target, isMet: null };
  const isMet = least === undefined ? value <= (most ?? 0) : value >= least;
  return { number, what, measured: `${figure(value)}${unit}${told}`, target, isMet };
}

/** Median over the rounds of the ratio within one round. */
function compare(
  runs: ReadonlyMap<RivalName, readonly Run[]>,
  rival: RivalName,
  read: (run: Run) => number,
): number | null {
  const others = runs.get(rival);
  if (others === undefined) return null;
  const own = runs.get('service') ?? [];
  const ratios = own.flatMap((run, round) => {
    const other = others[round];
    return other === undefined ? [] : [read(run) / read(other)];
  });
  return medianOf(ratios);
}

const WARM_AIMS: readonly { rival: RivalName; title: string; least: number }[] = [
  { rival: 'raw', title: 'raw `node:http`', least: 0.95 },
  { rival: 'varnish', title: 'Varnish', least: 1 },
  { rival: 'nginxStatic', title: 'nginx static', least: 0.45 },
  { rival: 'nginxProxy', title: 'nginx proxy_cache', least: 0.55 },
  { rival: 'plugins', title: 'the stack of plugins', least: 3 },
];

function judgeWarm({ runs, single }: WarmRuns): Goal[] {
  const answered = WARM_AIMS.flatMap(({ rival, title, least }) =>
    CASES.map((name: CaseName) =>
      judge(
        { number: 1, what: `${CASE_TITLES[name]}: requests/s, times ${title}`, least },
        compare(runs[name], rival, ({ perSecond }) => perSecond),
        tellCpu(runs[name], rival),
      ),
    ),
  );
  const unsaturated = judge(
    { number: 1, what: 'list, one connection: p50, times nginx static', most: 1.15 },
    compare(single, 'nginxStatic', ({ p50Ms }) => p50Ms),
  );
  return [...answered, unsaturated];
}

/** How many times as many answers a second of the processor gives: what else runs on the core matters less to it. */
function tellCpu(runs: ReadonlyMap<RivalName, readonly Run[]>, rival: RivalName): string {
  const ratio = compare(runs, rival, ({ cpuMicros }) => 1 / cpuMicros);
  return ratio === null ? '' : ` (by CPU ${figure(ratio)})`;
}

const ENCODING_TITLES: Readonly<Record<ColdEncoding, string>> = { identity: 'identity', br: 'brotli' };

function judgeCold(cold: ColdRuns, growth: readonly IndexGrowth[]): Goal[] {
  const ratios = (['identity', 'br'] as const).map((encoding) =>
    judge(
      {
        number: 2,
        what: `never asked list at 200 trials, ${ENCODING_TITLES[encoding]}: CPU, times a warm one`,
        most: 3,
      },
      medianOf(cold[encoding].map((round) => round.cold.cpuMicros / round.warm.cpuMicros)),
    ),
  );
  const grown = [
    { trials: 100_000, most: 1 },
    { trials: 600_000, most: 3 },
  ].map(({ trials, most }) => {
    const point = growth.find((one) => one.trials === trials);
    const aim = {
      number: 2,
      what: `never asked list at ${trials.toLocaleString('en-US')} trials: CPU of the median question`,
      most,
      unit: ' ms',
    };
    return judge(
      aim,
      point === undefined ? null : point.medianMicros / 1000,
      point && ` (slowest ${figure(point.slowest.micros / 1000)} ms)`,
    );
  });
  return [...ratios, ...grown];
}

function judgePeers({ service, checking, peers, cached, upstream }: PeerRuns): Goal[] {
  const ratio = (read: (run: Run) => number): number =>
    medianOf(service.map((run, round) => read(run) / read(peers[round] ?? run)));
  const worst = (runs: readonly Run[]): number => medianOf(runs.map(({ mostMs }) => mostMs));
  const calls = `; the other's ${upstream.cached}, asking each time ${upstream.peers}`;
  return [
    judge(
      { number: 3, what: 'requests/s, times asking the registry each time', least: 1_000 },
      ratio(({ perSecond }) => perSecond),
    ),
    judge(
      { number: 3, what: 'p99, times asking the registry each time', most: 0.01 },
      ratio(({ p99Ms }) => p99Ms),
    ),
    judge(
      { number: 3, what: 'worst wait around an expiry, times a URL-keyed cache', most: 0.5 },
      worst(checking) / worst(cached),
      ` (${figure(worst(checking))} ms, the other's ${figure(worst(cached))} ms)`,
    ),
    judge(
      { number: 3, what: 'requests to the registry while readers wait', most: 0 },
      upstream.service,
      calls,
    ),
  ];
}

function judgeSync(sync: readonly SyncFigures[], { rounds }: SwapRuns): Goal[] {
  const swaps = rounds.filter(({ swapped }) => swapped);
  return [
    judge(
      { number: 4, what: '200 studies with 600 sites: CPU until all is rendered', most: 1_000, unit: ' ms' },
      medianOf(sync.map(({ cpuMs }) => cpuMs)),
    ),
    judge(
      { number: 4, what: 'the same: longest block of the event loop', most: 50, unit: ' ms' },
      medianOf(sync.map(({ longestBlockMs }) => longestBlockMs)),
    ),
    judge(
      { number: 4, what: 'p99 of readers during a swap, times without', most: 1.5 },
      swaps.length === 0 ? null : medianOf(swaps.map(({ still, swapping }) => swapping.p99Ms / still.p99Ms)),
    ),
  ];
}

function judgeStart({ startMs, afterStartMib, afterLoadMib, floodMib, floodSeconds }: StartFigures): Goal[] {
  const third = Math.floor(floodMib.length / 3);
  const middle = medianOf(floodMib.slice(third, 2 * third));
  const last = medianOf(floodMib.slice(2 * third));
  return [
    judge(
      { number: 5, what: 'start to the first 200 from a saved list', most: 500, unit: ' ms' },
      medianOf(startMs),
    ),
    judge({ number: 5, what: 'RSS after the start', most: 150, unit: ' MiB' }, afterStartMib),
    judge({ number: 5, what: 'RSS after load', most: 150, unit: ' MiB' }, afterLoadMib),
    judge(
      {
        number: 5,
        what: `flood of random questions, ${floodSeconds} s: RSS of the last third, times the middle one`,
        most: 1.1,
      },
      last / middle,
      ` (${figure(last)} MiB)`,
    ),
  ];
}

export function judgeAll({ warm, cold, growth, peers, sync, swap, start }: Measured): Goal[] {
  return [
    ...judgeWarm(warm),
    ...judgeCold(cold, growth),
    ...judgePeers(peers),
    ...judgeSync(sync, swap),
    ...judgeStart(start),
  ];
}
