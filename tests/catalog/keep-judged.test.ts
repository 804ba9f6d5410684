import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { glob } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cwd } from 'node:process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Harvest, SnapshotBuilder } from '../../src/catalog/build-snapshot.ts';
import { createDiskStore } from '../../src/catalog/disk-store.ts';
import { judgeHarvest } from '../../src/catalog/judge-harvest.ts';
import { createJudgements, markRuling, type Judgements } from '../../src/catalog/keep-judged.ts';
import { markRules } from '../../src/catalog/mark-rules.ts';
import { sealPieces } from '../../src/catalog/sealed-file.ts';
import { createSnapshot, type Snapshot } from '../../src/catalog/snapshot.ts';
import type { SavedList } from '../../src/catalog/store.ts';
import { readConfig } from '../../src/config.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline.ts';
import { FREE_LOCK } from '../support/free-lock.ts';
import { createMemoryDisk, type MemoryDisk } from '../support/memory-disk.ts';
import { buildSnapshot, copySampleStudy, pack, sampleHarvest, sampleSnapshot } from '../support/sample.ts';
import { buildTestApp } from '../support/test-app.ts';

const RULES = 'these rules';
const PACK = 'uab-all';
const FILE = `judged-${PACK}.json`;
const NOW = '2026-11-24T00:00:00.000Z';
const QUESTION = 'pack.queries';

/** Every record of a real study that the project has. */
const realStudies: unknown[] = sampleHarvest.studies.map(({ study }) => study);
for await (const file of glob('tests/fixtures/studies/*.json'))
  realStudies.push(JSON.parse(await readFile(file, 'utf8')));
const realHarvest: Harvest = {
  ...sampleHarvest,
  dataTimestamp: '2026-11-20T09:00:04',
  studies: realStudies.map((study, index) => ({ study, nctId: `study ${index}`, foundBy: ['test'] })),
};
const judge = async (harvest: Harvest) =>
  judgeHarvest(harvest, {
    buildSnapshot,
    place: pack.place,
    served: null,
    baseline: null,
    accepted: null,
    signal: new AbortController().signal,
  });
/** Enough for what concerns no single record. */
const judged = await judge({
  ...realHarvest,
  studies: ['NCT03914625', 'NCT04530565'].map((nctId) => ({
    study: copySampleStudy(nctId),
    nctId,
    foundBy: ['test'],
  })),
});
const savedList = (harvest: Harvest): SavedList => ({
  harvest,
  tombstones: [],
  journal: [],
  checkedAt: NOW,
  question: QUESTION,
});

interface Start {
  readonly judgements: Judgements;
  readonly build: ReturnType<typeof vi.fn<SnapshotBuilder>>;
  readonly store: ReturnType<typeof createDiskStore>;
  readonly bad: string[];
}

/** A process that starts in the folder. */
async function start(
  disk: MemoryDisk,
  options: {
    rules?: string | null;
    lock?: typeof FREE_LOCK;
    largestBytes?: number;
    packOfToday?: typeof pack;
  } = {},
): Promise<Start> {
  const { rules = RULES, lock = FREE_LOCK, largestBytes = Infinity, packOfToday = pack } = options;
  const bad: string[] = [];
  const store = createDiskStore({ disk, lock, packKey: PACK, onBadFile: ({ name }) => bad.push(name) });
  const build = vi.fn<SnapshotBuilder>(buildSnapshot);
  const judgements = createJudgements({
    file: store,
    ruling: markRuling(rules, packOfToday),
    kept: await store.readJudged(),
    vocabulary: packOfToday.facets,
    buildSnapshot: build,
    rest: async () => undefined,
    largestBytes,
  });
  return { judgements, build, store, bad };
}

/** A folder in which a list was saved by a process that served it. */
async function saveWith(harvest: Harvest, served: Snapshot, options = {}): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  const { judgements, store } = await start(disk, options);
  await judgements.wrap(store, { served }).saveList(savedList(harvest));
  return disk;
}

/** What the next process reads. */
async function readSaved(disk: MemoryDisk, options = {}): Promise<Start & { harvest: Harvest }> {
  const next = await start(disk, options);
  const list = await next.store.readList();
  if (list === null) throw new Error('no list was saved');
  return { ...next, harvest: list.harvest };
}

