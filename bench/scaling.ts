import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import {
  HEAP_PERCENT,
  BASE_TRIALS,
  fetchedStudyCharacters,
  savedStudyCharacters,
  trialCharacters,
} from './large-packs.ts';
import { QUERIES, type Figures, type FileFigures, type PackFigures, type Task } from './measure-pack.ts';

/**
 * `npm run bench:scaling`: packs of 100, 10,000 and 600,000 trials; writes the tables of docs/scaling.md. What was
 * not measured is computed from what was, in proportion, and marked with ≈. Ends within 8 minutes and 12 GB.
 */
const DOCUMENT = 'docs/scaling.md';
const BEGIN = '<!-- scaling: made by `npm run bench:scaling` -->';
const END = '<!-- end of scaling -->';
const SIZES = [100, 10_000, 600_000] as const;
const HEAP_MB = 8_192;
const LARGE_PACK_MS = { growMs: 235_000, askMs: 12_000 };
const OWN_TEXTS_MS = { growMs: 40_000, askMs: 1_000 };
const JUDGED = 300;
const PACKS = 200;
const PAGE_STUDIES = 200;
/** For collecting garbage and for a question that is under way. */
const LEEWAY_MS = 60_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** A child that runs out of heap ends without a word, which is an answer too. */
async function run(task: Task): Promise<Figures> {
  const startMs = performance.now();
  const child = fork(new URL('measure-pack.ts', import.meta.url), {
    execArgv: ['--expose-gc', `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = setTimeout(() => child.kill('SIGKILL'), task.growMs + task.askMs + LEEWAY_MS);
  const ended = once(child, 'exit').then((): [Figures] => [
    { kind: 'failed', problem: 'the process ended: out of memory or out of time' },
  ]);
  child.send(task);
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [Figures];
  await ended;
  clearTimeout(kill);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  print(`${task.kind} ${task.count} (${task.texts} texts): ${seconds} s, ${JSON.stringify(figures)}`);
  return figures;
}

const task = (kind: Task['kind'], count: number, more: Partial<Task> = {}): Task => ({
  kind,
  count,
  texts: 'own',
  growMs: 0,
  askMs: 16_000,
  ...more,
});

async function runPack(one: Task): Promise<PackFigures> {
  const figures = await run(one);
  if (figures.kind !== 'pack') throw new Error(`no figures of ${one.count} trials`);
  return figures.pack;
}

const [small, middle, large] = SIZES;
const judgedSmall = await run(task('judge', small));
const judged = await run(task('judge', JUDGED));
const packs = [await runPack(task('whole', small)), await runPack(task('whole', middle))] as const;
const files = [await run(task('file', small)), await run(task('file', middle))];
const manyPacks = await run(task('packs', PACKS));
const largest = await runPack(task('chunks', large, { texts: 'shared', ...LARGE_PACK_MS }));
const ownTexts = await runPack(task('chunks', large, OWN_TEXTS_MS));

/** Three digits are as many as a noisy machine is good for. */
const figure = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 2 });
const duration = (ms: number): string => {
  if (ms < 1_000) return `${figure(ms)} ms`;
  if (ms < 120_000) return `${figure(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${figure(ms / 60_000)} min` : `${figure(ms / 3_600_000)} h`;
};
const size = (bytes: number): string => {
  if (bytes < 1e6) return `${figure(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${figure(bytes / 1e6)} MB` : `${figure(bytes / 1e9)} GB`;
};
const about = (text: string): string => `≈ ${text}`;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const perStudyMs = judged.kind === 'judge' ? judged.perStudyMs : Number.NaN;
const smallStudyMs = judgedSmall.kind === 'judge' ? judgedSmall.perStudyMs : Number.NaN;
const columns = [...packs, largest];
const times = large / largest.trials;
/** As measured, or in proportion where not all of the 600,000 could be made. */
const atLarge = (text: (value: number) => string, value: number): string =>
  times === 1 ? text(value) : about(text(value * times));
const ownBytesPerTrial = ownTexts.heapBytes / ownTexts.trials;

function describeQuery(name: string): string {
  const measured = columns.map(({ queries }) => queries.find((one) => one.name === name));
  const cells = measured.map((one, index) => {
    if (one === undefined) return about(duration((measured[1]?.medianMs ?? 0) * (large / middle)));
    const scale = index === 2 ? times : 1;
    const text = `${duration(one.medianMs * scale)} / ${duration(one.p95Ms * scale)} (${one.runs})`;
    return scale === 1 ? text : about(text);
  });
  return row([`cold query: ${name}`, ...cells]);
}

function describeFiles(
  name: string,
  unit: (value: number) => string,
  read: (file: FileFigures) => number,
): string {
  const [first = 0, second = 0] = files.map((one) => (one.kind === 'file' ? read(one.file) : Number.NaN));
  return row([name, unit(first), unit(second), about(unit((second / middle) * large))]);
}

const count = (trials: number): string => trials.toLocaleString('en-US');
const table = [
  row(['trials', ...SIZES.map(count)]),
  row(['---', '---', '---', '---']),
  row([
    'judging one study',
    duration(smallStudyMs),
    `${duration(perStudyMs)} (${JUDGED} studies)`,
    about(duration(perStudyMs)),
  ]),
  row([
    'judging all',
    duration(smallStudyMs * small),
    ...[middle, large].map((studies) => about(duration(perStudyMs * studies))),
  ]),
  row([
    '`createSnapshot`: indexing, hashing',
    ...packs.map(({ createMs }) => duration(createMs)),
    atLarge(duration, largest.createMs),
  ]),
  row([
    'heap of the snapshot',
    ...packs.map(({ heapBytes }) => size(heapBytes)),
    `${atLarge(size, largest.heapBytes)} with shared long texts; ≈ ${size(ownBytesPerTrial * large)} with own`,
  ]),
  row([
    'resident memory of the process',
    ...packs.map(({ residentBytes }) => size(residentBytes)),
    `${atLarge(size, largest.residentBytes)} with shared long texts`,
  ]),
  ...Object.keys(QUERIES).map(describeQuery),
  row([
    'one trial, rendered',
    ...columns.map(({ oneTrial }) => `${duration(oneTrial.medianMs)} / ${duration(oneTrial.p95Ms)}`),
  ]),
  describeFiles('saved file', size, ({ bytes }) => bytes),
  describeFiles('saving', duration, ({ saveMs }) => saveMs),
  describeFiles('reading it, before judging', duration, ({ loadMs }) => loadMs),
  describeFiles('heap of the harvest, as the sync keeps it', size, ({ heapBytes }) => heapBytes),
  row([
    'pages of the registry, if one query',
    ...SIZES.map((studies) => count(Math.ceil(studies / PAGE_STUDIES))),
  ]),
];

const versions = `Node ${process.version}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${size(totalmem())}`;
const heapText = size(HEAP_MB * 1024 * 1024);
const madeText =
  largest.trials === large ? 'all of them' : `the first ${count(largest.trials)}, and the rest computed`;
const notes = [
  `The column of ${count(large)}: made were ${madeText}, with long texts shared among trials; files and judging are computed.`,
  `Largest pack with texts of its own that was made within ${HEAP_PERCENT} % of ${heapText} of heap and ${OWN_TEXTS_MS.growMs / 1000} s (whichever came first): ${count(ownTexts.trials)} trials, ${size(ownTexts.heapBytes)} of heap, ${size(ownTexts.residentBytes)} resident: ${size(ownBytesPerTrial)} a trial. That share of the heap holds ≈ ${count(Math.round((HEAP_MB * 1024 * 1024 * HEAP_PERCENT) / 100 / ownBytesPerTrial / 1_000) * 1_000)}.`,
  `One more pack of ${BASE_TRIALS} trials in a process that carries many: ${manyPacks.kind === 'packs' ? size(manyPacks.perPackBytes) : 'not known'} of heap with the compiled rules of the pack (mean of ${PACKS}).`,
  `The bare process, which the rows of memory include or are beside: ${size(packs[0].bareResidentBytes)} resident, sample and rules loaded.`,
];
const text = [
  BEGIN,
  `Measured on ${new Date().toISOString().slice(0, 10)} with ${versions}. Made of the ${BASE_TRIALS} trials of the bundled sample with other ids, statuses, ages and phases: a trial has ${figure(trialCharacters / 1000)} KB as JSON, its study ${figure(fetchedStudyCharacters / 1000)} KB as fetched and ${figure(savedStudyCharacters / 1000)} KB as saved (means). Queries: median / 95th percentile (runs), filter, counts and JSON, nothing cached. **≈ is computed in proportion, not measured.**`,
  '',
  ...table,
  '',
  ...notes.map((note) => `- ${note}`),
  END,
].join('\n');

const document = await readFile(DOCUMENT, 'utf8');
const [head = '', rest = ''] = document.split(BEGIN);
const tail = rest.split(END)[1];
if (tail === undefined) throw new Error(`${DOCUMENT} has no markers`);
await writeFile(DOCUMENT, `${head}${text}${tail}`);
print(`\n${text}\n\n${DOCUMENT} is written`);
