import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CLIENT_CORE,
  findProgram,
  readBusySeconds,
  readCpuSeconds,
  SERVER_CORE,
  startPinned,
} from './pinned-processes.ts';
import type { Rival } from './rivals/rival.ts';

/** One run of wrk against one rival. */

const SCRIPT = new URL('wrk.lua', import.meta.url).pathname;

export interface Load {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Ends the run before its time. */
  readonly until?: Promise<unknown>;
  readonly connections?: number;
  /** No request has the bytes of another. */
  readonly isDiffering?: boolean;
  /** Lists that are all different, instead of the path. */
  readonly questions?: {
    readonly first: number;
    readonly count: number;
    readonly limit: number;
    /** Neighbours differ in more than the age. */
    readonly isApart: boolean;
  };
}

export interface Run {
  readonly requests: number;
  readonly perSecond: number;
  /** Of the server's processor, for each request. */
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly refused: number;
  /** What other programs took of the server's core meanwhile, between 0 and 1. */
  readonly othersShare: number;
}

const CONNECTIONS = 64;

export async function runWrk({ child, port }: Pick<Rival, 'child' | 'port'>, load: Load): Promise<Run> {
  const { path, headers = {}, seconds, connections = CONNECTIONS, questions } = load;
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const asked = questions
    ? [
        ...['--', 'questions', questions.first, questions.count, questions.limit].map(String),
        ...(questions.isApart ? ['apart'] : []),
      ]
    : load.isDiffering
      ? ['--', 'differing']
      : [];
  // wrk counts in whole seconds; what is shorter ends by the signal.
  const { until = seconds % 1 === 0 ? undefined : delay(seconds * 1000) } = load;
  const before = await readCpuSeconds(child);
  const busyBefore = await readBusySeconds(SERVER_CORE);
  const beganMs = performance.now();
  const client = startPinned(
    findProgram('wrk') ?? 'wrk',
    [
      '-t1',
      `-c${connections}`,
      `-d${Math.ceil(seconds)}s`,
      '-s',
      SCRIPT,
      ...fields,
      `http://127.0.0.1:${port}${path}`,
      ...asked,
    ],
    { core: CLIENT_CORE, isRead: true },
  );
  const exited = once(client, 'exit');
  // At this signal it tells what it has, as at the end.
  void until?.then(() => client.exitCode ?? client.kill('SIGINT'));
  const [output] = await Promise.all([text(client.stdout ?? process.stdin), exited]);
  const used = (await readCpuSeconds(child)) - before;
  const busy = (await readBusySeconds(SERVER_CORE)) - busyBefore;
  const tookSeconds = (performance.now() - beganMs) / 1000;
  const told = /^\{.*\}$/m.exec(output)?.[0];
  if (told === undefined) throw new Error(`wrk told nothing of ${path}: ${output}`);
  const { requests, micros, p50, p99, most, refused, broken } = JSON.parse(told) as Record<string, number> &
    Record<'requests' | 'micros' | 'p50' | 'p99' | 'most' | 'refused' | 'broken', number>;
  if (broken > 0) throw new Error(`${broken} requests of ${path} at port ${port} were broken`);
  return {
    requests,
    perSecond: requests / (micros / 1e6),
    cpuMicros: (used * 1e6) / requests,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    mostMs: most / 1000,
    refused,
    othersShare: Math.max(0, busy - used) / tookSeconds,
  };
}