const ENCODINGS = ['identity', 'gzip', 'br'];

/** Every answer that there is over a snapshot, in every coding. */
async function answersOf(snapshot: Snapshot): Promise<Record<string, unknown>> {
  const { server } = await buildTestApp({ snapshot });
  const urls = [
    '/v1/trials?limit=200&relevance=specific,includes,possible&siteMatch=confirmed,network,possible',
    '/v1/trials?age=34&genomic=ph_positive&setting=newly_diagnosed&match=fits,check,does_not_fit',
    '/v1/trials?q=blinatumomab&sort=title',
    '/v1/excluded',
    '/v1/quality',
    '/v1/meta',
    ...snapshot.trials.flatMap(({ nctId }) => [`/v1/trials/${nctId}`, `/v1/trials/${nctId}/provenance`]),
  ];
  const answers: Record<string, unknown> = {};
  for (const url of urls)
    for (const coding of ENCODINGS) {
      const answer = await server.inject({ url, headers: { 'accept-encoding': coding } });
      answers[`${url} ${coding}`] = [
        answer.statusCode,
        answer.headers.etag,
        answer.rawPayload.toString('hex'),
      ];
    }
  await server.close();
  return answers;
}

describe('what was judged is used again', () => {
  test(
    'over all real records: the same id and equal bytes in every answer',
    { timeout: 60_000 },
    async () => {
      const all = await judge(realHarvest);
      const { judgements, build, harvest } = await readSaved(await saveWith(all.harvest, all.snapshot));
      const restored = await judgements.restore(harvest);
      expect(build).not.toHaveBeenCalled();
      const anew = await buildSnapshot(harvest);
      expect(restored.trials.length).toBeGreaterThan(20);
      expect(restored.id).toBe(anew.id);
      // The id that is kept is the one that the content has.
      expect(createSnapshot(restored, pack.facets).id).toBe(anew.id);
      expect(await answersOf(restored)).toEqual(await answersOf(anew));
    },
  );

  test('what a start had to judge is kept by it, and found by the next', async () => {
    const disk = createMemoryDisk();
    const first = await start(disk);
    await first.store.saveList(savedList(judged.harvest));
    const { judgements, build, harvest } = await readSaved(disk);
    await judgements.restore(harvest);
    judgements.start();
    await judgements.settled();
    expect(build).toHaveBeenCalledOnce();
    const next = await readSaved(disk);
    await next.judgements.restore(next.harvest);
    expect(next.build).not.toHaveBeenCalled();
  });

  test('it is read without the lock: two processes may start from it', async () => {
    const disk = await saveWith(judged.harvest, judged.snapshot);
    const { judgements, build, harvest } = await readSaved(disk, {
      lock: { ...FREE_LOCK, acquire: async () => false },
    });
    await judgements.restore(harvest);
    expect(build).not.toHaveBeenCalled();
  });
});

