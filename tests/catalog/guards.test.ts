import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareSnapshots } from '../../src/catalog/compare-snapshots.ts';
import { findGuardReasons } from '../../src/catalog/guards.ts';
import { createSnapshot, type Snapshot } from '../../src/catalog/snapshot.ts';
import { readNctId } from '../../src/registry/study.ts';
import type { Trial } from '../../src/trials/trial.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';
import {
  createSyncWorld,
  HOUR,
  MINUTE,
  worldStudies,
  type SyncProcess,
  type SyncWorld,
} from '../support/sync-world.ts';

const listOf = (
  count: number,
  change: (trial: Trial, index: number) => Partial<Trial> = () => ({}),
  sourceDataTimestamp: string | null = '2026-11-20T09:00:04',
): Snapshot => {
  const [first] = sampleSnapshot.trials as [Trial];
  const trials = Array.from({ length: count }, (_, index) => {
    const trial = { ...first, nctId: `NCT${String(index + 1).padStart(8, '0')}` };
    return { ...trial, ...change(trial, index) };
  });
  return createSnapshot({ ...sampleSnapshot, trials, sourceDataTimestamp }, pack.facets);
};
const reasonsOf = (before: Snapshot | null, after: Snapshot): string[] =>
  findGuardReasons(before, after, compareSnapshots(before, after)).map(({ code }) => code);

describe('guards (P10), at their edges', () => {
  test.each([
    ['0 trials, with nothing before', null, 0, ['no_trials']],
    ['0 trials', 20, 0, ['no_trials']],
    ['exactly 80 %', 20, 16, []],
    ['below 80 %', 20, 15, ['too_few']],
    ['exactly 150 %', 20, 30, []],
    ['above 150 %', 20, 31, ['too_many']],
    ['40 % gone', 20, 12, ['too_few']],
    ['three times as many', 20, 60, ['too_many']],
    ['a first list of any size', null, 500, []],
  ] as const)('%s', (_name, before, after, codes) => {
    expect(reasonsOf(before === null ? null : listOf(before), listOf(after))).toEqual(codes);
  });

  test.each([
    [6, []],
    [7, ['field_changed']],
    [20, ['field_changed']],
  ])('%d of 20 statuses changed at once', (changed, codes) => {
    const after = listOf(20, (_trial, index) => (index < changed ? { overallStatus: 'WITHDRAWN' } : {}));
    expect(reasonsOf(listOf(20), after)).toEqual(codes);
  });

  test('the reason can be read: which field, how many', () => {
    const after = listOf(20, () => ({ overallStatus: 'WITHDRAWN' }));
    const [reason] = findGuardReasons(listOf(20), after, compareSnapshots(listOf(20), after));
    expect(reason?.detail).toBe('20 of 20 trials changed overallStatus at once; at most 30 % are expected.');
  });

  test('different fields on different trials are a day’s work', () => {
    const fields = ['overallStatus', 'briefTitle', 'whyStopped', 'acronym'] as const;
    const after = listOf(20, (_trial, index) => ({ [fields[index % 4] as string]: `changed ${index}` }));
    expect(reasonsOf(listOf(20), after)).toEqual([]);
  });

  test('another day of the data changes no field', () => {
    const after = listOf(20, (trial) => ({
      source: { ...trial.source, dataDate: '2030-01-01' },
      notices: [],
    }));
    expect(compareSnapshots(listOf(20), after).changed).toEqual([]);
  });

  test('data older than ours are not believed at once', () => {
    expect(
      reasonsOf(
        listOf(20),
        listOf(20, () => ({}), '2026-11-19T09:00:04'),
      ),
    ).toEqual(['older_data']);
    expect(
      reasonsOf(
        listOf(20),
        listOf(20, () => ({}), null),
      ),
    ).toEqual([]);
    // A registry that gives no time of its data is told by the day of its studies.
    expect(
      reasonsOf(
        listOf(20),
        listOf(20, () => ({}), '2026-11-20'),
      ),
    ).toEqual([]);
  });
});

