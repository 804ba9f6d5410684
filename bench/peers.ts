import { once } from 'node:events';
import { truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { makeStudy } from './large-packs.ts';
import {
  findFreePort,
  SERVER_CORE,
  startPinned,
  stopProcess,
  waitForAnswer,
  waitForRest,
} from './pinned-processes.ts';
import type { StartedService, World } from './saved-world.ts';
import { runWrk, type Run } from './wrk.ts';

/** Goal 3: against those who ask the registry while somebody waits. */

export const REGISTRY_LATENCY_MS = 200;
export const TTL_MS = 2_000;
export const PEER_CONNECTIONS = 32;
const CHECK_EVERY_SECONDS = '2';
const WARM_UP_SECONDS = 1;

export interface PeerRuns {
  readonly service: Run[];
  /** The service while it looks at its registry as often as the other's answers expire. */
  readonly checking: Run[];
  readonly peers: Run[];
  readonly cached: Run[];
  /** Requests of studies while readers were answered. */
  readonly upstream: { service: number; peers: number; cached: number };
}

/** Answers as a page of the registry, later. */
async function startSlowRegistry(
  limit: number,
): Promise<{ origin: string; calls: () => number; close: () => void }> {
  const studies = Array.from({ length: limit }, (_, index) => makeStudy(index + 1, 'saved').study);
  const page = Buffer.from(JSON.stringify({ studies }));
  let calls = 0;
  const server = createServer((_request, response) => {
    calls++;
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length });
      response.end(page);
    }, REGISTRY_LATENCY_MS);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function startPeer(registry: string, ttlMs: number, path: string) {
  const port = await findFreePort();
  const file = new URL('rivals/ask-each-time.ts', import.meta.url).pathname;
  const child = startPinned(process.execPath, [file, registry, String(port), String(ttlMs)], {
    core: SERVER_CORE,
  });
  await waitForAnswer(port, path, child);
  return { child, port };
}

export async function measurePeers(
  { world, service }: { world: World; service: StartedService },
  options: { rounds: number; seconds: number; limit: number },
): Promise<PeerRuns> {
  const { rounds, seconds, limit } = options;
  const path = `/v1/trials?limit=${limit}`;
  const registry = await startSlowRegistry(limit);
  const peers = await startPeer(registry.origin, 0, path);
  const cached = await startPeer(registry.origin, TTL_MS, path);
  await waitForRest(service.child);
  const load = { path, seconds, connections: PEER_CONNECTIONS };
  const runs: PeerRuns = {
    service: [],
    checking: [],
    peers: [],
    cached: [],
    upstream: { service: 0, peers: 0, cached: 0 },
  };
  for (const server of [service, cached, peers]) await runWrk(server, { ...load, seconds: WARM_UP_SECONDS });
  const note = async (name: 'service' | 'peers' | 'cached', server: typeof peers, calls: () => number) => {
    const before = calls();
    runs[name === 'service' ? 'checking' : name].push(await runWrk(server, load));
    runs.upstream[name] += calls() - before;
  };
  for (let round = 0; round < rounds; round++) {
    runs.service.push(await runWrk(service, load));
    await truncate(service.logFile);
    await note('peers', peers, registry.calls);
    await note('cached', cached, registry.calls);
  }
  await Promise.all([peers, cached].map(({ child }) => stopProcess(child)));
  const checking = await world.startService({ SYNC_INTERVAL_SECONDS: CHECK_EVERY_SECONDS });
  await runWrk(checking, { ...load, seconds: WARM_UP_SECONDS });
  for (let round = 0; round < rounds; round++) {
    await note('service', checking, world.walked);
    await truncate(checking.logFile);
  }
  await stopProcess(checking.child);
  registry.close();
  return runs;
}
