import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { getHeapStatistics } from 'node:v8';
import { createSnapshotBuilder } from '../src/catalog/build-snapshot.ts';
import { createCatalog, type Catalog } from '../src/catalog/catalog.ts';
import { createDisk } from '../src/catalog/disk.ts';
import { createDiskStore } from '../src/catalog/disk-store.ts';
import type { Snapshot } from '../src/catalog/snapshot.ts';
import { createWriterLock } from '../src/catalog/writer-lock.ts';
import { describeEdition } from '../src/http/edition-meta.ts';
import { findList } from '../src/http/found-lists.ts';
import { createFirstPage, listTrials, type ListContext } from '../src/http/list-trials.ts';
import { parseQuery, readParameters } from '../src/http/read-parameters.ts';
import { renderJson } from '../src/http/rendered-answers.ts';
import { facetValuesOf, siteKeysOf } from '../src/http/service.ts';
import { systemClock } from '../src/registry/clock.ts';
import { createTrialFiltersSchema, understandFilters, type TrialQuery } from '../src/trials/trial-query.ts';
import { pack } from '../tests/support/sample.ts';
import {
  BASE_TRIALS,
  createInChunks,
  HEAP_PERCENT,
  createWhole,
  judgeStudies,
  makeStudy,
  type Texts,
} from './large-packs.ts';

/** One measurement in a process of its own, so that memory is that of one pack. Started by `scaling.ts`. */

export interface Task {
  readonly count: number;
  /**
   * `whole`: as the service makes it. `chunks`: as many as heap and time allow. `judge`: the way to a list only.
   * `file`: saving and reading. `packs`: many packs of the sample's size in one process.
   */
  readonly kind: 'whole' | 'chunks' | 'judge' | 'file' | 'packs';
  readonly texts: Texts;
  /** How long `chunks` may grow, and how long questions are asked of what there is then. */
  readonly growMs: number;
  readonly askMs: number;
}

export interface QueryTimes {
  readonly name: string;
  readonly runs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

export interface PackFigures {
  readonly trials: number;
  readonly createMs: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** The process before, with the sample that everything is made from. */
  readonly bareResidentBytes: number;
  readonly queries: readonly QueryTimes[];
  readonly oneTrial: QueryTimes;
}

export interface FileFigures {
  readonly bytes: number;
  readonly saveMs: number;
  readonly loadMs: number;
  readonly heapBytes: number;
}

export type Figures =
  | { readonly kind: 'pack'; readonly pack: PackFigures }
  | { readonly kind: 'judge'; readonly perStudyMs: number; readonly studies: number }
  | { readonly kind: 'file'; readonly file: FileFigures }
  | { readonly kind: 'packs'; readonly perPackBytes: number; readonly perPackMs: number }
  | { readonly kind: 'failed'; readonly problem: string };

/** Typical questions: a family, a search, a patient, the page as it opens, a long page. The cheap ones come first. */
export const QUERIES: Readonly<Record<string, string>> = {
  'child, phase 3, open': 'ageGroup=child&phase=3&availability=open',
  'q=blinatumomab, by update': 'q=blinatumomab&sort=updated',
  'age 34, Ph-positive, newly diagnosed': 'age=34&genomic=ph_positive&setting=newly_diagnosed',
  'no filter': '',
  'by title, 200 a page': 'sort=title&limit=200',
};

const MOST_RUNS = 30;
/** Twice, because code and caches are let go of one collection later. */
function collectGarbage(): void {
  for (let time = 0; time < 2; time++) globalThis.gc?.();
}

function timeRuns(name: string, budgetMs: number, run: () => unknown): QueryTimes {
  const times: number[] = [];
  const endMs = performance.now() + budgetMs;
  while (times.length === 0 || (times.length < MOST_RUNS && performance.now() < endMs)) {
    const startMs = performance.now();
    run();
    times.push(performance.now() - startMs);
  }
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { name, runs: times.length, medianMs: at(0.5), p95Ms: at(0.95) };
}

function publish(snapshot: Snapshot): Catalog {
  const catalog = createCatalog({ staleAfterMs: 21_600_000, clock: systemClock });
  catalog.publish({ snapshot, source: 'registry', checkedAt: new Date().toISOString() });
  return catalog;
}

function understand(text: string): TrialQuery {
  const filters = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);
  return understandFilters(readParameters(filters, parseQuery(text)));
}

/** Filter, counts and rendering, as after a question that nobody has asked before. */
function measureQueries(catalog: Catalog, budgetMs: number): QueryTimes[] {
  const named = { siteKeys: siteKeysOf(pack), facetValues: facetValuesOf(pack) };
  const context: ListContext = {
    catalog,
    findList: (page) => findList(page, named),
    publicUrl: 'https://trials.example',
    linked: true,
  };
  const endMs = performance.now() + budgetMs;
  const measured: QueryTimes[] = [];
  const { current: edition } = catalog;
  if (edition === null) return measured;
  // What the time does not suffice for is left out, and said to be.
  for (const [name, text] of Object.entries(QUERIES)) {
    if (performance.now() > endMs) break;
    const page = createFirstPage(edition, understand(text));
    const share = budgetMs / Object.keys(QUERIES).length;
    measured.push(timeRuns(name, share, () => listTrials(page, context, { cacheControl: 'no-store' })));
  }
  return measured;
}

