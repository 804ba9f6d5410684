import { readInstitutionPack } from './read-institution-pack.ts';
import type { Config } from './config.ts';
import { createSnapshotBuilder } from './catalog/build-snapshot.ts';
import { createCatalog, type Catalog } from './catalog/catalog.ts';
import { readSample } from './catalog/read-sample.ts';
import { readNewestHarvest, saveHarvest } from './catalog/snapshot-file.ts';
import { createSync, type Sync, type SyncOutcome } from './catalog/sync.ts';
import { trimStudy } from './catalog/trim-study.ts';
import { systemClock, type Clock } from './registry/clock.ts';
import { createRegistryClient } from './registry/registry-client.ts';
import { buildStudyQueries } from './registry/study-query.ts';
import type { WalkProgress } from './registry/walk-studies.ts';
import type { InstitutionPack } from './trials/institution-pack.ts';
import { SNAPSHOT_SOURCE } from './trials/vocabulary.ts';

/** Everything from the registry to the list being served, put together by the settings. */
export interface Pipeline {
  readonly pack: InstitutionPack;
  readonly catalog: Catalog;
  readonly sync: Sync;
  /** Loads the newest saved list, or else the bundled sample, so that there is something before the first sync. */
  loadStored(): Promise<void>;
  /** One line for the operator: where the data came from and how old it is. */
  describeData(): string;
  close(): Promise<void>;
}

const SAMPLE = new URL('../sample/', import.meta.url);
const MODIFICATIONS_LINK = '/v1/meta';

/** @throws PackUnusable */
export async function createPipeline(
  config: Config,
  options: {
    version: string;
    publicUrl: string;
    warn: (problem: string) => void;
    clock?: Clock;
    onOutcome?: (outcome: SyncOutcome) => void;
    onPage?: (progress: WalkProgress) => void;
  },
): Promise<Pipeline> {
  const { version, publicUrl, warn, clock = systemClock } = options;
  const pack = await readInstitutionPack(config.INSTITUTION_FILE);
  const build = createSnapshotBuilder(pack, { modifications: MODIFICATIONS_LINK });
  const catalog = createCatalog({
    staleAfterMs: config.STALE_AFTER_SECONDS * 1000,
    nowMs: () => clock.nowMs(),
  });
  const contact = publicUrl === '' ? '' : ` (+${publicUrl})`;
  const client = createRegistryClient({
    baseUrl: config.CTGOV_BASE_URL,
    userAgent: config.CTGOV_USER_AGENT || `uab-all-trials/${version}${contact}`,
    clock,
  });
  const folder = config.DATA_DIR;
  const saved =
    folder === ''
      ? null
      : await readNewestHarvest(folder, {
          packKey: pack.key,
          onBadFile: (name, problem) => warn(`saved file ${name} is passed over: ${problem}`),
        });
  const sync = createSync({
    client,
    queries: buildStudyQueries(pack),
    buildSnapshot: build,
    catalog,
    save: async (harvested) => {
      if (folder === '') return;
      const studies = harvested.harvest.studies.map((study) => trimStudy(study, pack.place));
      const harvest = { ...harvested.harvest, studies };
      await saveHarvest(folder, { ...harvested, harvest, packKey: pack.key });
    },
    intervalMs: config.SYNC_INTERVAL_SECONDS * 1000,
    clock,
    etag: saved?.harvest.etag ?? null,
    onSaveFailed: (error) => warn(`the list could not be saved: ${(error as Error).message}`),
    ...(options.onPage && { onPage: options.onPage }),
    ...(options.onOutcome && { onOutcome: options.onOutcome }),
  });
  return {
    pack,
    catalog,
    sync,
    async loadStored() {
      if (saved !== null) {
        const { harvest, tombstones, checkedAt } = saved;
        catalog.publish({ snapshot: build(harvest), source: 'saved', checkedAt }, { tombstones });
      } else if (config.BUNDLED_SAMPLE === 'serve') {
        catalog.publish({ snapshot: build(await readSample(SAMPLE)), source: 'bundled', checkedAt: null });
      }
    },
    describeData() {
      const edition = catalog.current;
      if (edition === null) return 'No list yet: waiting for the first synchronisation.';
      const { snapshot, source, checkedAt } = edition;
      const age =
        checkedAt === null ? 'never checked; a sample, not the current list' : `checked ${checkedAt}`;
      return `${snapshot.trials.length} trials from: ${SNAPSHOT_SOURCE[source].label.toLowerCase()}, data of ${snapshot.sourceDataTimestamp ?? 'unknown day'}, ${age}.`;
    },
    async close() {
      await sync.stop();
      await client.close();
    },
  };
}
