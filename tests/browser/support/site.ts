import { buildApp } from '../../../src/app.ts';
import { createCatalog } from '../../../src/catalog/catalog.ts';
import type { Snapshot } from '../../../src/catalog/snapshot.ts';
import { APP_DEFAULTS } from '../../support/app-defaults.ts';
import { buildSnapshot, copySampleStudy, sampleHarvest, sampleSnapshot } from '../../support/sample.ts';
import type { StudyDraft } from '../../support/sample.ts';
import { CHECKED_AT, NOW } from '../../support/test-app.ts';

/** The service on a port of its own, and its clock. */
export interface Site {
  readonly origin: string;
  /** What was asked of it, as `GET /path`, in order. */
  readonly requests: readonly string[];
  readonly clock: { nowMs: number };
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly snapshot?: Snapshot;
  /** The list is the bundled sample, and says so. */
  readonly isBundled?: boolean;
  /** The registry could not be asked for a day. */
  readonly isStale?: boolean;
  /** Who may frame the embed page. */
  readonly frameAncestors?: string;
}

const HOUR_MS = 3_600_000;

/** Starts the service over real records of the sample, with a registry that was asked half an hour ago. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const {
    snapshot = sampleSnapshot,
    isBundled = false,
    isStale = false,
    frameAncestors = "'self'",
  } = options;
  const clock = { nowMs: NOW + (isStale ? 24 * HOUR_MS : 0) };
  const catalog = createCatalog({
    staleAfterMs: 6 * HOUR_MS,
    clock: { nowMs: () => clock.nowMs, monotonicMs: () => clock.nowMs - NOW },
  });
  catalog.publish({
    snapshot,
    source: isBundled ? 'bundled' : 'registry',
    checkedAt: isBundled ? null : CHECKED_AT,
  });
  let origin = '';
  const app = await buildApp({
    ...APP_DEFAULTS,
    catalog,
    sync: null,
    mayServeSample: true,
    frameAncestors,
    publicUrl: () => origin,
    nowMs: () => clock.nowMs,
  });
  const requests: string[] = [];
  app.server.server.on('request', ({ method, url }) => requests.push(`${method} ${url}`));
  origin = await app.server.listen({ host: '127.0.0.1', port: 0 });
  return { origin, requests, clock, close: async () => app.server.close() };
}

/** The sample with some of its studies changed. */
export async function snapshotWith(changes: Readonly<Record<string, (study: StudyDraft) => void>>) {
  const studies = sampleHarvest.studies.map((harvested) => {
    const change = changes[harvested.nctId ?? ''];
    if (change === undefined) return harvested;
    const study = copySampleStudy(harvested.nctId as string);
    change(study);
    return { ...harvested, study };
  });
  return buildSnapshot({ ...sampleHarvest, studies });
}