function measureOneTrial(catalog: Catalog): QueryTimes {
  const { current: edition } = catalog;
  const { nctId = '' } = edition?.snapshot.trials.at(-1) ?? {};
  return timeRuns('one trial', 500, () =>
    edition === null
      ? null
      : renderJson(
          { data: edition.snapshot.findTrial(nctId), meta: describeEdition(edition, catalog) },
          { cacheControl: 'no-store' },
        ),
  );
}

function measurePack({ count, kind, texts, growMs, askMs }: Task): Figures {
  collectGarbage();
  const before = process.memoryUsage();
  const endMs = performance.now() + growMs;
  const { heap_size_limit: mostHeapBytes } = getHeapStatistics();
  const mayGrow = (): boolean =>
    performance.now() < endMs && process.memoryUsage().heapUsed < (mostHeapBytes * HEAP_PERCENT) / 100;
  const made = kind === 'whole' ? createWhole(count) : createInChunks(count, { texts, mayGrow });
  collectGarbage();
  const after = process.memoryUsage();
  const catalog = publish(made.snapshot);
  const oneTrial = measureOneTrial(catalog);
  return {
    kind: 'pack',
    pack: {
      trials: made.snapshot.indexed.length,
      createMs: made.createMs,
      heapBytes: after.heapUsed - before.heapUsed,
      residentBytes: after.rss,
      bareResidentBytes: before.rss,
      queries: measureQueries(catalog, askMs),
      oneTrial,
    },
  };
}

/** Saving and reading a list as `DATA_DIR` does, sealed and written through. */
async function measureFile(count: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'scaling-'));
  try {
    const disk = createDisk(folder);
    const lock = createWriterLock({ disk, clock: systemClock, pid: process.pid, serves: true });
    const problems: string[] = [];
    const store = createDiskStore({
      disk,
      lock,
      packKey: pack.key,
      onBadFile: ({ problem }) => problems.push(problem),
    });
    collectGarbage();
    const emptyBytes = process.memoryUsage().heapUsed;
    const studies = Array.from({ length: count }, (_, index) => makeStudy(index + 1, 'saved'));
    collectGarbage();
    const heapBytes = process.memoryUsage().heapUsed - emptyBytes;
    const harvest = { dataTimestamp: '2026-11-25T09:00:04', etag: null, queries: [], studies };
    const list = {
      harvest,
      tombstones: [],
      journal: [],
      checkedAt: '2026-11-25T10:00:00.000Z',
      question: '',
    };
    const saveStartMs = performance.now();
    await store.saveList(list);
    const saveMs = performance.now() - saveStartMs;
    const name = (await readdir(folder)).find((one) => one.startsWith('snapshot-')) ?? '';
    const { size: bytes } = await stat(join(folder, name));
    const loadStartMs = performance.now();
    const loaded = await store.readList();
    const loadMs = performance.now() - loadStartMs;
    await lock.release();
    if (loaded === null) return { kind: 'failed', problem: problems.join(', ') };
    return { kind: 'file', file: { bytes, saveMs, loadMs, heapBytes } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one more institution costs a process that carries many: its snapshot and the compiled rules of its pack. */
function measurePacks(count: number): Figures {
  collectGarbage();
  const emptyBytes = process.memoryUsage().heapUsed;
  const startMs = performance.now();
  const carried = Array.from({ length: count }, () => ({
    build: createSnapshotBuilder(structuredClone(pack), { modifications: '/v1/meta' }),
    snapshot: createWhole(BASE_TRIALS).snapshot,
  }));
  const perPackMs = (performance.now() - startMs) / count;
  collectGarbage();
  const perPackBytes = (process.memoryUsage().heapUsed - emptyBytes) / carried.length;
  return { kind: 'packs', perPackBytes, perPackMs };
}

async function measure(task: Task): Promise<Figures> {
  try {
    if (task.kind === 'judge') {
      const { perStudyMs } = await judgeStudies(task.count);
      return { kind: 'judge', perStudyMs, studies: task.count };
    }
    if (task.kind === 'packs') return measurePacks(task.count);
    return task.kind === 'file' ? await measureFile(task.count) : measurePack(task);
  } catch (error) {
    return { kind: 'failed', problem: (error as Error).message };
  }
}

/** Answers the one task that it is given. */
async function answer(task: Task): Promise<void> {
  const figures = await measure(task);
  process.send?.(figures, () => process.disconnect?.());
}

if (process.send !== undefined) process.once('message', (task: Task) => void answer(task));