describe('a list that is held back', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await createSyncWorld();
  });
  afterEach(async () => world.close());
  const half = worldStudies
    .filter((study) => sampleSnapshot.findTrial(readNctId(study) ?? '') !== null)
    .slice(0, 6);
  const halve = (day = '2026-11-25'): void => {
    world.registry.setStudies(half);
    world.registry.refresh(`${day}T09:00:04`);
  };
  const count = ({ catalog }: SyncProcess): number | undefined => catalog.current?.snapshot.trials.length;

  test('is kept aside, shown, and published by three agreeing syncs an hour apart', async () => {
    const service = await world.startService();
    const all = count(service);
    halve();
    await world.clock.advance(HOUR);
    expect(service.sync.status).toMatchObject({ state: 'held', failures: 0, held: { agreed: 1 } });
    const { held } = service.sync.status;
    expect(held?.reasons.map(({ code }) => code)).toEqual(['too_few']);
    expect(held?.diff.gone).toHaveLength((all ?? 0) - half.length);
    expect(held?.diff.gone[0]).toMatchObject({ nctId: expect.stringMatching(/^NCT/) as string });
    expect(count(service)).toBe(all);
    // More syncs within the hour do not count.
    for (let sync = 0; sync < 5; sync++) {
      void service.sync.syncOnce();
      await world.clock.advance(MINUTE);
    }
    expect(service.sync.status.held?.agreed).toBe(1);
    await world.clock.advance(HOUR);
    expect([service.sync.status.held?.agreed, count(service)]).toEqual([2, all]);
    await world.clock.advance(HOUR + MINUTE);
    expect([service.sync.status.held, count(service)]).toEqual([null, half.length]);
    expect(service.catalog.tombstones).toHaveLength((all ?? 0) - half.length);
    expect([...world.disk.files.keys()].some((name) => name.startsWith('held-'))).toBe(false);
  });

  test('is dropped when the registry recovers, and nothing was lost', async () => {
    const service = await world.startService();
    const all = count(service);
    halve();
    await world.clock.advance(HOUR + MINUTE);
    expect(service.sync.status.held).not.toBeNull();
    world.registry.setStudies(worldStudies);
    world.registry.refresh('2026-11-26T09:00:04');
    await world.clock.advance(HOUR + MINUTE);
    expect([service.sync.status.held, service.sync.status.state, count(service)]).toEqual([
      null,
      'waiting',
      all,
    ]);
    expect(service.catalog.tombstones).toEqual([]);
  });

  test('another change begins to count anew', async () => {
    const service = await world.startService();
    halve();
    await world.clock.advance(2 * HOUR + 2 * MINUTE);
    expect(service.sync.status.held?.agreed).toBe(2);
    world.registry.setStudies(half.slice(0, 5));
    world.registry.refresh('2026-11-26T09:00:04');
    await world.clock.advance(HOUR + MINUTE);
    expect(service.sync.status.held?.agreed).toBe(1);
  });

  test('an agreement outlives the process, and so does its hour', async () => {
    const service = await world.startService();
    halve();
    await world.clock.advance(2 * HOUR + 2 * MINUTE);
    await service.kill();
    const again = await world.startService();
    expect(again.sync.status).toMatchObject({ state: 'held', held: { agreed: 2 } });
    expect(count(again)).toBe(worldStudies.length - 1);
    await world.clock.advance(HOUR + 5 * MINUTE);
    expect([again.sync.status.held, count(again)]).toEqual([null, half.length]);
  });

  test('is over once another list is accepted, even when a crash brings its file back', async () => {
    const service = await world.startService();
    halve();
    await world.clock.advance(2 * HOUR + 2 * MINUTE);
    const [heldName, heldFile] = [...world.disk.files].find(([name]) => name.startsWith('held-')) ?? [];
    world.registry.setStudies(worldStudies);
    world.registry.refresh('2026-11-26T09:00:04');
    await world.clock.advance(HOUR + MINUTE);
    await service.kill();
    world.disk.crash();
    expect(heldName && world.disk.files.has(heldName)).toBe(false);
    world.disk.put(heldName ?? '', heldFile ?? Buffer.alloc(0));
    const again = await world.startService();
    expect([again.sync.status.held, count(again)]).toEqual([null, worldStudies.length - 1]);
  });

  test('an operator accepts it at once', async () => {
    const service = await world.startService();
    halve();
    await world.clock.advance(HOUR + MINUTE);
    service.request = 'accept';
    await world.clock.advance(MINUTE);
    expect(service.answers[0]).toMatchObject({ result: 'published' });
    expect([service.sync.status.held, count(service)]).toEqual([null, half.length]);
    const again = await world.startService();
    expect([again.sync.status.held, count(again)]).toEqual([null, half.length]);
    service.request = 'accept';
    await world.clock.advance(MINUTE);
    expect(service.answers[1]).toEqual({ result: 'nothing_held' });
  });

  test('an empty answer with 200 is held, never published', async () => {
    const service = await world.startService();
    const all = count(service);
    world.registry.setStudies([]);
    world.registry.refresh('2026-11-25T09:00:04');
    await world.clock.advance(HOUR + MINUTE);
    expect(service.sync.status.held?.reasons.map(({ code }) => code)).toEqual(['no_trials']);
    expect(count(service)).toBe(all);
  });

  test('under another question the list is walked anew and not compared', async () => {
    const service = await world.startService();
    await service.kill();
    world.registry.setStudies(half);
    const again = await world.startService({ question: 'another.queries' });
    expect(again.outcomes.at(-1)?.result).toBe('published');
    expect(count(again)).toBe(half.length);
  });

  test('a newer version that asks for more fields walks anew, and the guards still compare', async () => {
    const service = await world.startService({ question: 'pack.fields' });
    const all = count(service);
    await service.kill();
    world.registry.setStudies(half);
    const again = await world.startService({ question: 'pack.more fields' });
    expect(again.outcomes.at(-1)?.result).toBe('held');
    expect(count(again)).toBe(all);
  });
});
