import { buildApp, type App, type AppOptions } from '../../src/app.ts';
import { createCatalog, type Catalog } from '../../src/catalog/catalog.ts';
import type { Snapshot } from '../../src/catalog/snapshot.ts';
import { APP_DEFAULTS } from './app-defaults.ts';
import { sampleSnapshot } from './sample.ts';

export const NOW = Date.parse('2026-11-24T12:00:00Z');
export const CHECKED_AT = '2026-11-24T11:30:00.000Z';

/** An application over a snapshot, with its log and a clock that tests turn. */
export interface TestApp extends App {
  readonly catalog: Catalog;
  readonly logLines: string[];
  readonly clock: { nowMs: number };
}

export async function buildTestApp(
  options: {
    snapshot?: Snapshot | null;
    bundled?: boolean;
    mayServeSample?: boolean;
    rateLimitPerMinute?: number;
    trustProxy?: readonly string[];
    frameAncestors?: string;
    sync?: AppOptions['sync'];
    door?: Pick<AppOptions, 'limits' | 'monotonicMs' | 'atNextTurn' | 'random'>;
  } = {},
): Promise<TestApp> {
  const clock = { nowMs: NOW };
  const catalog = createCatalog({
    staleAfterMs: 21_600_000,
    // Only wall time passes here: what the clock of the machine does is tested with the catalog.
    clock: { nowMs: () => clock.nowMs, monotonicMs: () => clock.nowMs - NOW },
  });
  const { snapshot = sampleSnapshot, bundled = false } = options;
  if (snapshot !== null)
    catalog.publish({
      snapshot,
      source: bundled ? 'bundled' : 'registry',
      checkedAt: bundled ? null : CHECKED_AT,
    });
  const logLines: string[] = [];
  const app = await buildApp({
    ...APP_DEFAULTS,
    catalog,
    sync: options.sync ?? null,
    mayServeSample: options.mayServeSample ?? true,
    rateLimitPerMinute: options.rateLimitPerMinute ?? 0,
    trustProxy: options.trustProxy ?? [],
    frameAncestors: options.frameAncestors ?? APP_DEFAULTS.frameAncestors,
    logLevel: 'info',
    logStream: { write: (line) => void logLines.push(line) },
    nowMs: () => clock.nowMs,
    ...options.door,
  });
  await app.server.ready();
  return { ...app, catalog, logLines, clock };
}
