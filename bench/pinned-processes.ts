import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

/** Programs pinned to a core, each ended by its own number, and what the system says they used. Linux only: /proc. */

export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;
const TICKS_PER_SECOND = 100;
const PATIENCE_MS = 5_000;
const LONGEST_START_MS = 60_000;
const POLL_MS = 5;

/** Where a program is; `null` when it is not installed. Servers of Debian are where only root looks. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

export const isPinning = spawnSync('taskset', ['-c', String(CLIENT_CORE), 'true']).status === 0;

/** This process sits with the clients, so that what it does is not taken from the servers. */
export function pinThisProcess(): void {
  if (isPinning) spawnSync('taskset', ['-acp', String(CLIENT_CORE), String(process.pid)]);
}

const running = new Set<ChildProcess>();

export interface StartOptions {
  readonly core: number;
  readonly env?: Record<string, string>;
  /** Where its output goes; nowhere unless given. */
  readonly logFile?: string;
  /** Its output is read by the caller instead. */
  readonly isRead?: boolean;
}

export function startPinned(program: string, given: readonly string[], options: StartOptions): ChildProcess {
  const { core, env = {}, logFile, isRead = false } = options;
  const [command, ...parameters] = isPinning
    ? ['taskset', '-c', String(core), program, ...given]
    : [program, ...given];
  const log = logFile === undefined ? null : openSync(logFile, 'a');
  const child = spawn(command, parameters, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', isRead ? 'pipe' : (log ?? 'ignore'), log ?? (isRead ? 'inherit' : 'ignore')],
  });
  if (log !== null) closeSync(log);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const hurry = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await exited;
  clearTimeout(hurry);
}

/** At once and without waiting, for when this process itself is ended. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stopProcess));
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** Milliseconds until it answered 200. */
export async function waitForAnswer(port: number, path: string, child: ChildProcess): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}${path}`).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    const tookMs = performance.now() - beganMs;
    if (status === 200) return tookMs;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || tookMs > LONGEST_START_MS)
      throw new Error(
        `${child.spawnargs.join(' ')}: no answer at ${path} (${status}) after ${tookMs.toFixed(0)} ms, ${hasEnded ? 'it has ended' : 'it runs'}`,
      );
    await delay(POLL_MS);
  }
}

/** The process and all that it started: nginx and Varnish work in a child of their own. */
async function readTree(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  const below = await Promise.all(children.map(readTree));
  return [pid, ...below.flat()];
}

/** Of user and system together, of the whole tree. */
export async function readCpuSeconds({ pid = 0 }: ChildProcess): Promise<number> {
  let ticks = 0;
  for (const one of await readTree(pid)) {
    const text = await readFile(`/proc/${one}/stat`, 'utf8').catch(() => '');
    const fields = text.slice(text.lastIndexOf(')')).split(' ');
    ticks += Number(fields[12] ?? 0) + Number(fields[13] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Of everything that ran on a core. */
export async function readBusySeconds(core: number): Promise<number> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = (
    new RegExp(`^cpu${core} (.*)$`, 'm').exec(text)?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return (user + nice + system + interrupts + soft + stolen) / TICKS_PER_SECOND;
}

export async function readResidentMib({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** What a process does after its start (a first look at the registry, answers made beforehand) is over. */
export async function waitForRest(child: ChildProcess): Promise<void> {
  const LONGEST_MS = 30_000;
  const endMs = performance.now() + LONGEST_MS;
  for (let still = 0; still < 3 && performance.now() < endMs;) {
    const before = await readCpuSeconds(child);
    await delay(150);
    still = (await readCpuSeconds(child)) - before < 0.015 ? still + 1 : 0;
  }
}
