import { z } from 'zod';
import type { Catalog, Edition } from '../catalog/catalog.ts';
import { SNAPSHOT_SOURCES } from '../trials/vocabulary.ts';
import { createFragment, type Fragment } from './answer-bodies.ts';

/** In every answer: which list this is, how current, and whose data. */
export const EditionMeta = z
  .object({
    snapshotId: z.string(),
    source: z.enum(SNAPSHOT_SOURCES),
    sourceDataTimestamp: z.string().nullable().describe('When ClinicalTrials.gov processed the data.'),
    checkedAt: z.string().nullable().describe('When the registry last confirmed this list.'),
    stale: z
      .boolean()
      .describe('True when the last successful check is too long ago, or this is the sample.'),
    attribution: z.string(),
  })
  .meta({ id: 'Meta' });

export const ATTRIBUTION =
  'Source: ClinicalTrials.gov, U.S. National Library of Medicine. Modified as described under /v1/meta. ' +
  'A listing is no endorsement; talk with a health professional before joining a study.';

export function describeEdition(edition: Edition, catalog: Catalog): z.infer<typeof EditionMeta> {
  return describeAs(edition, catalog.isStale(edition));
}

function describeAs({ snapshot, source, checkedAt }: Edition, stale: boolean): z.infer<typeof EditionMeta> {
  const { id: snapshotId, sourceDataTimestamp } = snapshot;
  return { snapshotId, source, sourceDataTimestamp, checkedAt, stale, attribution: ATTRIBUTION };
}

/** What of an edition is in every list, and in the key of every answer. */
interface ToldEdition {
  readonly key: string;
  readonly meta: Fragment;
}
const whileFresh = new WeakMap<Edition, ToldEdition>();
const whenStale = new WeakMap<Edition, ToldEdition>();

function tellEdition(edition: Edition, isStale: boolean): ToldEdition {
  const told = isStale ? whenStale : whileFresh;
  const known = told.get(edition);
  if (known !== undefined) return known;
  const { snapshot, source, checkedAt } = edition;
  const made = {
    key: `${snapshot.id}|${source}|${checkedAt}|${isStale}|`,
    meta: createFragment(JSON.stringify(describeAs(edition, isStale))),
  };
  told.set(edition, made);
  return made;
}

/** The same as JSON. */
export function formatEdition(edition: Edition, catalog: Catalog): Fragment {
  return tellEdition(edition, catalog.isStale(edition)).meta;
}

/** Tells editions apart in cache keys: everything of `meta` that can change. */
export function editionKey(edition: Edition, isStale: boolean): string {
  return tellEdition(edition, isStale).key;
}
