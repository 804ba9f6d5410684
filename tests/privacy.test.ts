import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { buildApp, type AppOptions } from '../src/app.ts';
import type { Catalog } from '../src/catalog/catalog.ts';
import { readConfig } from '../src/config.ts';
import { createOperatorLog } from '../src/operator-log.ts';
import { createPipeline } from '../src/pipeline.ts';
import type { Clock } from '../src/registry/clock.ts';
import { APP_DEFAULTS } from './support/app-defaults.ts';
import {
  CANARY_ADDRESS,
  CANARY_AGE,
  findLeaks,
  sendCanaries,
  sendMalformed,
} from './support/canary-traffic.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { sendRaw } from './support/raw-request.ts';
import { startRegistryStandIn, type RegistryStandIn } from './support/registry-stand-in.ts';
import { sampleStudies } from './support/sample.ts';
import { startServiceProcess } from './support/service-process.ts';
import { buildTestApp, NOW } from './support/test-app.ts';

/** P14: search words, ages, addresses and referrers never reach a log or a third party. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startRegistry(): Promise<RegistryStandIn> {
  const registry = await startRegistryStandIn({ studies: sampleStudies });
  cleanups.push(async () => registry.close());
  return registry;
}
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
  cleanups.push(async () => rm(folder, { recursive: true }));
  return folder;
}
const readFolder = async (folder: string): Promise<string[]> =>
  Promise.all((await readdir(folder)).map(async (name) => readFile(join(folder, name), 'latin1')));
const sentTo = (registry: RegistryStandIn): string =>
  JSON.stringify(registry.requests.map(({ query, ...request }) => ({ ...request, query: [...query] })));

/** Jumps over the waits of a walk; what is waited for longer ends with the program. */
function createWalkingClock(): Clock {
  const clock = createFakeClock(NOW);
  return {
    ...clock,
    sleep: async (durationMs, signal) =>
      durationMs <= 1_000
        ? clock.sleep(durationMs, signal)
        : new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason as Error));
          }),
  };
}

/** The application as `main` wires it, over a registry, with every line of its log kept. */
async function startApp(registry: RegistryStandIn, changes: Partial<AppOptions> = {}) {
  const folder = await makeFolder();
  const config = readConfig({ CTGOV_BASE_URL: registry.baseUrl, DATA_DIR: folder, LOG_LEVEL: 'trace' });
  const clock = createWalkingClock();
  const operatorLog = createOperatorLog();
  const pipeline = await createPipeline(config, {
    version: '1.0.0',
    publicUrl: '',
    clock,
    events: operatorLog.events,
  });
  const logLines: string[] = [];
  const app = await buildApp({
    ...APP_DEFAULTS,
    pack: pipeline.pack,
    catalog: pipeline.catalog,
    sync: pipeline.sync,
    mayServeSample: true,
    // The forged address becomes the client's own, so that a log of it would show.
    trustProxy: ['127.0.0.0/8'],
    logLevel: config.LOG_LEVEL,
    logStream: { write: (line) => void logLines.push(line) },
    nowMs: () => clock.nowMs(),
    ...changes,
  });
  operatorLog.attach({ metrics: app.metrics, log: app.server.log });
  const syncOnce = async (): Promise<void> => {
    operatorLog.events.onOutcome?.(await pipeline.sync.syncOnce());
  };
  const address = await app.server.listen({ port: 0, host: '127.0.0.1' });
  const close = async (): Promise<void> => {
    await app.server.close();
    await pipeline.close();
  };
  return { app, syncOnce, folder, logLines, address, port: Number(new URL(address).port), close };
}

const FEWEST_SYNCS = 4;
/** Syncs, with a new list or a failure each time, until the client has said everything. */
async function syncDuring(
  registry: RegistryStandIn,
  syncOnce: () => Promise<unknown>,
  traffic: Promise<unknown>,
): Promise<void> {
  const client = { isDone: false };
  const ended = traffic.finally(() => {
    client.isDone = true;
  });
  for (let day = 1; day <= FEWEST_SYNCS || !client.isDone; day++) {
    registry.refresh(new Date(NOW + day * 86_400_000).toISOString().slice(0, 19));
    registry.setStudies(sampleStudies.slice(day % 2));
    if (day % 3 === 0) registry.faults.add({ kind: 'status', status: 400, times: 1 });
    await syncOnce();
  }
  await ended;
}

/** Our own addresses may be named; what else looks like one is a client's. */
const withoutOwn = (text: string, urls: readonly string[]): string =>
  urls.reduce((rest, url) => rest.replaceAll(new URL(url).host, ''), text);

