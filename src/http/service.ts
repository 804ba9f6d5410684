import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { Sync } from '../catalog/sync.ts';
import type { FacetValues } from '../trials/count-facets.ts';
import { forEachFacetFilter } from '../trials/facet-groups.ts';
import { valuesOfGroup } from '../trials/facet-vocabulary.ts';
import type { InstitutionPack } from '../trials/institution-pack.ts';
import { editionKey } from './edition-meta.ts';
import type { Metrics } from './metrics.ts';
import { Problem } from './problem.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { TrialBlanks } from './trial-blanks.ts';

/** What the routes work with; made once by `buildApp`. */
export interface Service {
  readonly pack: InstitutionPack;
  readonly catalog: Catalog;
  readonly sync: Pick<Sync, 'status'> | null;
  readonly answers: AnswerCache;
  readonly blanks: TrialBlanks;
  readonly metrics: Metrics;
  readonly publicUrl: () => string;
  readonly frameAncestors: string;
  readonly mayServeSample: boolean;
  readonly isStopping: () => boolean;
  /** Lets other requests come first. */
  readonly rest: () => Promise<unknown>;
}

const RETRY_WHEN_NOT_READY_SECONDS = 30;

/**
 * The edition to answer from.
 * @throws Problem `not-ready` when there is none, or only a sample that may not be served
 */
export function currentEdition(service: Service): Edition {
  const edition = servedEdition(service);
  if (edition !== null) return edition;
  throw new Problem('not-ready', 'The list is not loaded yet.', {
    headers: { 'retry-after': String(RETRY_WHEN_NOT_READY_SECONDS) },
  });
}

/** The edition that may be served; `null` while there is none. */
export function servedEdition({ catalog, mayServeSample }: Service): Edition | null {
  const edition = catalog.current;
  return edition?.source === 'bundled' && !mayServeSample ? null : edition;
}

/** Finds the key of the edition that is served; `null` while there is none. Asked for by every request. */
export function createEditionKeyFinder(service: Service): () => string | null {
  return () => {
    const edition = servedEdition(service);
    return edition && editionKey(edition, service.catalog.isStale(edition));
  };
}

/** The values of each facet filter, in the order of the vocabulary. */
export function facetValuesOf({ facets }: InstitutionPack): FacetValues {
  return forEachFacetFilter((group) => valuesOfGroup(facets, group));
}

/** Keys of the pack's sites that can appear on a trial. */
export function siteKeysOf(pack: InstitutionPack): [string, ...string[]] {
  const keys = pack.sites.filter(({ kind }) => kind !== 'elsewhere').map(({ key }) => key);
  return keys as [string, ...string[]];
}
