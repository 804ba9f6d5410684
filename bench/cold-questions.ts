import { truncate } from 'node:fs/promises';
import { waitForRest } from './pinned-processes.ts';
import type { StartedService } from './saved-world.ts';
import { runWrk, type Run } from './wrk.ts';

/** Goal 2: lists that nobody has asked for before, beside as many others of the same kind that were. */

/** Few enough to wait for no more than a moment: a long line is refused (P6). */
const CONNECTIONS = 16;
const REPEATED = 100;
/** Cold questions begin beyond the repeated ones, and each run where no other will. */
const FIRST = 1_000;
const RUN_SPACE = 100_000;

export const COLD_ENCODINGS = ['identity', 'br'] as const;
export type ColdEncoding = (typeof COLD_ENCODINGS)[number];
export type ColdRuns = Readonly<Record<ColdEncoding, { cold: Run; warm: Run }[]>>;

export async function measureCold(
  service: StartedService,
  options: {
    rounds: number;
    seconds: number;
    /** For code that is still being compiled: so often all is asked without being counted. */
    warmUps: number;
    limit: number;
  },
): Promise<ColdRuns> {
  const { rounds, seconds, warmUps, limit } = options;
  await waitForRest(service.child);
  let run = 0;
  const ask = async (encoding: ColdEncoding, isCold: boolean): Promise<Run> => {
    const questions = isCold
      ? { first: FIRST + run++ * RUN_SPACE, count: RUN_SPACE, limit }
      : { first: 0, count: REPEATED, limit };
    const outcome = await runWrk(service, {
      path: '/',
      headers: { 'accept-encoding': encoding },
      seconds,
      connections: CONNECTIONS,
      questions,
    });
    await truncate(service.logFile);
    return outcome;
  };
  const runs: ColdRuns = { identity: [], br: [] };
  for (let time = 0; time < warmUps; time++)
    for (const encoding of COLD_ENCODINGS) {
      await ask(encoding, true);
      await ask(encoding, false);
    }
  for (let round = 0; round < rounds; round++)
    for (const encoding of COLD_ENCODINGS) {
      const cold = await ask(encoding, true);
      // Once without being counted: the cold ones have pushed them out.
      await ask(encoding, false);
      runs[encoding].push({ cold, warm: await ask(encoding, false) });
    }
  return runs;
}
