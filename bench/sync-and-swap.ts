import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { truncate } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { SyncFigures } from './measure-sync.ts';
import { SERVER_CORE, startPinned, stopProcess, waitForRest } from './pinned-processes.ts';
import { createWorld } from './saved-world.ts';
import { makeWideStudy } from './wide-studies.ts';
import { runWrk, type Run } from './wrk.ts';

/** Goal 4: what a list in the making costs, and what readers feel of it. */

const STUDIES = 200;
const SITES = 600;
const SYNC_EVERY_SECONDS = '1';
const FIRST_DAY = Date.parse('2026-11-21T09:00:04Z');
const DAY_MS = 86_400_000;
const LONGEST_WALK_MS = 60_000;

export async function measureSync(times: number): Promise<SyncFigures[]> {
  const file = new URL('measure-sync.ts', import.meta.url).pathname;
  const figures: SyncFigures[] = [];
  for (let time = 0; time < times; time++) {
    const child = startPinned(process.execPath, [file, String(STUDIES), String(SITES)], {
      core: SERVER_CORE,
      isRead: true,
    });
    const [output] = await Promise.all([text(child.stdout ?? process.stdin), once(child, 'exit')]);
    figures.push(JSON.parse(output) as SyncFigures);
  }
  return figures;
}

export interface SwapRuns {
  /** Readers while the registry has nothing new, and while a new list is made and put in place. */
  readonly rounds: { readonly still: Run; readonly swapping: Run; readonly swapped: boolean }[];
}

export async function measureSwap(
  folder: string,
  options: { rounds: number; seconds: number; limit: number },
): Promise<SwapRuns> {
  const { rounds, seconds, limit } = options;
  const studiesOf = (edition: number): unknown[] =>
    Array.from({ length: STUDIES }, (_, index) => retitle(makeWideStudy(index + 1, SITES).study, edition));
  const world = await createWorld(folder, studiesOf(0));
  const requestsOfWalk = world.walked();
  const service = await world.startService({ SYNC_INTERVAL_SECONDS: SYNC_EVERY_SECONDS });
  await waitForRest(service.child);
  const path = `/v1/trials?limit=${limit}`;
  const load = async (): Promise<Run> => {
    const run = await runWrk(service, { path, seconds });
    await truncate(service.logFile);
    return run;
  };
  const snapshotId = async (): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${service.port}${path}`);
    return ((await answer.json()) as { meta: { snapshotId: string } }).meta.snapshotId;
  };
  const measured: SwapRuns['rounds'] = [];
  await load();
  for (let round = 1; round <= rounds; round++) {
    const still = await load();
    const before = await snapshotId();
    const walkedBefore = world.walked();
    const day = new Date(FIRST_DAY + round * DAY_MS).toISOString().slice(0, 19);
    await world.refresh(studiesOf(round), day);
    // The walk waits a second between requests and costs little; from the last page on there is work to do.
    const giveUpMs = performance.now() + LONGEST_WALK_MS;
    while (world.walked() - walkedBefore < requestsOfWalk && performance.now() < giveUpMs) await delay(20);
    const swapping = await load();
    measured.push({ still, swapping, swapped: (await snapshotId()) !== before });
    await waitForRest(service.child);
  }
  await stopProcess(service.child);
  await world.close();
  return { rounds: measured };
}

/** The same study with another title: a list that differs in every line. */
function retitle(study: unknown, edition: number): unknown {
  const { identificationModule } = (
    study as { protocolSection: { identificationModule: { briefTitle?: string } } }
  ).protocolSection;
  identificationModule.briefTitle = `${identificationModule.briefTitle} (${edition})`;
  return study;
}
