import { buildSnapshot, pack, sampleHarvest, sampleSnapshot } from '../tests/support/sample.ts';
import type { HarvestedStudy } from '../src/catalog/build-snapshot.ts';
import { createSnapshot, type Snapshot, type SnapshotContent } from '../src/catalog/snapshot.ts';
import { trimStudy } from '../src/catalog/keep-harvest.ts';
import type { Provenance, Trial } from '../src/trials/trial.ts';

/** Packs of any size, made from the 27 real trials of the sample: other ids, statuses, ages and phases, the same texts. */

/** With texts of their own each trial costs what a real one does; with shared ones only what lists need of it. */
export type Texts = 'own' | 'shared';

/** A pack grows to that share of the heap: what is left holds its index. */
export const HEAP_PERCENT = 60;

const CHUNK = 2_000;
const STATUSES = ['RECRUITING', 'COMPLETED', 'ACTIVE_NOT_RECRUITING', 'TERMINATED'];
const AVAILABILITIES = ['open', 'closed', 'closed', 'unknown'] as const;
const PHASES = [['PHASE1'], ['PHASE2'], ['PHASE3'], ['PHASE1', 'PHASE2'], ['NA']];
const AGES = [
  { range: { fromDays: null, beforeDays: 6_575, label: 'Up to 17 years' }, groups: ['child'] },
  {
    range: { fromDays: 6_575, beforeDays: null, label: '18 years and older' },
    groups: ['adult', 'older_adult'],
  },
  { range: { fromDays: 365, beforeDays: 11_323, label: '1 to 30 years' }, groups: ['child', 'adult'] },
] satisfies { range: Trial['ageRange']; groups: Trial['ageGroups'] }[];

/** Equal everywhere and in every run: no chance is in it. */
const pick = <Value>(values: readonly Value[], number: number): Value =>
  values[number % values.length] as Value;

const nameOf = (number: number): string => `NCT${String(number).padStart(8, '0')}`;
const keptIds = new Set(sampleSnapshot.trials.map(({ nctId }) => nctId));
const keptStudies = sampleHarvest.studies.filter(({ nctId }) => nctId !== null && keptIds.has(nctId));
const trialTexts = sampleSnapshot.trials.map((trial) => JSON.stringify(trial));
const studyTexts = keptStudies.map((harvested) => JSON.stringify(trimStudy(harvested, pack.place)));
const fullStudyTexts = keptStudies.map((harvested) => JSON.stringify(harvested));

export const BASE_TRIALS = sampleSnapshot.trials.length;
export const trialCharacters = meanLength(trialTexts);
export const savedStudyCharacters = meanLength(studyTexts);
export const fetchedStudyCharacters = meanLength(fullStudyTexts);

function meanLength(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
}

function makeTrial(number: number, texts: Texts): Trial {
  const base =
    texts === 'own' ? (JSON.parse(pick(trialTexts, number)) as Trial) : pick(sampleSnapshot.trials, number);
  const availability = pick(AVAILABILITIES, number >> 1);
  const age = pick(AGES, number >> 3);
  return {
    ...base,
    nctId: nameOf(number),
    aliases: [],
    briefTitle: `${base.briefTitle} ${number}`,
    overallStatus: pick(STATUSES, number >> 1),
    availability,
    sites: base.sites.map((site) => ({ ...site, availability })),
    phases: pick(PHASES, number >> 2),
    ageRange: age.range,
    ageGroups: age.groups,
  };
}

/** A study as the registry would send it (`fetched`) or as it is saved, without the sites of other states. */
export function makeStudy(number: number, form: 'fetched' | 'saved'): HarvestedStudy {
  const text = pick(form === 'fetched' ? fullStudyTexts : studyTexts, number);
  const harvested = JSON.parse(text) as HarvestedStudy & {
    study: { protocolSection: { identificationModule: { nctId: string } } };
  };
  harvested.study.protocolSection.identificationModule.nctId = nameOf(number);
  return { ...harvested, nctId: nameOf(number) };
}

function makeContent(from: number, until: number, texts: Texts): SnapshotContent {
  const numbers = Array.from({ length: until - from }, (_, index) => from + index);
  return {
    trials: numbers.map((number) => makeTrial(number, texts)),
    provenance: numbers.map((number): Provenance => {
      const base = pick(sampleSnapshot.provenance, number);
      const own = texts === 'own' ? structuredClone(base) : base;
      return { ...own, nctId: nameOf(number) };
    }),
    excluded: [],
    quality: [],
    setAside: [],
    queries: [],
    sourceDataTimestamp: '2026-11-25T09:00:04',
  };
}

/** The pack as the service makes it: one call of `createSnapshot`. */
export function createWhole(count: number): { snapshot: Snapshot; createMs: number } {
  const content = makeContent(1, count + 1, 'own');
  const startMs = performance.now();
  const snapshot = createSnapshot(content, pack.facets);
  return { snapshot, createMs: performance.now() - startMs };
}

/** Only trials, as an index takes them: with the long texts shared, memory holds as many as a registry has. */
export function createTrials(count: number): Trial[] {
  return Array.from({ length: count }, (_, index) => makeTrial(index + 1, 'shared'));
}

/**
 * A pack that may not fit: its trials are made in chunks, and end before their time when `mayGrow` says so. Then it is
 * made into a snapshot as the service does.
 */
export function createInChunks(
  count: number,
  options: { texts: Texts; mayGrow: () => boolean },
): { snapshot: Snapshot; createMs: number } {
  const chunks: SnapshotContent[] = [];
  for (let from = 1; from <= count && options.mayGrow(); from += CHUNK)
    chunks.push(makeContent(from, Math.min(from + CHUNK, count + 1), options.texts));
  const [first] = chunks;
  if (first === undefined) throw new Error('not one chunk was made');
  const content: SnapshotContent = {
    ...first,
    trials: chunks.flatMap(({ trials }) => trials),
    provenance: chunks.flatMap(({ provenance }) => provenance),
  };
  const startMs = performance.now();
  const snapshot = createSnapshot(content, pack.facets);
  return { snapshot, createMs: performance.now() - startMs };
}

/** What it takes to judge some fetched studies: read, normalize, find facets, decide. */
export async function judgeStudies(count: number): Promise<{ perStudyMs: number; kept: number }> {
  const studies = Array.from({ length: count }, (_, index) => makeStudy(index + 1, 'fetched'));
  const startMs = performance.now();
  const { trials } = await buildSnapshot({ dataTimestamp: null, etag: null, queries: [], studies });
  return { perStudyMs: (performance.now() - startMs) / count, kept: trials.length };
}
