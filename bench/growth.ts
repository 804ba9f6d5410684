import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import type { IndexGrowth } from './index-growth.ts';

/** How a question that nobody asked before grows with the trials (goal 2); each size in a process of its own. */

const HEAP_MB = 8_192;
/** Making 600,000 trials and their index takes most of it. */
const LONGEST_MS = 240_000;

/** Sizes that do not fit into memory and time are left out, and said to be. */
export async function measureGrowth(
  sizes: readonly number[],
  print: (line: string) => void,
): Promise<IndexGrowth[]> {
  const points: IndexGrowth[] = [];
  for (const count of sizes) {
    const point = await measureBeside(count);
    const size = `${count.toLocaleString('en-US')} trials`;
    if (point === null) print(`${size} did not fit into ${LONGEST_MS / 1000} s and ${HEAP_MB} MB`);
    else {
      points.push(point);
      print(`${size}: ${point.medianMicros.toFixed(0)} µs a question`);
    }
  }
  return points;
}

async function measureBeside(count: number): Promise<IndexGrowth | null> {
  const child = fork(new URL('measure-index.ts', import.meta.url), {
    execArgv: ['--expose-gc', `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, LONGEST_MS);
  process.once('exit', kill);
  const ended = once(child, 'exit');
  child.send(count);
  const [point] = (await Promise.race([once(child, 'message'), ended.then(() => [null])])) as [
    IndexGrowth | null,
  ];
  kill();
  await ended;
  process.off('exit', kill);
  clearTimeout(timer);
  return point;
}
