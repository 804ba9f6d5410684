import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createCatalog } from '../src/catalog/catalog.ts';
import { seal, unseal } from '../src/catalog/sealed-file.ts';
import { SavedList } from '../src/catalog/store.ts';
import { listTrials } from '../src/http/list-trials.ts';
import { renderJson } from '../src/http/rendered-answers.ts';
import { facetValuesOf, siteKeysOf } from '../src/http/service.ts';
import { systemClock } from '../src/registry/clock.ts';
import { createTrialFiltersSchema, understandFilters } from '../src/trials/trial-query.ts';
import { pack } from '../tests/support/sample.ts';
import {
  createInChunks,
  createWhole,
  judgeStudies,
  makeStudy,
  savedStudyCharacters,
  type Texts,
} from './large-packs.ts';

/**
 * `npm run bench:scaling`: what a pack of 100, 10,000 and 600,000 trials takes: memory, time to judge, to index and
 * to answer. Each size in a process of its own; the tables go into docs/scaling.md. Some minutes, up to 10 GB.
 */

const SIZES = [100, 10_000, 600_000] as const;
/** Beyond this all trials share the texts of the 27 real ones, because no machine of this class holds as many texts. */
const OWN_TEXTS_UP_TO = 10_000;
const LARGEST_WHOLE = 1_000;
const HEAP_MIB = 8_192;
/** The making of the largest pack ends after that, with as many trials as there are. */
const LONGEST_MS = 150_000;
const JUDGED = 200;
const SAVED_UP_TO = 10_000;
const QUERIES = [
  {},
  { ageGroup: ['child'], phase: ['3'] },
  { age: '34', availability: ['open'] },
  { q: 'blinatumomab' },
  { lineage: ['b'], setting: ['relapsed'] },
];

interface Measured {
  readonly size: number;
  readonly made: number;
  readonly texts: Texts;
  readonly indexMs: number;
  readonly residentMib: number;
  readonly heapMib: number;
  readonly queryMs: readonly number[];
  readonly trialMs: number;
  readonly fileMib: number | null;
  readonly sealMs: number | null;
  readonly unsealMs: number | null;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? 0;
const time = (run: () => unknown): number => {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
};
const repeat = (times: number, run: () => unknown): number =>
  median(Array.from({ length: times }, () => time(run)));

function measureFile(size: number): Pick<Measured, 'fileMib' | 'sealMs' | 'unsealMs'> {
  if (size > SAVED_UP_TO) return { fileMib: null, sealMs: null, unsealMs: null };
  const studies = Array.from({ length: size }, (_, index) => makeStudy(index + 1, 'saved'));
  const list: SavedList = {
    harvest: { dataTimestamp: null, etag: null, queries: [], studies },
    tombstones: [],
    journal: [],
    checkedAt: new Date(0).toISOString(),
    question: 'pack.queries',
  };
  let bytes: Buffer = Buffer.alloc(0);
  const sealMs = time(() => {
    bytes = seal('list', pack.key, list);
  });
  const unsealMs = time(() => unseal(bytes, { kind: 'list', packKey: pack.key, schema: SavedList }));
  return { fileMib: bytes.length / 2 ** 20, sealMs, unsealMs };
}

function measure(size: number): Measured {
  const texts: Texts = size <= OWN_TEXTS_UP_TO ? 'own' : 'shared';
  const beganMs = performance.now();
  const mayGrow = (): boolean =>
    process.memoryUsage().heapUsed < HEAP_MIB * 0.85 * 2 ** 20 && performance.now() - beganMs < LONGEST_MS;
  const { snapshot, createMs } =
    size <= LARGEST_WHOLE ? createWhole(size) : createInChunks(size, { texts, mayGrow });
  globalThis.gc?.();
  const memory = process.memoryUsage();
  const catalog = createCatalog({ staleAfterMs: 1, clock: systemClock });
  const edition = { snapshot, source: 'registry', checkedAt: new Date().toISOString() } as const;
  catalog.publish(edition);
  const filters = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);
  const context = {
    catalog,
    siteKeys: siteKeysOf(pack),
    facetValues: facetValuesOf(pack),
    publicUrl: 'https://trials.example',
    linked: true,
  };
  const times = size > OWN_TEXTS_UP_TO ? 3 : 15;
  const queryMs = QUERIES.map((asked) => {
    const query = understandFilters(filters.parse(asked));
    return repeat(times, () => renderJson(listTrials({ edition, query, offset: 0 }, context)));
  });
  const nctId = snapshot.trials[snapshot.trials.length >> 1]?.nctId ?? '';
  return {
    size,
    made: snapshot.trials.length,
    texts,
    indexMs: createMs,
    residentMib: memory.rss / 2 ** 20,
    heapMib: memory.heapUsed / 2 ** 20,
    queryMs,
    trialMs: repeat(times, () => renderJson({ data: snapshot.findTrial(nctId) })),
    ...measureFile(size),
  };
}

