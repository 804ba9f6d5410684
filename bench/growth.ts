import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Figures, Task } from './measure-pack.ts';

/** How a question that nobody asked before grows with the trials (goal 2); each size in a process of its own. */

export interface GrowthPoint {
  readonly trials: number;
  readonly buildMs: number;
  readonly heapBytes: number;
  /** Of typical questions, all counts and rendering included: the median one and the slowest. */
  readonly medianMicros: number;
  readonly slowest: { readonly question: string; readonly micros: number };
}

const HEAP_MB = 8_192;
const GROW_MS = 100_000;
const ASK_MS = 6_000;
/** For collecting garbage and for a question that is under way. */
const LEEWAY_MS = 60_000;

/** Sizes that do not fit into memory and time are left out. */
export async function measureGrowth(
  sizes: readonly number[],
  print: (line: string) => void,
): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const count of sizes) {
    const figures = await measureSize(count);
    if (figures.kind !== 'pack' || figures.pack.trials < count) {
      print(`${count.toLocaleString('en-US')} trials did not fit into ${GROW_MS / 1000} s and ${HEAP_MB} MB`);
      continue;
    }
    const { createMs, heapBytes, queries } = figures.pack;
    const sorted = queries.toSorted((one, other) => one.medianMs - other.medianMs);
    const point = {
      trials: count,
      buildMs: createMs,
      heapBytes,
      medianMicros: (sorted[sorted.length >> 1]?.medianMs ?? Number.NaN) * 1000,
      slowest: {
        question: sorted.at(-1)?.name ?? '',
        micros: (sorted.at(-1)?.medianMs ?? Number.NaN) * 1000,
      },
    };
    points.push(point);
    print(`${count.toLocaleString('en-US')} trials: ${point.medianMicros.toFixed(0)} µs a question`);
  }
  return points;
}

async function measureSize(count: number): Promise<Figures> {
  const child = fork(new URL('measure-pack.ts', import.meta.url), {
    execArgv: ['--expose-gc', `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = setTimeout(() => child.kill('SIGKILL'), GROW_MS + ASK_MS + LEEWAY_MS);
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const ended = once(child, 'exit').then((): [Figures] => [{ kind: 'failed', problem: 'the process ended' }]);
  const task: Task = { kind: 'chunks', count, texts: 'shared', growMs: GROW_MS, askMs: ASK_MS };
  child.send(task);
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [Figures];
  await ended;
  process.off('exit', onExit);
  clearTimeout(kill);
  return figures;
}
