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
  return {
    snapshotId: edition.snapshot.id,
    source: edition.source,
    sourceDataTimestamp: edition.snapshot.sourceDataTimestamp,
    checkedAt: edition.checkedAt,
    stale: catalog.isStale(edition),
    attribution: ATTRIBUTION,
  };
}

const formatted = new WeakMap<Edition, { readonly isStale: boolean; readonly fragment: Fragment }>();

/** The same as JSON, which is in every list. */
export function formatEdition(edition: Edition, catalog: Catalog): Fragment {
  const isStale = catalog.isStale(edition);
  const known = formatted.get(edition);
  if (known?.isStale === isStale) return known.fragment;
  const fragment = createFragment(JSON.stringify(describeEdition(edition, catalog)));
  formatted.set(edition, { isStale, fragment });
  return fragment;
}

/** Tells editions apart in cache keys: everything of `meta` that can change. */
export function editionKey({ snapshot, source, checkedAt }: Edition, isStale: boolean): string {
  return `${snapshot.id}|${source}|${checkedAt}|${isStale}|`;
}
