import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { truncate } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { START_ARGUMENTS } from '../tests/support/start-command.ts';
import type { SyncFigures } from './measure-sync.ts';
import { SERVER_CORE, startPinned, stopProcess, waitForRest } from './pinned-processes.ts';
import type { World } from './saved-world.ts';
import { runWrk, type Run } from './wrk.ts';

/** Goal 4: what a list in the making costs, and what readers feel of it. */

const STUDIES = 200;
const SITES = 600;
/** Each look makes the common answers anew, because they say when it was: that must be over before the next. */
const SYNC_EVERY_SECONDS = '6';
/** Every fourth study changes: of more the guards would want to be sure. */
const CHANGING = 4;
const FIRST_DAY = Date.parse('2026-11-21T09:00:04Z');
const DAY_MS = 86_400_000;
const LONGEST_WALK_MS = 60_000;
const POLL_MS = 100;
/** The common answers of the new list are rendered then. */
const AFTERWARDS_MS = 1_000;

/** As the service is started, but for what is started: so that memory is collected as there. */
const FLAGS = START_ARGUMENTS.slice(0, -1);

export async function measureSync(times: number): Promise<SyncFigures[]> {
  const figures: SyncFigures[] = [];
  for (let time = 0; time < times; time++) {
    const { longestBlockMs } = await makeList(['blocks']);
    figures.push({ ...(await makeList([])), longestBlockMs });
  }
  return figures;
}

async function makeList(watching: readonly string[]): Promise<SyncFigures> {
  const file = new URL('measure-sync.ts', import.meta.url).pathname;
  const given = [...FLAGS, file, String(STUDIES), String(SITES), ...watching];
  const child = startPinned(process.execPath, given, { core: SERVER_CORE, isRead: true });
  const [output] = await Promise.all([text(child.stdout ?? process.stdin), once(child, 'exit')]);
  return JSON.parse(output) as SyncFigures;
}

export interface SwapRuns {
  /** Readers while the registry has nothing new, and while a new list is made and put in place. */
  readonly rounds: { readonly still: Run; readonly swapping: Run; readonly swapped: boolean }[];
}

export async function measureSwap(
  world: World,
  studies: readonly unknown[],
  options: { rounds: number; stillSeconds: number; longestSeconds: number; limit: number },
): Promise<SwapRuns> {
  const { rounds, stillSeconds, longestSeconds, limit } = options;
  const requestsOfWalk = world.requestsOfWalk;
  const service = await world.startService({ SYNC_INTERVAL_SECONDS: SYNC_EVERY_SECONDS });
  await waitForRest(service.child);
  const path = `/v1/trials?limit=${limit}`;
  const load = async (seconds: number, until?: Promise<unknown>): Promise<Run> => {
    const run = await runWrk(service, { path, seconds, ...(until && { until }) });
    await truncate(service.logFile);
    return run;
  };
  /** `null` for who comes right after a swap and finds too many before him. */
  const snapshotId = async (): Promise<string | null> => {
    const answer = await fetch(`http://127.0.0.1:${service.port}${path}`);
    if (answer.status === 503) return null;
    if (!answer.ok) throw new Error(`the service answered ${answer.status} in the middle of a run`);
    return ((await answer.json()) as { meta: { snapshotId: string } }).meta.snapshotId;
  };
  const measured: SwapRuns['rounds'] = [];
  for (let round = 1; round <= rounds; round++) {
    const still = await load(stillSeconds);
    if (still.refused > 0) throw new Error(`the service refused ${still.refused} of ${still.requests}`);
    let before: string | null = null;
    await waitUntil(async () => (before = await snapshotId()) !== null, LONGEST_WALK_MS);
    const walkedBefore = world.walked();
    const day = new Date(FIRST_DAY + round * DAY_MS).toISOString().slice(0, 19);
    await world.refresh(
      studies.map((study, index) => (index % CHANGING === 0 ? retitle(study, round) : study)),
      day,
    );
    // The walk waits a second between requests and costs little; from the last page on there is work to do.
    await waitUntil(() => world.walked() - walkedBefore >= requestsOfWalk, LONGEST_WALK_MS);
    const isOver = async (): Promise<boolean> => ![before, null].includes(await snapshotId());
    const swapping = await load(
      longestSeconds,
      waitUntil(isOver, longestSeconds * 1000).then(async () => delay(AFTERWARDS_MS)),
    );
    measured.push({ still, swapping, swapped: await isOver() });
    await waitForRest(service.child);
  }
  await stopProcess(service.child);
  return { rounds: measured };
}

async function waitUntil(isSo: () => boolean | Promise<boolean>, mostMs: number): Promise<void> {
  const giveUpMs = performance.now() + mostMs;
  while (!(await isSo()) && performance.now() < giveUpMs) await delay(POLL_MS);
}

/** The same study with another title. */
function retitle(study: unknown, edition: number): unknown {
  const { protocolSection: section, ...others } = study as {
    protocolSection: { identificationModule: { briefTitle?: string } };
  };
  const { identificationModule: named } = section;
  const identificationModule = { ...named, briefTitle: `${named.briefTitle} (${edition})` };
  return { ...others, protocolSection: { ...section, identificationModule } };
}
