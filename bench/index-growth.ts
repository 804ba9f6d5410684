import { indexedBy } from '../src/catalog/snapshot.ts';
import { parseQuery, readParameters } from '../src/http/read-parameters.ts';
import { facetValuesOf, siteKeysOf } from '../src/http/service.ts';
import { createTrialIndex } from '../src/trials/trial-index.ts';
import { createTrialFiltersSchema, understandFilters, type TrialQuery } from '../src/trials/trial-query.ts';
import { listNaively, prepareNaively } from '../tests/support/naive-lists.ts';
import { pack } from '../tests/support/sample.ts';
import { createTrials } from './large-packs.ts';

/** How building, memory and cold questions grow with the trials, beside asking every rule of every trial. */

export interface IndexGrowth {
  readonly trials: number;
  readonly buildMs: number;
  readonly indexBytes: number;
  /** CPU of one cold question with all counts and a page of 50: median and slowest of `QUESTIONS`. */
  readonly medianMicros: number;
  readonly slowest: { readonly question: string; readonly micros: number };
  /** The same median without the index; `null` where it would take too long. */
  readonly naiveMicros: number | null;
}

const NAIVE_UP_TO = 10_000;
/** As many runs as this takes, after as many to get warm, are one measurement. */
const MEASURE_MS = 60;
const MOST_RUNS = 400;

/** Questions that differ in what narrows them: none, one or many filters, words, facets, each order, deep pages. */
export const QUESTIONS: readonly string[] = [
  '',
  'ageGroup=child',
  'ageGroup=child,aya&phase=3',
  'ageGroup=child&phase=3&availability=open',
  'age=8',
  'age=34&sex=FEMALE',
  'ageMin=5&ageMax=39',
  'phase=1,2',
  'phase=early_1,1&availability=open,opening_soon',
  'availability=closed',
  'site=childrens',
  'site=uab&availability=open',
  'siteMatch=confirmed,network,possible&relevance=specific,includes,possible',
  'studyType=OBSERVATIONAL',
  'relevance=possible',
  'q=blinatumomab',
  'q=leuk',
  'q=blinatumomab+leukemia&sort=updated',
  'q=nothingofthekind',
  'lineage=b',
  'lineage=b&genomic=kmt2a',
  'age=34&genomic=ph_positive&setting=newly_diagnosed',
  'setting=relapsed,refractory&match=fits',
  'lineage=t&match=fits,check,does_not_fit',
  'population=infant&ageGroup=infant&sort=minimum_age',
  'therapy=car_t&target=cd19&sort=title',
  'sort=title',
  'sort=updated&phase=2',
  'sort=phase&ageGroup=adult',
  'sort=minimum_age&lineage=b&match=check',
];

const filters = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);
const named = { siteKeys: siteKeysOf(pack), facetValues: facetValuesOf(pack) };

function understand(text: string): TrialQuery {
  return understandFilters(readParameters(filters, parseQuery(text)));
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** Microseconds of CPU; shorter runs than the clock of the processor can tell are taken together. */
function measureCpu(run: () => unknown, mostMs: number): number {
  const warmUntilMs = performance.now() + mostMs;
  let runs = 0;
  do {
    run();
    runs++;
  } while (runs < MOST_RUNS && performance.now() < warmUntilMs);
  const began = process.cpuUsage();
  for (let time = 0; time < runs; time++) run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / runs;
}

function usedBytes(): number {
  for (let time = 0; time < 2; time++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Measures one size; memory is only told apart from garbage under `--expose-gc`. */
export function measureIndex(count: number): IndexGrowth {
  const trials = createTrials(count);
  const by = indexedBy(pack.facets);
  const emptyBytes = usedBytes();
  const began = process.cpuUsage();
  const index = createTrialIndex(trials, by);
  const { user, system } = process.cpuUsage(began);
  const indexBytes = usedBytes() - emptyBytes;
  const queries = QUESTIONS.map((question) => ({ question, query: understand(question) }));
  // All together first: the first question would otherwise be measured before its code is compiled.
  for (const { query } of queries) index.list(query, 0, named);
  const measured = queries.map(({ question, query }) => ({
    question,
    micros: measureCpu(() => index.list(query, 0, named), MEASURE_MS),
  }));
  const slowest = measured.toSorted((one, other) => other.micros - one.micros)[0];
  return {
    trials: count,
    buildMs: (user + system) / 1000,
    indexBytes,
    medianMicros: medianOf(measured.map(({ micros }) => micros)),
    slowest: slowest ?? { question: '', micros: Number.NaN },
    naiveMicros: count > NAIVE_UP_TO ? null : measureNaive(trials, by, queries),
  };
}

function measureNaive(
  trials: ReturnType<typeof createTrials>,
  { textsOf, verdictsOf }: ReturnType<typeof indexedBy>,
  queries: readonly { query: TrialQuery }[],
): number {
  const prepared = trials.map((trial) => {
    const verdicts = new Map<string, ReturnType<ReturnType<typeof verdictsOf>>>();
    const judge = verdictsOf(trial);
    return prepareNaively(trial, textsOf(trial), (id) => {
      const verdict = verdicts.get(id) ?? judge(id);
      verdicts.set(id, verdict);
      return verdict;
    });
  });
  const asked = { offset: 0, named };
  return medianOf(
    queries.map(({ query }) => measureCpu(() => listNaively(prepared, query, asked), MEASURE_MS / 10)),
  );
}
