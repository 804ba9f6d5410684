import fc from 'fast-check';
import { ageGroupsOf } from '../../src/trials/age.ts';
import type { NamedValues } from '../../src/trials/count-facets.ts';
import { FACET_FILTERS, FITS, forEachFacetFilter, type Fit } from '../../src/trials/facet-groups.ts';
import type { FilterableTrial } from '../../src/trials/filter-trials.ts';
import type { TrialQuery } from '../../src/trials/trial-query.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  RELEVANCES,
  SITE_MATCHES,
  SORTS,
  STUDY_TYPES,
} from '../../src/trials/vocabulary.ts';

/** Made-up trials and questions of every kind, with few values each, so that they meet. */

export interface MadeUpTrial extends FilterableTrial {
  readonly texts: readonly string[];
  readonly verdicts: Readonly<Record<string, Fit>>;
}

export const NAMED: NamedValues = {
  siteKeys: ['north', 'south', 'east'],
  facetValues: forEachFacetFilter((group) => [`${group}_a`, `${group}_b`]),
};
export const FACET_IDS: readonly string[] = FACET_FILTERS.flatMap((group) =>
  NAMED.facetValues[group].map((value) => `${group}.${value}`),
);
const REGISTRY_PHASES = ['EARLY_PHASE1', 'PHASE1', 'PHASE2', 'PHASE3', 'PHASE4', 'NA', 'PHASE9'];
const TEXTS = [
  'Blinatumomab in Leukemia',
  'blinatumomab-based therapy',
  'CAR-T cells',
  'Élan Pharma, Zürich',
  'leukemic blasts',
  'LEUK',
  'AALL1731',
  'Ph+ ALL 😀 𝒳ray',
  '',
];
const WORDS = [
  'blinatumomab',
  'blin',
  'bli',
  'leuk',
  'leukemi',
  'cart',
  'elan',
  'zur',
  'zuri',
  'aall',
  'all',
  'nobody',
  'x',
  'xray',
  'zzzz',
];
const DAYS = [0.5, 7, 365, 365.25, 6574.5, 6575, 11_323, 23_741.25];

const siteArbitrary = fc.record({
  key: fc.constantFrom(...NAMED.siteKeys, 'unknown'),
  kind: fc.constantFrom(...SITE_MATCHES),
  availability: fc.constantFrom(...AVAILABILITIES),
});
const rangeArbitrary = fc
  .tuple(fc.option(fc.constantFrom(...DAYS)), fc.option(fc.constantFrom(...DAYS)))
  .map(([one, other]) =>
    one !== null && other !== null && one >= other
      ? { fromDays: one, beforeDays: null }
      : { fromDays: one, beforeDays: other },
  );

const fieldsArbitrary = fc.record({
  range: rangeArbitrary,
  phases: fc.subarray(REGISTRY_PHASES, { maxLength: 2 }),
  sites: fc.array(siteArbitrary, { maxLength: 3 }),
  sex: fc.constantFrom('ALL', 'FEMALE', 'MALE', null),
  studyType: fc.constantFrom(...STUDY_TYPES, 'STRANGE', null),
  tier: fc.constantFrom(...RELEVANCES),
  updated: fc.constantFrom('2026-01-05', '2026-01', '2025-11-30', null),
  briefTitle: fc.constantFrom('alpha', 'Alpha', 'beta', 'Gamma', 'ωmega'),
  texts: fc.subarray(TEXTS),
  // Two bits for each facet; the fourth value makes `fits` the most frequent.
  verdicts: fc.array(fc.integer({ min: 0, max: 3 }), {
    minLength: FACET_IDS.length,
    maxLength: FACET_IDS.length,
  }),
});

/** Trials in the order of their ids. */
export const trialsArbitrary = (lengths: {
  minLength?: number;
  maxLength: number;
}): fc.Arbitrary<MadeUpTrial[]> =>
  fc.array(fieldsArbitrary, { ...lengths, size: 'max' }).map((all) => all.map(makeTrial));

function makeTrial(
  fields: typeof fieldsArbitrary extends fc.Arbitrary<infer Fields> ? Fields : never,
  place: number,
): MadeUpTrial {
  const { range, phases, sex, studyType, briefTitle, texts } = fields;
  return {
    nctId: `NCT${String(place * 3 + 1).padStart(8, '0')}`,
    ageRange: { ...range, label: '' },
    ageGroups: ageGroupsOf(range),
    maximumAge: null,
    phases,
    sites: fields.sites,
    sex,
    studyType,
    relevance: { tier: fields.tier },
    dates: { lastUpdatePosted: fields.updated },
    briefTitle,
    texts,
    verdicts: Object.fromEntries(
      FACET_IDS.map((id, facet) => [id, FITS[(fields.verdicts[facet] as number) % FITS.length] as Fit]),
    ),
  };
}

const some = <Value>(values: readonly Value[], maxLength = values.length): fc.Arbitrary<Value[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Value[]>([]) },
    fc.subarray([...values], { minLength: 1, maxLength }),
  );
const ageArbitrary = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  fc.constantFrom(
    { amount: 0, unit: 'year' as const },
    { amount: 1, unit: 'year' as const },
    { amount: 18, unit: 'year' as const },
    { amount: 17.99, unit: 'year' as const },
    { amount: 65, unit: 'year' as const },
    { amount: 6, unit: 'day' as const },
  ),
);

/** Questions with any filter or none; most have `match` and the two careful rules, as those from outside do. */
export const queryArbitrary: fc.Arbitrary<TrialQuery> = fc
  .record({
    ageGroup: some(AGE_GROUPS),
    age: ageArbitrary,
    ageMin: ageArbitrary,
    ageMax: ageArbitrary,
    phase: some(PHASES),
    availability: some(AVAILABILITIES),
    site: some(NAMED.siteKeys),
    siteMatch: some(SITE_MATCHES),
    sex: fc.option(fc.constantFrom('FEMALE' as const, 'MALE' as const)),
    studyType: some(STUDY_TYPES),
    relevance: some(RELEVANCES),
    q: some(WORDS, 2),
    match: fc.subarray([...FITS]),
    sort: fc.constantFrom(...SORTS),
    limit: fc.integer({ min: 1, max: 40 }),
    groups: fc.subarray([...FACET_FILTERS], { maxLength: 3 }),
    values: fc.subarray(['a', 'b'], { minLength: 1 }),
  })
  .map(({ groups, values, ...query }) => ({
    ...query,
    ...forEachFacetFilter((group) =>
      groups.includes(group) ? values.map((value) => `${group}_${value}`) : [],
    ),
  }));
