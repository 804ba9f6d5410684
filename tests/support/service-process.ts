import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { START_ARGUMENTS } from './start-command.ts';

interface List {
  readonly total: number;
  readonly data: { nctId: string; availability: string }[];
  readonly meta: { source: string; stale: boolean; sourceDataTimestamp: string; snapshotId: string };
}

/** The real program in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly address: string;
  readonly port: number;
  /** Everything on its two outputs so far. */
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  list(query?: string): Promise<List>;
  waitFor(pattern: RegExp): Promise<string>;
  /** Sends the signal and waits for the end; the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const spawnNode = (given: readonly string[], environment: Record<string, string>) =>
  spawn(process.execPath, given, {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Starts the service on a free port; resolves when it says where it serves. */
export async function startServiceProcess(
  environment: Record<string, string>,
  startArguments = START_ARGUMENTS,
): Promise<ServiceProcess> {
  const child = spawnNode(startArguments, { PORT: '0', ...environment });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines: string[] = [];
  const errors = readLines(child.stderr);
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line);
  });
  const waitFor = async (pattern: RegExp): Promise<string> =>
    lines.find((line) => pattern.test(line)) ??
    new Promise((resolve) => {
      waiting.push({ pattern, resolve });
    });
  const address = (await waitFor(/^Serving at /)).replace('Serving at ', '');
  return {
    child,
    address,
    port: environment['PUBLIC_URL'] ? await findPort(waitFor) : Number(new URL(address).port),
    lines,
    errors,
    waitFor,
    list: async (query = '') => (await (await fetch(`${address}/v1/trials${query}`)).json()) as List,
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

/** Where it listens, when it says that it serves elsewhere: in its log. */
async function findPort(waitFor: ServiceProcess['waitFor']): Promise<number> {
  const line = await waitFor(/listening at http/);
  return Number(/listening at http:\/\/[^:]+:(\d+)/.exec(line)?.[1]);
}

function readLines(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  createInterface(stream).on('line', (line) => lines.push(line));
  return lines;
}

/** Runs a command of the project to its end. */
export async function runCommand(
  file: string,
  given: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string[]; errors: string[] }> {
  const child = spawnNode([file, ...given], environment);
  const [output, errors] = [readLines(child.stdout), readLines(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}
