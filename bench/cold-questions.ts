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
interface ColdRound {
  readonly cold: Run;
  readonly warm: Run;
  /** Never asked either, and hardly two of them find the same list. */
  readonly apart: Run;
}
export type ColdKind = keyof ColdRound;
export type ColdRuns = Readonly<Record<ColdEncoding, readonly ColdRound[]>>;

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
  const ask = async (encoding: ColdEncoding, kind: ColdKind): Promise<Run> => {
    const questions =
      kind === 'warm'
        ? { first: 0, count: REPEATED, limit, isApart: false }
        : { first: FIRST + run++ * RUN_SPACE, count: RUN_SPACE, limit, isApart: kind === 'apart' };
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
  const runs: Record<ColdEncoding, ColdRound[]> = { identity: [], br: [] };
  for (let time = 0; time < warmUps; time++)
    for (const encoding of COLD_ENCODINGS) {
      await ask(encoding, 'apart');
      await ask(encoding, 'cold');
      await ask(encoding, 'warm');
    }
  for (let round = 0; round < rounds; round++)
    for (const encoding of COLD_ENCODINGS) {
      const apart = await ask(encoding, 'apart');
      const cold = await ask(encoding, 'cold');
      // Once without being counted: the cold ones have pushed them out.
      await ask(encoding, 'warm');
      runs[encoding].push({ apart, cold, warm: await ask(encoding, 'warm') });
    }
  return runs;
}
