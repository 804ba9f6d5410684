import { PLAIN_FILTERS, PLAIN_VALUES, type CountedFilter, type PlainFilter } from './counted-values.ts';
import type { FilterableTrial } from './filter-trials.ts';
import type { Partition } from './partition.ts';
import { ASPECT_OF, type AspectName } from './trial-aspects.ts';
import type { TrialQuery } from './trial-query.ts';
import { AGE_GROUPS, AVAILABILITIES, PHASES, RELEVANCES, SITE_MATCHES, STUDY_TYPES } from './vocabulary.ts';

/** The values of filters as bits of one number: whether a class has one that is asked is then one operation. */

export const KNOWN_VALUES: Readonly<Record<Exclude<CountedFilter, 'site'>, readonly string[]>> = {
  ageGroup: AGE_GROUPS,
  phase: PHASES,
  availability: AVAILABILITIES,
  siteMatch: SITE_MATCHES,
  sex: ['FEMALE', 'MALE'],
  studyType: STUDY_TYPES,
  relevance: RELEVANCES,
};

/** The values of each class, of the filters where they are the same whatever is asked. */
export type ValueMasks = Readonly<Record<PlainFilter, Uint32Array>>;

export function findValueMasks(
  partitions: Readonly<Record<AspectName, Pick<Partition<FilterableTrial>, 'kinds'>>>,
): ValueMasks {
  const masks: Partial<Record<PlainFilter, Uint32Array>> = {};
  for (const filter of PLAIN_FILTERS)
    masks[filter] = Uint32Array.from(partitions[ASPECT_OF[filter]].kinds, (trial) =>
      maskOf(filter, PLAIN_VALUES[filter](trial)),
    );
  return masks as ValueMasks;
}

/** Values without a name are of records that we do not understand; nobody can ask for them. */
function maskOf(filter: PlainFilter, values: readonly string[]): number {
  let mask = 0;
  for (const value of values) {
    const number = KNOWN_VALUES[filter].indexOf(value);
    if (number >= 0) mask |= 1 << number;
  }
  return mask;
}

/** Which values are asked; `null` when none is. */
export function askedMask(filter: PlainFilter, query: TrialQuery): number | null {
  const asked = query[filter];
  if (asked === null || asked.length === 0) return null;
  return maskOf(filter, typeof asked === 'string' ? [asked] : asked);
}