function formatTable(all: readonly Measured[], judged: { perStudyMs: number }): string {
  const ms = (value: number | null): string =>
    value === null
      ? 'not measured'
      : value >= 1_000
        ? `${(value / 1_000).toFixed(1)} s`
        : `${value.toFixed(1)} ms`;
  const mib = (value: number | null): string => (value === null ? 'not measured' : `${value.toFixed(1)} MiB`);
  const rows: [string, (one: Measured) => string][] = [
    ['trials made', ({ made, texts }) => `${made.toLocaleString('en')}, texts ${texts}`],
    ['judging all of them (per study × number)', ({ size }) => ms(judged.perStudyMs * size)],
    ['index and id', ({ indexMs }) => ms(indexMs)],
    ['resident memory', ({ residentMib }) => mib(residentMib)],
    ['heap', ({ heapMib }) => mib(heapMib)],
    ['cold list: no filter', ({ queryMs }) => ms(queryMs[0] ?? null)],
    ['cold list: child, phase 3', ({ queryMs }) => ms(queryMs[1] ?? null)],
    ['cold list: age 34, open', ({ queryMs }) => ms(queryMs[2] ?? null)],
    ['cold list: a word', ({ queryMs }) => ms(queryMs[3] ?? null)],
    ['cold list: two facets', ({ queryMs }) => ms(queryMs[4] ?? null)],
    ['one trial', ({ trialMs }) => ms(trialMs)],
    ['saved file', ({ fileMib }) => mib(fileMib)],
    ['seal / unseal', ({ sealMs, unsealMs }) => `${ms(sealMs)} / ${ms(unsealMs)}`],
  ];
  const head = `| | ${all.map(({ size }) => size.toLocaleString('en')).join(' | ')} |\n|---|${all.map(() => '---').join('|')}|`;
  return [head, ...rows.map(([name, cell]) => `| ${name} | ${all.map(cell).join(' | ')} |`)].join('\n');
}

const { values } = parseArgs({ options: { size: { type: 'string' } } });
if (values.size !== undefined) process.stdout.write(JSON.stringify(measure(Number(values.size))));
else {
  const all = SIZES.map((size) => {
    const command = [
      `--max-old-space-size=${HEAP_MIB}`,
      '--expose-gc',
      'bench/scaling.ts',
      '--size',
      String(size),
    ];
    return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })) as Measured;
  });
  const judged = await judgeStudies(JUDGED);
  const [cpu] = os.cpus();
  const where = `Made by \`npm run bench:scaling\` on ${new Date().toISOString().slice(0, 10)}: ${os.cpus().length} cores (${cpu?.model ?? 'unknown'}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}. Medians. Judging was measured over ${JUDGED} fetched studies: ${judged.perStudyMs.toFixed(1)} ms each; a saved study has ${Math.round(savedStudyCharacters / 1000)} KB.`;
  const table = `${where}\n\n${formatTable(all, judged)}`;
  const page = await readFile('docs/scaling.md', 'utf8');
  const [begin, end] = ['<!-- measured -->', '<!-- end of measured -->'];
  const written = page.replace(new RegExp(`${begin}[\\s\\S]*${end}`), () => `${begin}\n${table}\n${end}`);
  await writeFile('docs/scaling.md', written);
  process.stdout.write(`${table}\n`);
}
