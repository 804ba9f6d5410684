import { truncate } from 'node:fs/promises';
import { findProgram, stopProcess } from './pinned-processes.ts';
import { startPlugins, startRaw } from './rivals/node-rivals.ts';
import { startNginxProxy, startNginxStatic } from './rivals/nginx.ts';
import {
  CASES,
  CASE_TITLES,
  RIVAL_TITLES,
  type CaseName,
  type Rival,
  type RivalName,
  type Surroundings,
} from './rivals/rival.ts';
import { startServiceRival } from './rivals/service.ts';
import { startVarnish } from './rivals/varnish.ts';
import type { World } from './saved-world.ts';
import { runWrk, type Load, type Run } from './wrk.ts';

/** Goal 1: what was asked before, from all rivals in turns. */

export interface WarmRuns {
  /** One run a round. */
  readonly runs: Readonly<Record<CaseName, ReadonlyMap<RivalName, readonly Run[]>>>;
  /** With one connection, so that nobody waits for anybody. */
  readonly single: ReadonlyMap<RivalName, readonly Run[]>;
  /** The list by requests of which each has a header of its own, as behind a proxy that names its clients. */
  readonly differing: ReadonlyMap<RivalName, readonly Run[]>;
  readonly bytes: Readonly<Record<CaseName, number>>;
}

export interface WarmOptions {
  readonly rounds: number;
  /** So often each rival is asked for each case in a round: what else happens on a machine takes seconds. */
  readonly visits: number;
  readonly seconds: number;
  /** Node compiles the same code differently from start to start: what lasts for all rounds is luck. */
  readonly restartsEachRound: boolean;
  /** Only Node's own rivals are asked the others. */
  readonly casesForAll: readonly CaseName[];
  readonly print: (line: string) => void;
}

const STARTS: Readonly<
  Record<
    Exclude<RivalName, 'service'>,
    { needs: string | null; start: (around: Surroundings) => Promise<Rival> }
  >
> = {
  raw: { needs: null, start: startRaw },
  plugins: { needs: null, start: startPlugins },
  nginxStatic: { needs: 'nginx', start: startNginxStatic },
  nginxProxy: { needs: 'nginx', start: startNginxProxy },
  varnish: { needs: 'varnishd', start: startVarnish },
};
const WARM_UP_SECONDS = 1;
const COMPILED_LATE: ReadonlySet<RivalName> = new Set(['service', 'raw', 'plugins']);
const OF_NODE: ReadonlySet<RivalName> = new Set(['service', 'raw']);
const DIFFERING: ReadonlySet<RivalName> = new Set(['service', 'raw', 'varnish']);
const SINGLE: ReadonlySet<RivalName> = new Set(['service', 'raw', 'nginxStatic']);

const bytesOf = (text: string): number => Buffer.byteLength(text, 'base64');

async function startAll(world: World, place: { folder: string; limit: number }) {
  const { service, surroundings } = await startServiceRival(world, place);
  const rivals = [service];
  for (const { needs, start } of Object.values(STARTS))
    if (needs === null || findProgram(needs) !== null) rivals.push(await start(surroundings));
  return { rivals, surroundings };
}

async function ask(
  rival: Rival,
  name: CaseName,
  load: Pick<Load, 'seconds' | 'connections' | 'isDiffering'>,
): Promise<Run> {
  const run = await runWrk(rival, { ...rival.questions[name], ...load });
  if (run.refused > 0) throw new Error(`${rival.name} refused ${run.refused} of ${run.requests} (${name})`);
  if (rival.logFile !== undefined) await truncate(rival.logFile);
  return run;
}

/** Another one begins each time. */
const inTurns = (rivals: readonly Rival[], turn: number): Rival[] =>
  rivals.map((_, index) => rivals[(index + turn) % rivals.length] as Rival);

export async function measureWarm(
  world: World,
  place: { folder: string; limit: number },
  options: WarmOptions,
): Promise<WarmRuns> {
  const { rounds, visits, seconds, print } = options;
  const runs = Object.fromEntries(CASES.map((name) => [name, new Map<RivalName, Run[]>()])) as Record<
    CaseName,
    Map<RivalName, Run[]>
  >;
  const single = new Map<RivalName, Run[]>();
  const differing = new Map<RivalName, Run[]>();
  const note = (into: Map<RivalName, Run[]>, { name }: Rival, run: Run): void => {
    into.set(name, [...(into.get(name) ?? []), run]);
  };
  let all = await startAll(world, place);
  const warmUp = async (): Promise<void> => {
    // What runs no JavaScript is as fast at first as later.
    for (const rival of all.rivals.filter(({ name }) => COMPILED_LATE.has(name)))
      for (const name of ['list', 'notModified'] as const)
        await ask(rival, name, { seconds: WARM_UP_SECONDS });
  };
  await warmUp();
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && options.restartsEachRound) {
      await Promise.all(all.rivals.map(({ child }) => stopProcess(child)));
      all = await startAll(world, place);
      await warmUp();
    }
    for (let visit = 0; visit < visits; visit++) {
      for (const [index, name] of CASES.entries()) {
        const isForAll = options.casesForAll.includes(name);
        for (const rival of inTurns(all.rivals, round + visit + index))
          if (isForAll || OF_NODE.has(rival.name))
            note(runs[name], rival, await ask(rival, name, { seconds }));
      }
      for (const rival of inTurns(all.rivals, round + visit))
        if (DIFFERING.has(rival.name))
          note(differing, rival, await ask(rival, 'list', { seconds, isDiffering: true }));
    }
    for (const rival of inTurns(all.rivals, round))
      if (SINGLE.has(rival.name)) note(single, rival, await ask(rival, 'list', { seconds, connections: 1 }));
    const told = CASES.map((name) => {
      const perSecond = (rival: RivalName): number => runs[name].get(rival)?.at(-1)?.perSecond ?? Number.NaN;
      return `${CASE_TITLES[name]} ${(perSecond('service') / perSecond('raw')).toFixed(2)}`;
    });
    print(`round ${round + 1} of ${rounds}, times ${RIVAL_TITLES.raw}: ${told.join(', ')}`);
  }
  const { answers } = all.surroundings;
  await Promise.all(all.rivals.map(({ child }) => stopProcess(child)));
  return {
    runs,
    single,
    differing,
    bytes: {
      list: bytesOf(answers.list.body),
      listBrotli: bytesOf(answers.listBrotli.body),
      trial: bytesOf(answers.trial.body),
      notModified: 0,
    },
  };
}
