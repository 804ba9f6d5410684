import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSnapshot } from '../../src/catalog/snapshot.ts';
import { COUNTED_FILTERS } from '../../src/trials/count-facets.ts';
import { withoutFilter } from '../../src/trials/filter-trials.ts';
import { understandFilters, type TrialFilters, type TrialQuery } from '../../src/trials/trial-query.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  RELEVANCES,
  SITE_MATCHES,
  SORTS,
} from '../../src/trials/vocabulary.ts';
import { FACET_FILTERS, FITS } from '../../src/trials/facet-groups.ts';
import { facetValuesOf, siteKeysOf } from '../../src/http/service.ts';
import { askIndex, listTrialsOf, pack, sampleSnapshot } from '../support/sample.ts';

const siteKeys = siteKeysOf(pack);
const facetValues = facetValuesOf(pack);
const ask = (filters: TrialFilters): TrialQuery => understandFilters(filters);
const idsOf = (query: TrialQuery): string[] => listTrialsOf(sampleSnapshot, query).map(({ nctId }) => nctId);
const totalOf = (query: TrialQuery): number => askIndex(sampleSnapshot, query).total;
const ids = (filters: TrialFilters): string[] => idsOf(ask(filters)).toSorted();

const filtersArbitrary: fc.Arbitrary<TrialFilters> = fc.record(
  {
    ageGroup: fc.subarray([...AGE_GROUPS], { minLength: 1 }),
    age: fc.constantFrom('0', '8mo', '5', '17', '34', '70'),
    phase: fc.subarray([...PHASES], { minLength: 1 }),
    availability: fc.subarray([...AVAILABILITIES], { minLength: 1 }),
    site: fc.subarray([...siteKeys], { minLength: 1 }),
    lineage: fc.subarray([...facetValues.lineage], { minLength: 1, maxLength: 2 }),
    genomic: fc.subarray([...facetValues.genomic], { minLength: 1, maxLength: 2 }),
    setting: fc.subarray([...facetValues.setting], { minLength: 1, maxLength: 2 }),
    match: fc.subarray([...FITS], { minLength: 1 }),
    siteMatch: fc.subarray([...SITE_MATCHES], { minLength: 1 }),
    relevance: fc.subarray([...RELEVANCES], { minLength: 1 }),
    sex: fc.constantFrom('FEMALE' as const, 'MALE' as const),
    q: fc.constantFrom('blinatumomab', 'leukemia', 'nothing-like-this'),
    sort: fc.constantFrom(...SORTS),
  },
  { requiredKeys: [] },
);

describe('filters', () => {
  test('lists show specific and includes, at sites that are surely ours', () => {
    expect(ids({})).toHaveLength(22);
    expect(ids({ siteMatch: ['possible'] })).toEqual(['NCT06137118']);
    expect(ids({ relevance: ['possible'] })).toEqual([
      'NCT01351545',
      'NCT02402244',
      'NCT05146739',
      'NCT05332054',
    ]);
  });

  test('any of the phases counts: NCT05521087 is Phase 1', () => {
    expect(ids({ phase: ['1'] })).toContain('NCT05521087');
  });

  test('a search finds protocol numbers and beginnings of words', () => {
    expect(ids({ q: 'AALL1732' })).toEqual(['NCT03959085']);
    expect(ids({ q: 'blinatu' }).length).toBeGreaterThan(2);
    expect(ids({ q: 'ALL aall17' })).not.toContain('NCT02535364');
  });

  test('availability and site must hold at the same site', () => {
    expect(ids({ site: ['uab'], availability: ['open'] })).not.toContain('NCT03959085');
    expect(ids({ site: ['childrens'], availability: ['open'] })).toContain('NCT03959085');
  });

  test('another filter never finds more', () => {
    fc.assert(
      fc.property(filtersArbitrary, (filters) => {
        const query = ask(filters);
        const found = new Set(idsOf(query));
        for (const filter of COUNTED_FILTERS) {
          const wider = idsOf(withoutFilter(query, filter));
          for (const nctId of found) expect(wider).toContain(nctId);
        }
      }),
    );
  });
});

describe('counts', () => {
  test('a count is what asking for that value alone would find', () => {
    fc.assert(
      fc.property(filtersArbitrary, (filters) => {
        const query = ask(filters);
        const { facets: counts } = askIndex(sampleSnapshot, query);
        for (const phase of PHASES) expect(counts.phase[phase]).toBe(totalOf({ ...query, phase: [phase] }));
        for (const key of siteKeys) expect(counts.site[key]).toBe(totalOf({ ...query, site: [key] }));
        for (const tier of RELEVANCES)
          expect(counts.relevance[tier]).toBe(totalOf({ ...query, relevance: [tier] }));
        for (const kind of SITE_MATCHES)
          expect(counts.siteMatch[kind]).toBe(totalOf({ ...query, siteMatch: [kind] }));
        for (const group of FACET_FILTERS)
          for (const value of facetValues[group])
            expect(counts[group][value]).toBe(totalOf({ ...query, [group]: [value] }));
      }),
    );
  });

  test('hidden says what either careful rule leaves out', () => {
    expect(askIndex(sampleSnapshot, ask({})).hidden).toEqual({ relevance: 4, siteMatch: 1 });
  });

  test('an empty list says what dropping each filter would find', () => {
    const query = ask({ phase: ['4'], ageGroup: ['infant'] });
    const { suggestions } = askIndex(sampleSnapshot, query);
    expect(suggestions.map(({ drop }) => drop)).toEqual(['ageGroup', 'phase', 'siteMatch', 'relevance']);
    expect(suggestions.find(({ drop }) => drop === 'phase')?.total).toBeGreaterThan(0);
  });
});

describe('order', () => {
  test('open trials come first, and every order is total', () => {
    const availabilities = listTrialsOf(sampleSnapshot, ask({})).map(({ availability }) =>
      AVAILABILITIES.indexOf(availability),
    );
    expect(availabilities).toEqual(availabilities.toSorted((one, other) => one - other));
    const turned = createSnapshot(
      { ...sampleSnapshot, trials: sampleSnapshot.trials.toReversed() },
      pack.facets,
    );
    const everything = { relevance: [...RELEVANCES], siteMatch: [...SITE_MATCHES] };
    for (const sort of SORTS) {
      const query = ask({ sort, ...everything });
      const back = listTrialsOf(turned, query).map(({ nctId }) => nctId);
      expect(back).toHaveLength(sampleSnapshot.trials.length);
      expect(back).toEqual(idsOf(query));
    }
  });
});
