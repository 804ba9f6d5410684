import { truncate } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readResidentMib, stopProcess, waitForRest } from './pinned-processes.ts';
import type { World } from './saved-world.ts';
import { runWrk } from './wrk.ts';

/** Goal 5: from nothing to the first answer, and memory then, under load and in a flood of questions. */

export interface StartFigures {
  readonly startMs: number[];
  readonly afterStartMib: number;
  readonly afterLoadMib: number;
  /** Through the flood, in even steps. */
  readonly floodMib: number[];
  readonly floodSeconds: number;
}

const FLOOD_CONNECTIONS = 16;
const FLOOD_SAMPLES = 30;
/** As many different lists as the script knows. */
const QUESTIONS = 20_000 * 31 * 63;
const LOAD_SECONDS = 2;

export async function measureStart(
  world: World,
  options: { starts: number; limit: number; floodSeconds: number },
): Promise<StartFigures> {
  const { starts, limit, floodSeconds } = options;
  const startMs: number[] = [];
  for (let start = 1; start < starts; start++) {
    const { child, startedMs } = await world.startService();
    startMs.push(startedMs);
    await stopProcess(child);
  }
  const service = await world.startService();
  startMs.push(service.startedMs);
  await waitForRest(service.child);
  const afterStartMib = await readResidentMib(service.child);
  await runWrk(service, { path: `/v1/trials?limit=${limit}`, seconds: LOAD_SECONDS });
  const afterLoadMib = await readResidentMib(service.child);
  const flood = runWrk(service, {
    path: '/',
    seconds: floodSeconds,
    connections: FLOOD_CONNECTIONS,
    questions: { first: 0, count: QUESTIONS, limit, isApart: true },
  });
  const floodMib: number[] = [];
  for (let sample = 0; sample < FLOOD_SAMPLES; sample++) {
    await delay((floodSeconds * 1000) / FLOOD_SAMPLES);
    floodMib.push(await readResidentMib(service.child));
    await truncate(service.logFile);
  }
  await flood;
  await stopProcess(service.child);
  return { startMs, afterStartMib, afterLoadMib, floodMib, floodSeconds };
}
