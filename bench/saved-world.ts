import { once } from 'node:events';
import { cp, mkdtemp } from 'node:fs/promises';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text, buffer } from 'node:stream/consumers';
import process from 'node:process';
import { startRegistryStandIn, type RegistryStandIn } from '../tests/support/registry-stand-in.ts';
import { BUILT_ENVIRONMENT, BUILT_START_ARGUMENTS } from '../tests/support/start-command.ts';
import { CLIENT_CORE, SERVER_CORE, findFreePort, startPinned, waitForAnswer } from './pinned-processes.ts';
import type { ChildProcess } from 'node:child_process';

/** A registry of studies, the list that the service saved of it, and services that start from that. */

export interface World {
  readonly registry: RegistryStandIn;
  /** What the service asks: answers as the registry gave them, from memory, so that they cost next to nothing. */
  readonly baseUrl: string;
  /** Requests of studies; the version is asked beside. */
  readonly walked: () => number;
  /** As many make one walk. */
  readonly requestsOfWalk: number;
  /** From now on another day's data, fetched beforehand as the service will ask for them. */
  refresh(studies: readonly unknown[], dataTimestamp: string): Promise<void>;
  startService(environment?: Record<string, string>): Promise<StartedService>;
  close(): Promise<void>;
}

export interface StartedService {
  readonly child: ChildProcess;
  readonly port: number;
  readonly logFile: string;
  readonly startedMs: number;
}

interface KeptPage {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

async function fetchPage(url: string): Promise<KeptPage> {
  const request = get(url, { headers: { 'accept-encoding': 'gzip' } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    bytes: await buffer(response),
  };
}

/** Saves the list of these studies in a folder of its own. */
export async function createWorld(folder: string, studies: readonly unknown[]): Promise<World> {
  const registry = await startRegistryStandIn({ studies });
  const origin = new URL(registry.baseUrl).origin;
  const pages = new Map<string, KeptPage>();
  let walked = 0;
  const answer = async (path: string): Promise<KeptPage> => {
    const known = pages.get(path) ?? (await fetchPage(`${origin}${path}`));
    pages.set(path, known);
    return known;
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const isVersion = path.endsWith('/version');
    if (!isVersion) walked++;
    void (isVersion ? fetchPage(`${origin}${path}`) : answer(path)).then(({ status, headers, bytes }) => {
      const { 'content-type': type, 'content-encoding': encoding, etag } = headers;
      response.writeHead(status, {
        ...(type !== undefined && { 'content-type': type }),
        ...(encoding !== undefined && { 'content-encoding': encoding }),
        ...(etag !== undefined && { etag }),
      });
      return response.end(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2`;
  const saved = await mkdtemp(join(folder, 'saved-'));
  const common = { CTGOV_BASE_URL: baseUrl, PUBLIC_URL: 'https://trials.example', BUNDLED_SAMPLE: 'refuse' };
  await runSync({ ...common, DATA_DIR: saved });
  const requestsOfWalk = walked;
  return {
    registry,
    baseUrl,
    walked: () => walked,
    requestsOfWalk,
    async refresh(next, dataTimestamp) {
      const asked = [...pages.keys()];
      registry.setStudies(next);
      registry.refresh(dataTimestamp);
      pages.clear();
      for (const path of asked) await answer(path);
    },
    async startService(environment = {}) {
      const own = await mkdtemp(join(folder, 'service-'));
      await cp(saved, own, { recursive: true });
      const port = await findFreePort();
      const logFile = `${own}.log`;
      const child = startPinned(process.execPath, BUILT_START_ARGUMENTS, {
        core: SERVER_CORE,
        logFile,
        env: {
          ...common,
          ...BUILT_ENVIRONMENT,
          PORT: String(port),
          DATA_DIR: own,
          // The largest that the settings allow; no run asks as often.
          RATE_LIMIT_PER_MINUTE: '10000000',
          ...environment,
        },
      });
      const startedMs = await waitForAnswer(port, '/v1/trials', child);
      return { child, port, logFile, startedMs };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await registry.close();
    },
  };
}

async function runSync(environment: Record<string, string>): Promise<void> {
  const child = startPinned(process.execPath, ['dist/sync-once.js'], {
    core: CLIENT_CORE,
    isRead: true,
    env: environment,
  });
  const [output, [code]] = await Promise.all([text(child.stdout ?? process.stdin), once(child, 'exit')]);
  if (code !== 0) throw new Error(`no list could be made: ${output}`);
}
