import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexedBy } from '../../src/catalog/snapshot.ts';
import { facetValuesOf, siteKeysOf } from '../../src/http/service.ts';
import { FACET_FILTERS, FITS } from '../../src/trials/facet-groups.ts';
import { createTrialIndex, type TrialIndex } from '../../src/trials/trial-index.ts';
import { TUNING, type Tuning } from '../../src/trials/trial-set.ts';
import type { TrialQuery } from '../../src/trials/trial-query.ts';
import {
  FACET_IDS,
  NAMED,
  queryArbitrary,
  trialsArbitrary,
  type MadeUpTrial,
} from '../support/made-up-trials.ts';
import { listNaively, prepareNaively } from '../support/naive-lists.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

/** Each way of counting and ordering, wherever it would be chosen. */
const TUNINGS: Readonly<Record<string, Tuning>> = {
  'as chosen': TUNING,
  'all sets as bits': { ...TUNING, listOneOf: Infinity },
  'all sets as lists': { ...TUNING, listOneOf: 0 },
  'selections looked at one by one': { ...TUNING, wordsPerTrial: 0 },
  'selections always counted as bits': { ...TUNING, wordsPerTrial: Infinity },
  'orders always sorted': { ...TUNING, stepsPerComparison: 0 },
  'orders always walked': { ...TUNING, stepsPerComparison: Infinity },
};

const indexOf = (trials: readonly MadeUpTrial[], tuning: Tuning): TrialIndex =>
  createTrialIndex(trials, {
    textsOf: ({ texts }) => texts,
    facetIds: FACET_IDS,
    verdictsOf:
      ({ verdicts }) =>
      (id) =>
        verdicts[id] ?? 'fits',
    tuning,
  });
const naive = (trials: readonly MadeUpTrial[]) =>
  trials.map((trial) => prepareNaively(trial, trial.texts, (id) => trial.verdicts[id] ?? 'fits'));

function list(
  { index, trials }: { index: TrialIndex; trials: readonly { nctId: string }[] },
  query: TrialQuery,
  asked: { offset: number; named: typeof NAMED },
) {
  const { page, ...rest } = index.list(query, asked.offset, asked.named);
  return { ...rest, ids: page.map((place) => trials[place]?.nctId) };
}

function expectAlike(
  trials: readonly MadeUpTrial[],
  queries: readonly [TrialQuery, number][],
  tuning: Tuning,
): void {
  const index = indexOf(trials, tuning);
  const plain = naive(trials);
  for (const [query, offset] of queries) {
    const asked = { offset, named: NAMED };
    expect(list({ index, trials }, query, asked)).toEqual(listNaively(plain, query, asked));
  }
}

const questions = fc.array(fc.tuple(queryArbitrary, fc.constantFrom(0, 0, 1, 7, 64, 1000)), {
  minLength: 1,
  maxLength: 6,
});

describe('the index says what asking every rule of every trial says', () => {
  test.each(Object.entries(TUNINGS))('%s', (_name, tuning) => {
    fc.assert(
      fc.property(trialsArbitrary({ maxLength: 300 }), questions, (trials, queries) =>
        expectAlike(trials, queries, tuning),
      ),
      { numRuns: 25 },
    );
  });

  test.each([0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513])('%i trials', (length) => {
    fc.assert(
      fc.property(trialsArbitrary({ minLength: length, maxLength: length }), questions, (trials, queries) =>
        expectAlike(trials, queries, TUNING),
      ),
      { numRuns: 4 },
    );
  });

  test('trials that are all alike are one class', () => {
    fc.assert(
      fc.property(trialsArbitrary({ minLength: 1, maxLength: 1 }), questions, ([one], queries) => {
        const trials = Array.from({ length: 100 }, (_, place) => ({
          ...(one as MadeUpTrial),
          nctId: `NCT${String(place).padStart(8, '0')}`,
        }));
        expectAlike(trials, queries, TUNING);
      }),
      { numRuns: 20 },
    );
  });

  test('pages are parts of one order', () => {
    fc.assert(
      fc.property(trialsArbitrary({ minLength: 50, maxLength: 200 }), queryArbitrary, (trials, query) => {
        const index = indexOf(trials, TUNING);
        const whole = index.list({ ...query, limit: 200 }, 0, NAMED).page;
        const pages: number[] = [];
        for (let offset = 0; offset < whole.length; offset += query.limit)
          pages.push(...index.list(query, offset, NAMED).page);
        expect(pages).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });
});

describe('real records', () => {
  const by = indexedBy(pack.facets);
  const named = { siteKeys: siteKeysOf(pack), facetValues: facetValuesOf(pack) };
  const plain = sampleSnapshot.trials.map((trial) =>
    prepareNaively(trial, by.textsOf(trial), by.verdictsOf(trial)),
  );
  // Made-up questions, with the values of the pack in the place of made-up ones.
  const realQuery = fc
    .tuple(queryArbitrary, fc.nat(), fc.constantFrom('blinatumomab', 'leuk', 'aall', 'children'))
    .map(([query, seed, word]): TrialQuery => {
      const pick = (values: readonly string[], asked: readonly string[]): string[] =>
        asked.length === 0
          ? []
          : [...new Set([values[seed % values.length], values[(seed * 7 + 3) % values.length]])].filter(
              (value) => value !== undefined,
            );
      const facets = FACET_FILTERS.map((group) => [group, pick(named.facetValues[group], query[group])]);
      return {
        ...query,
        ...(Object.fromEntries(facets) as Pick<TrialQuery, (typeof FACET_FILTERS)[number]>),
        site: pick(named.siteKeys, query.site),
        q: query.q.length === 0 ? [] : [word],
      };
    });

  test('the sample', () => {
    fc.assert(
      fc.property(realQuery, fc.constantFrom(0, 0, 5), (query, offset) => {
        const { index, trials } = sampleSnapshot;
        expect(list({ index, trials }, query, { offset, named })).toEqual(
          listNaively(plain, query, { offset, named }),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('a verdict is the one that is shown', () => {
    for (const { trial, judgeFit } of sampleSnapshot.indexed) {
      const verdictOf = by.verdictsOf(trial);
      for (const id of by.facetIds) {
        const [group = '', value = ''] = id.split('.');
        const none = Object.fromEntries(FACET_FILTERS.map((one) => [one, []]));
        const shown = judgeFit({ ...none, [group]: [value] } as unknown as TrialQuery);
        expect(FITS).toContain(verdictOf(id));
        expect(verdictOf(id)).toBe(shown?.verdict);
      }
    }
  });
});
