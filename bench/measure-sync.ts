import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { buildApp } from '../src/app.ts';
import { createSnapshotBuilder } from '../src/catalog/build-snapshot.ts';
import { createCatalog } from '../src/catalog/catalog.ts';
import { systemClock } from '../src/registry/clock.ts';
import { pack } from '../tests/support/sample.ts';
import { makeWideStudy } from './wide-studies.ts';

/**
 * From fetched studies to answers that are ready, in a process of its own; tells one line of JSON. Given "blocks" behind
 * the sizes it looks at the event loop a thousand times a second: that takes a twentieth of the processor, and so it is
 * done in another process than counting.
 */

export interface SyncFigures {
  readonly trials: number;
  readonly buildMs: number;
  readonly prepareMs: number;
  readonly cpuMs: number;
  /** 0 unless blocks are watched. */
  readonly longestBlockMs: number;
}

const RESOLUTION_MS = 1;

async function measure(
  { count, sites }: { count: number; sites: number },
  watchesBlocks: boolean,
): Promise<SyncFigures> {
  const studies = Array.from({ length: count }, (_, index) => makeWideStudy(index + 1, sites));
  const catalog = createCatalog({ staleAfterMs: 21_600_000, clock: systemClock });
  const app = await buildApp({
    pack,
    catalog,
    sync: null,
    version: '1.0.0',
    publicUrl: () => 'https://trials.example',
    mayServeSample: false,
    rateLimitPerMinute: 600,
    trustProxy: [],
    frameAncestors: "'none'",
    logLevel: 'silent',
    nowMs: () => Date.now(),
  });
  await app.server.ready();
  const build = createSnapshotBuilder(pack, { modifications: '/v1/meta', rest: async (ms) => delay(ms) });
  await delay(100);
  const blocks = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  if (watchesBlocks) blocks.enable();
  const began = process.cpuUsage();
  const beganMs = performance.now();
  const snapshot = await build({ dataTimestamp: '2026-11-25T09:00:04', etag: null, queries: [], studies });
  catalog.publish({ snapshot, source: 'registry', checkedAt: new Date().toISOString() });
  const builtMs = performance.now();
  app.preparation.start();
  await app.preparation.settled();
  const { user, system } = process.cpuUsage(began);
  const endMs = performance.now();
  // A turn later, so that the last block is among them.
  await delay(2 * RESOLUTION_MS);
  blocks.disable();
  await app.preparation.stop();
  return {
    trials: snapshot.trials.length,
    buildMs: builtMs - beganMs,
    prepareMs: endMs - builtMs,
    cpuMs: (user + system) / 1000,
    longestBlockMs: Math.max(0, blocks.max / 1e6 - RESOLUTION_MS),
  };
}

const [, , count = '200', sites = '600', watched] = process.argv;
const figures = await measure({ count: Number(count), sites: Number(sites) }, watched === 'blocks');
process.stdout.write(`${JSON.stringify(figures)}\n`);
