import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCatalog, type Catalog } from '../../src/catalog/catalog.ts';
import { createSync, type Sync } from '../../src/catalog/sync.ts';
import { createRegistryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { buildStudyQueries } from '../../src/registry/study-query.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { startRegistryStandIn, type RegistryStandIn } from '../support/registry-stand-in.ts';
import { buildSnapshot, pack, sampleStudies } from '../support/sample.ts';

let registry: RegistryStandIn;
let clock: FakeClock;
let client: RegistryClient;
let catalog: Catalog;
let saves: number;

const create = (options: { intervalMs?: number; save?: () => Promise<void> } = {}): Sync =>
  createSync({
    client,
    queries: buildStudyQueries(pack),
    buildSnapshot,
    catalog,
    save:
      options.save ??
      (async () => {
        saves++;
      }),
    intervalMs: options.intervalMs ?? 3_600_000,
    clock,
    random: () => 0.5,
  });

beforeEach(async () => {
  registry = await startRegistryStandIn({ studies: sampleStudies });
  clock = createFakeClock(Date.parse('2026-11-24T12:00:00Z'));
  client = createRegistryClient({ baseUrl: registry.baseUrl, userAgent: 'test/1', clock, random: () => 0 });
  catalog = createCatalog({ staleAfterMs: 1000, nowMs: () => clock.nowMs() });
  saves = 0;
});
afterEach(async () => {
  await client.close();
  await registry.close();
});

describe('one sync', () => {
  test('publishes and saves; the next one only asks for the version', async () => {
    const sync = create();
    expect(await sync.syncOnce()).toMatchObject({ result: 'published', before: null });
    expect([catalog.current?.source, saves]).toEqual(['registry', 1]);
    const requests = registry.requests.length;
    clock.advance(60_000);
    expect(await sync.syncOnce()).toEqual({ result: 'unchanged' });
    expect(registry.requests).toHaveLength(requests + 1);
    expect(catalog.current?.checkedAt).toBe(sync.status.lastSuccessAt);
  });

  test('is shared by everybody who asks for it at once', async () => {
    const sync = create();
    await Promise.all(Array.from({ length: 50 }, async () => sync.syncOnce()));
    expect(registry.requests.filter(({ path }) => path.endsWith('/version'))).toHaveLength(3);
  });

  test('a changed registry changes the list', async () => {
    const sync = create();
    await sync.syncOnce();
    registry.setStudies(sampleStudies.slice(5));
    registry.refresh('2026-11-25T09:00:04');
    const outcome = await sync.syncOnce();
    expect(outcome.result).toBe('published');
    expect(catalog.current?.snapshot.sourceDataTimestamp).toBe('2026-11-25T09:00:04');
    expect(catalog.tombstones.length).toBeGreaterThan(0);
  });

  test.each([
    ['empty', [], 'empty_answer'],
    [
      'half unreadable',
      [...sampleStudies.slice(0, 30), ...Array.from({ length: 12 }, (_, index) => unreadable(index))],
      'too_many_unreadable',
    ],
  ])('an answer that is %s keeps the list before', async (_name, studies, code) => {
    const sync = create();
    await sync.syncOnce();
    const before = catalog.current?.snapshot;
    registry.setStudies(studies);
    registry.refresh('2026-11-25T09:00:04');
    expect(await sync.syncOnce()).toMatchObject({ result: 'failed', code });
    expect(catalog.current?.snapshot).toBe(before);
    expect(sync.status.lastError?.code).toBe(code);
  });

  test('a disk that refuses does not stop the list', async () => {
    const sync = create({ save: async () => Promise.reject(new Error('ENOSPC')) });
    expect((await sync.syncOnce()).result).toBe('published');
  });

  test('a refused client keeps the list and says so', async () => {
    registry.faults.add({ kind: 'refused' });
    const sync = create();
    expect(await sync.syncOnce()).toMatchObject({ result: 'failed', code: 'refused' });
    expect(sync.status).toMatchObject({ state: 'idle', lastSuccessAt: null, lastError: { code: 'refused' } });
  });
});

describe('going on', () => {
  const waitsAfter = async (count: number, intervalMs = 3_600_000): Promise<number[]> => {
    const waits: number[] = [];
    const sleeping: typeof clock = {
      ...clock,
      sleep: async (durationMs, signal) => {
        if (durationMs < 200_000) return clock.sleep(durationMs, signal);
        waits.push(durationMs);
        if (waits.length >= count) void sync.stop();
        return clock.sleep(durationMs);
      },
    };
    const done = Promise.withResolvers<void>();
    const sync = createSync({
      client,
      queries: buildStudyQueries(pack),
      buildSnapshot,
      catalog,
      save: async () => undefined,
      intervalMs,
      clock: sleeping,
      random: () => 0.5,
      onOutcome: () => {
        if (waits.length + 1 >= count) done.resolve();
      },
    });
    sync.start();
    await done.promise;
    await sync.stop();
    return waits;
  };

  test('asks again after the interval', async () => {
    expect(await waitsAfter(2)).toEqual([3_600_000, 3_600_000]);
  });

  test('waits longer after each failure, up to an hour', async () => {
    registry.faults.add({ kind: 'status', status: 500 });
    expect(await waitsAfter(6)).toEqual([5, 10, 20, 40, 60, 60].map((minutes) => minutes * 60_000));
  });

  test('waits as long as the registry asks, and half an hour when it is refused', async () => {
    registry.faults.add({ kind: 'status', status: 429, retryAfter: '7200', times: 1 });
    registry.faults.add({ kind: 'refused' });
    expect(await waitsAfter(2)).toEqual([7_200_000, 1_800_000]);
  });
});

function unreadable(index: number): unknown {
  const study = structuredClone(sampleStudies[0]) as {
    protocolSection: { identificationModule: Record<string, unknown>; statusModule: unknown };
  };
  study.protocolSection.identificationModule['nctId'] = `NCT9000${String(index).padStart(4, '0')}`;
  study.protocolSection.statusModule = { overallStatus: '' };
  return study;
}