describe('when in doubt it is judged again', () => {
  const [first] = judged.harvest.studies;
  test.each<[string, (harvest: Harvest) => Harvest]>([
    ['of another day', (harvest) => ({ ...harvest, dataTimestamp: '2026-11-21T09:00:04' })],
    ['with a study less', (harvest) => ({ ...harvest, studies: harvest.studies.slice(1) })],
    ['in another order', (harvest) => ({ ...harvest, studies: harvest.studies.toReversed() })],
    [
      'found by another query',
      (harvest) => ({ ...harvest, studies: harvest.studies.map((one) => ({ ...one, foundBy: ['other'] })) }),
    ],
    [
      'with another text in one study',
      (harvest) => ({
        ...harvest,
        studies: [
          { ...first, study: copySampleStudy('NCT03959085') },
          ...harvest.studies.slice(1),
        ] as Harvest['studies'],
      }),
    ],
    [
      'of which a study could not be read',
      (harvest) => ({
        ...harvest,
        studies: harvest.studies.map((one, index) => (index === 0 ? { ...one, unreadable: 'why' } : one)),
      }),
    ],
  ])('a harvest %s', async (_name, change) => {
    const { judgements, build, harvest } = await readSaved(await saveWith(judged.harvest, judged.snapshot));
    const changed = change(harvest);
    const restored = await judgements.restore(changed);
    expect(build).toHaveBeenCalledOnce();
    expect(restored.id).toBe((await buildSnapshot(changed)).id);
  });

  test.each<[string, object]>([
    ['other rules', { rules: 'other rules' }],
    ['rules that cannot be told', { rules: null }],
    ['another pack', { packOfToday: { ...pack, name: 'Another' } }],
    ['another vocabulary', { packOfToday: { ...pack, facets: { ...pack.facets, version: '9' } } }],
  ])('%s', async (_name, options) => {
    const disk = await saveWith(judged.harvest, judged.snapshot);
    const { judgements, build, harvest } = await readSaved(disk, options);
    await judgements.restore(harvest);
    expect(build).toHaveBeenCalledOnce();
  });

  test.each<[string, (bytes: Buffer) => Buffer | null]>([
    ['missing', () => null],
    ['empty', () => Buffer.alloc(0)],
    ['cut off', (bytes) => bytes.subarray(0, 9_000)],
    [
      'with one bit turned',
      (bytes) => {
        const turned = Buffer.from(bytes);
        turned.writeUInt8(turned.readUInt8(9_000) ^ 1, 9_000);
        return turned;
      },
    ],
    ['of another pack', () => sealPieces('judged', 'other', [Buffer.from('{}')])],
    ['of a wrong shape', () => sealPieces('judged', PACK, [Buffer.from('{"content":null}')])],
    ['of a later form', (bytes) => Buffer.from(bytes.toString().replace('"format":1', '"format":2'))],
  ])('a file that is %s', async (_name, spoil) => {
    const disk = await saveWith(judged.harvest, judged.snapshot);
    const spoilt = spoil(disk.files.get(FILE) as Buffer);
    if (spoilt === null) await disk.remove(FILE);
    else disk.put(FILE, spoilt);
    const { judgements, build, harvest } = await readSaved(disk);
    expect((await judgements.restore(harvest)).id).toBe(judged.snapshot.id);
    expect(build).toHaveBeenCalledOnce();
  });
});

describe('keeping it', () => {
  test('is never a fault: a full disk, another writer, a list that is too large', async () => {
    const disk = createMemoryDisk();
    disk.fail = (step) => {
      if (step.includes('judged')) throw new Error('ENOSPC');
    };
    const { judgements, store } = await start(disk);
    await judgements.wrap(store, { served: judged.snapshot }).saveList(savedList(judged.harvest));
    expect(await store.readList()).not.toBeNull();
    disk.fail = null;
    const large = await saveWith(judged.harvest, judged.snapshot, { largestBytes: 10_000 });
    expect([...disk.files.keys(), ...large.files.keys()]).not.toContain(FILE);
  });

  test('without a mark of the rules nothing is written', async () => {
    const disk = await saveWith(judged.harvest, judged.snapshot, { rules: null });
    expect([...disk.files.keys()]).not.toContain(FILE);
  });

  test('a list that is too large leaves nothing of the one before', async () => {
    const disk = await saveWith(judged.harvest, judged.snapshot);
    const { judgements, store } = await start(disk, { largestBytes: 10_000 });
    await judgements.wrap(store, { served: judged.snapshot }).saveList(savedList(judged.harvest));
    expect([...disk.files.keys()]).not.toContain(FILE);
  });

  test('a list that could not be saved leaves what was judged before', async () => {
    const disk = await saveWith(judged.harvest, judged.snapshot);
    const before = disk.files.get(FILE);
    disk.fail = (step) => {
      if (step.includes('snapshot')) throw new Error('ENOSPC');
    };
    const { judgements, store } = await start(disk);
    const saving = judgements.wrap(store, { served: sampleSnapshot }).saveList(savedList(sampleHarvest));
    await expect(saving).rejects.toThrow('ENOSPC');
    expect(disk.files.get(FILE)).toBe(before);
  });
});

