import { parseArgs } from 'node:util';
import { simulate, type Run } from '../tests/simulation/simulate.ts';

/**
 * `npm run simulate -- [--seed N] [--seeds 10] [--steps 10000]`: plans of faults, restarts and reads over the real
 * service in a world of its own time; ends with 1 at the first thing that is wrong, and says how to see it again.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    steps: { type: 'string', default: '10000' },
    week: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const seeds = Number(values.seeds ?? (process.argv.includes('--seed') ? 1 : 10));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function printRun({ seed, figures, violation }: Run, seconds: number): void {
  const { outcomes, ...counts } = figures;
  const words = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  print(`seed ${seed}: ${words.join(', ')}, seconds ${seconds.toFixed(1)}`);
  const ends = Object.entries(outcomes).toSorted(([one], [other]) => (one < other ? -1 : 1));
  print(`  syncs: ${ends.map(([result, count]) => `${result} ${count}`).join(', ')}`);
  if (violation === null) return;
  print(`  VIOLATION: ${violation.message}`);
  for (const step of violation.steps.slice(-30)) print(`    ${JSON.stringify(step)}`);
  print(`  Again: npm run simulate -- --seed ${seed} --steps ${violation.steps.length}`);
}

if (values.week) {
  const { simulateWeek } = await import('../tests/simulation/week.ts');
  for (const line of await simulateWeek()) print(line);
} else {
  for (let seed = first; seed < first + seeds; seed++) {
    const startedMs = performance.now();
    const run = await simulate(seed, Number(values.steps));
    printRun(run, (performance.now() - startedMs) / 1000);
    if (run.violation !== null) process.exitCode = 1;
  }
}
