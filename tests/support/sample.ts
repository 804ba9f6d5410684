import { readSample } from '../../src/catalog/read-sample.ts';
import { createSnapshotBuilder, type Harvest } from '../../src/catalog/build-snapshot.ts';
import type { Snapshot } from '../../src/catalog/snapshot.ts';
import { readInstitutionPack } from '../../src/read-institution-pack.ts';
import type { InstitutionPack } from '../../src/trials/institution-pack.ts';
import { facetValuesOf, siteKeysOf } from '../../src/http/service.ts';
import type { Listing } from '../../src/trials/trial-index.ts';
import { LIMIT_MAX, type TrialQuery } from '../../src/trials/trial-query.ts';
import type { Trial } from '../../src/trials/trial.ts';

/** The bundled sample as the tests use it: 47 real studies, 27 of which are kept. */
export const pack: InstitutionPack = await readInstitutionPack('institutions/uab-all.json');
export const buildSnapshot = createSnapshotBuilder(pack, { modifications: '/v1/meta' });
export const sampleHarvest: Harvest = await readSample(new URL('../../sample/', import.meta.url));
export const sampleStudies: readonly unknown[] = sampleHarvest.studies.map(({ study }) => study);
export const sampleSnapshot: Snapshot = await buildSnapshot(sampleHarvest);

/** A trial of the sample by its number. */
export function sampleTrial(nctId: string): Trial {
  const trial = sampleSnapshot.findTrial(nctId);
  if (trial === null) throw new Error(`${nctId} is not in the sample`);
  return trial;
}

const namedValues = { siteKeys: siteKeysOf(pack), facetValues: facetValuesOf(pack) };

/** What a list of a snapshot says; all of the sample is one page. */
export function askIndex({ index }: Snapshot, query: TrialQuery): Listing {
  return index.list({ ...query, limit: LIMIT_MAX }, 0, namedValues);
}

/** The trials that a list of a snapshot shows, in its order. */
export function listTrialsOf(snapshot: Snapshot, query: TrialQuery): Trial[] {
  return askIndex(snapshot, query).page.map((place) => snapshot.trials[place] as Trial);
}

/** A copy of a study of the sample, to be changed by a test. */
export function copySampleStudy(nctId: string): StudyDraft {
  const found = sampleHarvest.studies.find((harvested) => harvested.nctId === nctId);
  if (found === undefined) throw new Error(`${nctId} is not in the sample`);
  return structuredClone(found.study) as StudyDraft;
}

/** The parts of a study that tests change. */
export interface StudyDraft {
  protocolSection: {
    identificationModule: Record<string, unknown>;
    statusModule: Record<string, unknown>;
    conditionsModule: Record<string, unknown>;
    designModule: Record<string, unknown>;
    eligibilityModule: Record<string, unknown>;
    contactsLocationsModule: { locations: Record<string, unknown>[]; [key: string]: unknown };
    [key: string]: Record<string, unknown>;
  };
  [key: string]: unknown;
}