describe('what a client says, in every place where it can say something', { timeout: 60_000 }, () => {
  test('reaches no line of the log, no metric, no file and no request to the registry', async () => {
    const registry = await startRegistry();
    const service = await startApp(registry);
    const traffic = sendCanaries(service.port);
    await syncDuring(registry, service.syncOnce, traffic);
    const answers = await traffic;
    await service.close();

    const log = service.logLines.join('');
    expect(service.logLines.filter((line) => line.includes('"answered"')).length).toBeGreaterThan(100);
    expect(log).toContain('Published');
    expect(log).toContain('The sync failed');
    expect(findLeaks(log)).toEqual([]);
    expect(withoutOwn(log, [service.address, registry.baseUrl])).not.toContain('127.0.0.1');
    expect(log).not.toMatch(/remote(?:Address|Port)|"(?:req|headers|url|ip)":/);

    const metrics = await service.app.metrics.format();
    expect(metrics).toContain('route="/v1/trials"');
    expect(findLeaks(metrics)).toEqual([]);
    expect(metrics).not.toContain('127.0.0.1');

    const outgoing = sentTo(registry);
    expect(registry.requests.length).toBeGreaterThan(5);
    expect(findLeaks(outgoing)).toEqual([]);
    expect(withoutOwn(outgoing, [registry.baseUrl])).not.toContain('127.0.0.1');

    const files = await readFolder(service.folder);
    expect(files.length).toBeGreaterThan(0);
    expect(findLeaks(files.join(''))).toEqual([]);

    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200')).length).toBeGreaterThan(20);
    expect(answers.filter((answer) => /^set-cookie/im.test(answer))).toEqual([]);
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 500'))).toEqual([]);
  });

  test('reaches neither output of the real process', async () => {
    const registry = await startRegistry();
    const folder = await makeFolder();
    const service = await startServiceProcess({
      CTGOV_BASE_URL: registry.baseUrl,
      DATA_DIR: folder,
      LOG_LEVEL: 'trace',
      SYNC_INTERVAL_SECONDS: '1',
      TRUST_PROXY: '127.0.0.0/8',
    });
    const { address, port, lines, errors } = service;
    cleanups.push(async () => void service.child.kill('SIGKILL'));
    const answers = [...(await sendCanaries(port)), ...(await sendMalformed(port))];
    expect(await service.stop('SIGTERM')).toBe(0);

    const output = [...lines, ...errors].join('\n');
    expect(lines.filter((line) => line.includes('"answered"')).length).toBeGreaterThan(100);
    expect(findLeaks(output)).toEqual([]);
    expect(withoutOwn(output, [address, registry.baseUrl])).not.toContain('127.0.0.1');
    expect(findLeaks(sentTo(registry))).toEqual([]);
    expect(findLeaks((await readFolder(folder)).join(''))).toEqual([]);
    expect(answers.filter((answer) => /^set-cookie/im.test(answer))).toEqual([]);
  });

  test('is not logged when it is too much for the rate limit', async () => {
    const registry = await startRegistry();
    const service = await startApp(registry, { rateLimitPerMinute: 1 });
    const answers = await sendCanaries(service.port);
    await service.close();
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 429')).length).toBeGreaterThan(50);
    expect(findLeaks(service.logLines.join(''))).toEqual([]);
    expect(findLeaks(await service.app.metrics.format())).toEqual([]);
  });

  test('reaches no log on `trace` either when it is no request at all', async () => {
    const service = await startApp(await startRegistry());
    await sendMalformed(service.port);
    await service.close();
    expect(findLeaks(service.logLines.join(''))).toEqual([]);
  });

  test('would be found, also encoded', () => {
    const word = 'kanarienvogel7';
    const forms = [word, word.toUpperCase(), `${CANARY_AGE}y`, CANARY_ADDRESS];
    const encoded = [
      Buffer.from(`q=${word}`).toString('base64url'),
      [...Buffer.from(word)].map((byte) => `%${byte.toString(16)}`).join(''),
      JSON.stringify([...Buffer.from(word)]),
    ];
    for (const form of [...forms, ...encoded])
      expect(findLeaks(`{"level":30,"msg":"a ${form} b"}`), form).not.toEqual([]);
    expect(findLeaks('{"level":30,"route":"/v1/trials","milliseconds":97.42}')).toEqual([]);
  });
});

test(
  'a fault of ours is told in one sentence and logged without what the client said',
  { timeout: 60_000 },
  async () => {
    const { catalog } = await buildTestApp();
    const broken: Catalog = {
      ...catalog,
      tombstones: [],
      get current(): never {
        throw new TypeError('the catalog is broken');
      },
    };
    const service = await startApp(await startRegistry(), { catalog: broken });
    const answers = await sendCanaries(service.port);
    const { statusCode, body } = await sendRaw(service.port, { method: 'GET', target: '/v1/trials?q=x' });
    await service.close();

    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ detail: 'A fault of this service.', errors: [] });
    const failed = answers.filter((answer) => answer.startsWith('HTTP/1.1 500'));
    expect(failed.length).toBeGreaterThan(10);
    for (const answer of failed) expect(answer).not.toMatch(/catalog is broken|TypeError|node_modules|\.ts:/);
    const log = service.logLines.join('');
    expect(log).toContain('the catalog is broken');
    expect(findLeaks(log)).toEqual([]);
  },
);