describe('what is judged is what is saved', () => {
  test('a status that nobody knows, far away, is not told before a restart only', async () => {
    const study = copySampleStudy('NCT03914625');
    study.protocolSection.contactsLocationsModule.locations.push({
      facility: 'Far away',
      city: 'Columbus',
      state: 'Ohio',
      country: 'United States',
      status: 'A_STATUS_OF_TOMORROW',
    });
    const harvest = { ...realHarvest, studies: [{ study, nctId: 'NCT03914625', foundBy: ['test'] }] };
    const { snapshot, harvest: kept } = await judge(harvest);
    expect(JSON.stringify(kept)).not.toContain('Far away');
    expect((await buildSnapshot(kept)).id).toBe(snapshot.id);
  });

  test('a site here in another spelling of the state is kept', async () => {
    const study = copySampleStudy('NCT03914625');
    for (const location of study.protocolSection.contactsLocationsModule.locations)
      if (location['state'] === 'Alabama') location['state'] = 'ALABAMA';
    const harvest = { ...realHarvest, studies: [{ study, nctId: 'NCT03914625', foundBy: ['test'] }] };
    const { snapshot, harvest: kept } = await judge(harvest);
    expect(snapshot.trials).toHaveLength(1);
    expect((await buildSnapshot(kept)).id).toBe(snapshot.id);
  });
});

describe('the mark of the rules', () => {
  let root: string;
  beforeEach(async () => {
    root = `${await mkdtemp(join(tmpdir(), 'uab-all-trials-'))}/`;
    await mkdir(join(root, 'src/trials'), { recursive: true });
    await mkdir(join(root, 'node_modules'));
    for (const name of [
      'src/main.ts',
      'src/trials/age.ts',
      'package.json',
      'node_modules/.package-lock.json',
    ])
      await writeFile(join(root, name), `of ${basename(name)}`);
  });
  afterEach(async () => rm(root, { recursive: true }));
  const LATER = { code: 'src', startedMs: Number.MAX_SAFE_INTEGER };

  test('is the same for the same files', async () => {
    expect(markRules({ root, ...LATER })).toMatch(/^[0-9a-f]{64}$/);
    expect(markRules({ root, ...LATER })).toBe(markRules({ root, ...LATER }));
  });

  test.each([
    'src/main.ts',
    'src/trials/age.ts',
    'src/trials/new.ts',
    'package.json',
    'node_modules/.package-lock.json',
  ])('is another when %s is', async (name) => {
    const before = markRules({ root, ...LATER });
    await writeFile(join(root, name), 'changed');
    expect(markRules({ root, ...LATER })).not.toBe(before);
  });

  test('cannot be told when a file has changed since the process began', async () => {
    expect(markRules({ root, code: 'src', startedMs: Date.now() - 60_000 })).toBeNull();
  });

  test('cannot be told without what npm says of the packages', async () => {
    await rm(join(root, 'node_modules/.package-lock.json'));
    expect(markRules({ root, ...LATER })).toBeNull();
  });

  test('can be told of the service itself', async () => {
    expect(markRules({ ...LATER, root: `${cwd()}/` })).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a service that starts from a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
  });
  afterEach(async () => rm(folder, { recursive: true }));
  const open = async (): Promise<Pipeline> =>
    createPipeline(
      readConfig({ DATA_DIR: folder, BUNDLED_SAMPLE: 'refuse', CTGOV_BASE_URL: 'http://127.0.0.1:9/api/v2' }),
      { version: '0', publicUrl: '' },
    );
  const servedId = async (): Promise<string | undefined> => {
    const pipeline = await open();
    const id = pipeline.catalog.current?.snapshot.id;
    await pipeline.close();
    return id;
  };

  test('serves the same list with what was judged, without it, and with it damaged', async () => {
    const pipeline = await open();
    const { packKey, folder: opened } = pipeline;
    if (opened === null) throw new Error('no folder');
    const store = createDiskStore({ ...opened, packKey, onBadFile: () => undefined });
    await store.saveList(savedList(judged.harvest));
    const without = await servedId();
    const judgements = createJudgements({
      file: store,
      ruling: markRuling(markRules({ root: `${cwd()}/`, code: 'src' }), pack),
      kept: null,
      vocabulary: pack.facets,
      buildSnapshot,
      rest: async () => undefined,
    });
    await judgements.restore(judged.harvest);
    judgements.start();
    await judgements.settled();
    await pipeline.close();
    const name = `judged-${packKey}.json`;
    expect(await readdir(folder)).toContain(name);
    expect(without).toBe(judged.snapshot.id);
    expect(await servedId()).toBe(without);
    await writeFile(join(folder, name), '{}');
    expect(await servedId()).toBe(without);
    expect(await readdir(folder)).toContain(`bad-1-${name}`);
  });
});
