import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readNctId } from '../../src/registry/study.ts';
import { buildApp } from '../../src/app.ts';
import type { SavedList } from '../../src/catalog/store.ts';
import { SYNC_TRANSITIONS } from '../../src/catalog/sync-state.ts';
import { APP_DEFAULTS } from '../support/app-defaults.ts';
import { copySampleStudy, sampleHarvest, sampleStudies } from '../support/sample.ts';
import {
  createSyncWorld,
  DAY,
  HOUR,
  MINUTE,
  START,
  type SyncProcess,
  type SyncWorld,
  worldStudies,
} from '../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld();
});
afterEach(async () => world.close());

/** One sync from beginning to end, with the waits between its requests. */
const syncOnce = async ({ sync }: SyncProcess) => {
  const done = sync.syncOnce();
  await world.clock.advance(3 * MINUTE);
  return done;
};
const ids = (...numbers: string[]) => new Set(numbers);
const studiesWithout = (gone: ReadonlySet<string>): unknown[] =>
  sampleHarvest.studies.flatMap(({ nctId, study }) => (gone.has(nctId ?? '') ? [] : [study]));
const worldWithout = (gone: string): unknown[] => worldStudies.filter((study) => readNctId(study) !== gone);
const versionRequests = (): number =>
  world.registry.requests.filter(({ path }) => path.endsWith('/version')).length;
const refresh = (studies: readonly unknown[], day = '2026-11-25'): void => {
  world.registry.setStudies(studies);
  world.registry.refresh(`${day}T09:00:04`);
};
const listed = ({ catalog }: SyncProcess): string[] =>
  (catalog.current?.snapshot.trials ?? []).map(({ nctId }) => nctId);

describe('one sync', () => {
  test('goes through its states, publishes and saves; the next one only asks for the version', async () => {
    const service = await world.start();
    expect(await syncOnce(service)).toMatchObject({ result: 'published' });
    expect(service.transitions.map(([, to]) => to)).toEqual([
      'checking',
      'walking',
      'judging',
      'publishing',
      'idle',
    ]);
    expect(service.catalog.current?.source).toBe('registry');
    expect([...world.disk.files.keys()].some((name) => name.startsWith('snapshot-'))).toBe(true);
    const requests = world.registry.requests.length;
    expect(await syncOnce(service)).toEqual({ result: 'unchanged' });
    expect(world.registry.requests).toHaveLength(requests + 1);
    expect(service.catalog.current?.checkedAt).toBe(service.sync.status.lastSuccessAt);
  });

  test('is shared by everybody who asks for it at once', async () => {
    const service = await world.start();
    const all = Promise.all(Array.from({ length: 50 }, async () => service.sync.syncOnce()));
    await world.clock.advance(3 * MINUTE);
    await all;
    expect(versionRequests()).toBe(3);
  });

  test(
    '10,000 clients at a cold start make one sync: reads never start one',
    { timeout: 60_000 },
    async () => {
      const service = await world.start();
      const app = await buildApp({
        ...APP_DEFAULTS,
        catalog: service.catalog,
        sync: service.sync,
        nowMs: () => world.clock.nowMs(),
      });
      const ask = async (): Promise<number> => (await app.server.inject('/v1/trials')).statusCode;
      service.sync.start();
      const early = await Promise.all(Array.from({ length: 10_000 }, ask));
      expect(new Set(early)).toEqual(new Set([503]));
      await world.settle();
      await world.clock.advance(MINUTE);
      expect([await ask(), versionRequests()]).toEqual([200, 3]);
      await app.server.close();
    },
  );

  test('a throw while the list is built is a failure with a code, and the list stays', async () => {
    const service = await world.start();
    await syncOnce(service);
    const { current } = service.catalog;
    service.catalog.publish = () => {
      throw new Error('a fault of ours');
    };
    refresh(worldStudies);
    expect(await syncOnce(service)).toMatchObject({ result: 'failed', code: 'internal' });
    expect(service.catalog.current).toBe(current);
  });

  test('asked for while the service waits, it is not taken for waiting', async () => {
    const service = await world.startService();
    refresh(worldStudies);
    const before = service.transitions.length;
    const done = service.sync.syncOnce();
    // In small steps, so that the waiting loop wakes while the sync is at work.
    const ended: unknown[] = [];
    void done.then((outcome) => ended.push(outcome));
    // The clock stands while an answer is on its way, or a busy machine would make it late.
    while (ended.length === 0) await (world.clock.sleepers > 1 ? world.clock.advance(20) : setImmediate());
    expect(await done).toMatchObject({ result: 'published' });
    expect(service.transitions.slice(before).map(([, to]) => to)).toEqual([
      'checking',
      'walking',
      'judging',
      'publishing',
      'waiting',
    ]);
  });

  test('only goes from a state to one that may follow it', async () => {
    const service = await world.startService();
    refresh(worldWithout('NCT03959085'));
    await world.clock.advance(2 * HOUR);
    world.registry.faults.add({ kind: 'status', status: 500 });
    await world.clock.advance(5 * HOUR);
    await service.sync.stop();
    expect(service.transitions.length).toBeGreaterThan(12);
    for (const [from, to] of service.transitions) expect(SYNC_TRANSITIONS[from]).toContain(to);
  });
});

describe('going on', () => {
  test('asks again after the interval, and says when', async () => {
    const service = await world.startService();
    expect(service.sync.status).toMatchObject({ state: 'waiting', failures: 0, circuit: 'closed' });
    const before = versionRequests();
    await world.clock.advance(HOUR);
    expect(versionRequests()).toBe(before + 1);
    expect(Date.parse(service.sync.status.nextAttemptAt ?? '') - world.clock.nowMs()).toBeLessThanOrEqual(
      HOUR,
    );
  });

  test('only at the start, when the interval is 0; and until it has worked once', async () => {
    world.registry.faults.add({ kind: 'status', status: 500, times: 3 });
    const service = await world.startService({ intervalMs: 0 });
    expect(service.sync.status.lastError?.code).toBe('unreachable');
    await world.clock.advance(10 * MINUTE);
    expect(service.outcomes.at(-1)?.result).toBe('published');
    const requests = world.registry.requests.length;
    await world.clock.advance(3 * DAY);
    expect(world.registry.requests).toHaveLength(requests);
    expect(service.sync.status).toMatchObject({ state: 'waiting', nextAttemptAt: null });
  });

  test('the circuit opens after three failures in a row: 5 minutes, doubling to an hour, and closes again', async () => {
    world.registry.faults.add({ kind: 'status', status: 400 });
    const service = await world.start();
    service.sync.start();
    await world.settle();
    const attempts: number[] = [Date.parse(service.sync.status.lastAttemptAt ?? '')];
    for (let minute = 0; minute < 400; minute++) {
      await world.clock.advance(MINUTE);
      const at = Date.parse(service.sync.status.lastAttemptAt ?? '');
      if (at !== attempts.at(-1)) attempts.push(at);
    }
    const waits = attempts.slice(1).map((at, index) => Math.round((at - (attempts[index] ?? 0)) / MINUTE));
    expect(waits).toEqual([1, 2, 5, 10, 20, 40, 60, 60, 60, 60, 60].slice(0, waits.length));
    expect(waits.length).toBeGreaterThan(8);
    expect(service.sync.status.circuit).toBe('open');
    world.registry.faults.clear();
    await world.clock.advance(61 * MINUTE);
    expect(service.sync.status).toMatchObject({ circuit: 'closed', failures: 0, lastError: null });
    expect(service.catalog.current?.source).toBe('registry');
  });

  test.each([
    ['Retry-After in seconds', { kind: 'status', status: 429, retryAfter: '7200', times: 1 }, 2 * HOUR],
    [
      'Retry-After as a date',
      { kind: 'status', status: 503, retryAfter: new Date(START + 3 * HOUR).toUTCString(), times: 1 },
      3 * HOUR,
    ],
    ['a refusal with 403', { kind: 'refused', times: 1 }, 30 * MINUTE],
    ['a page with 200', { kind: 'html', times: 1 }, 30 * MINUTE],
  ] as const)('nothing is asked during a pause: %s', async (_name, fault, pauseMs) => {
    world.registry.faults.add(fault);
    const service = await world.startService();
    const { pause } = service.sync.status;
    expect(Date.parse(pause?.until ?? '')).toBeGreaterThanOrEqual(START + pauseMs);
    const requests = world.registry.requests.length;
    await world.clock.advance(pauseMs - 2 * MINUTE);
    expect(await service.sync.syncOnce()).toMatchObject({ result: 'paused' });
    expect(world.registry.requests).toHaveLength(requests);
    await world.clock.advance(5 * MINUTE);
    expect(service.catalog.current?.source).toBe('registry');
  });

  test('a pause is kept across a restart, even when the clock was set back meanwhile', async () => {
    world.registry.faults.add({ kind: 'status', status: 429, retryAfter: '7200', times: 1 });
    await (await world.startService()).kill();
    const requests = world.registry.requests.length;
    world.clock.jump(-DAY);
    const again = await world.startService();
    expect(again.sync.status.pause?.reason).toBe('busy');
    await world.clock.advance(HOUR);
    expect(world.registry.requests).toHaveLength(requests);
    await world.clock.advance(HOUR + 5 * MINUTE);
    expect(again.catalog.current?.source).toBe('registry');
  });

  test('an open circuit is kept across a restart', async () => {
    world.registry.faults.add({ kind: 'status', status: 400 });
    const service = await world.startService();
    await world.clock.advance(30 * MINUTE);
    expect(service.sync.status.circuit).toBe('open');
    await service.kill();
    const requests = world.registry.requests.length;
    const again = await world.startService();
    expect(again.sync.status).toMatchObject({ state: 'waiting', circuit: 'open' });
    expect(world.registry.requests).toHaveLength(requests);
  });

  test('after 8 hours of sleep there is one sync, not eight', async () => {
    const service = await world.startService();
    const before = versionRequests();
    // A machine that sleeps: wall time passes, the monotonic clock stands still.
    world.clock.jump(8 * HOUR);
    expect(service.catalog.current && service.catalog.isStale(service.catalog.current)).toBe(true);
    await world.clock.advance(MINUTE);
    expect(versionRequests()).toBe(before + 1);
    expect(service.catalog.current && service.catalog.isStale(service.catalog.current)).toBe(false);
    await world.clock.advance(30 * MINUTE);
    expect(versionRequests()).toBe(before + 1);
  });

  test.each([DAY, -DAY])('a clock that jumps by %d ms neither stops nor hurries it', async (jumpMs) => {
    const service = await world.startService();
    const before = versionRequests();
    world.clock.jump(jumpMs);
    await world.clock.advance(2.5 * HOUR);
    expect(versionRequests() - before).toBeGreaterThanOrEqual(2);
    expect(versionRequests() - before).toBeLessThanOrEqual(4);
    expect(service.catalog.current && service.catalog.isStale(service.catalog.current)).toBe(false);
  });

  test('stopping ends a request that hangs, and is no failure', async () => {
    world.registry.faults.add({ kind: 'silence' });
    const service = await world.start();
    service.sync.start();
    while (world.registry.requests.length === 0) await setImmediate();
    await service.sync.stop();
    expect(service.sync.status).toMatchObject({ state: 'idle', failures: 0, lastError: null });
  });
});

describe('saving', () => {
  test('a full disk does not stop the list; what could not be saved is saved once there is room', async () => {
    world.disk.fail = () => {
      throw new Error('ENOSPC: no space left on device');
    };
    const service = await world.startService();
    expect(service.catalog.current?.source).toBe('registry');
    expect(service.saveFailures.length).toBeGreaterThan(0);
    world.disk.fail = null;
    expect([...world.disk.files.keys()].some((name) => name.startsWith('snapshot-'))).toBe(false);
    const requests = world.registry.requests.length;
    await world.clock.advance(MINUTE);
    expect(world.registry.requests).toHaveLength(requests);
    const again = await world.start();
    expect(listed(again)).toEqual(listed(service));
  });

  test('after a restart the list is as current as when it was last confirmed', async () => {
    const service = await world.startService();
    await world.clock.advance(3 * HOUR);
    await service.kill();
    const again = await world.start();
    expect(again.catalog.current).toMatchObject({
      source: 'saved',
      checkedAt: service.catalog.current?.checkedAt,
    });
  });

  test('killed in the middle of a sync, it starts from the list before and goes on', async () => {
    const service = await world.startService();
    const before = service.catalog.current?.snapshot.id;
    refresh(worldWithout('NCT03959085'));
    await world.clock.advance(HOUR - 2 * MINUTE);
    while (service.sync.status.state !== 'walking') await world.clock.advance(500);
    await service.kill();
    world.disk.crash();
    const again = await world.startService();
    expect(before).toBeDefined();
    await world.clock.advance(MINUTE);
    expect(listed(again)).not.toContain('NCT03959085');
  });

  test('a corrupt file never stops the start', async () => {
    const service = await world.startService();
    await service.kill();
    for (const name of world.disk.files.keys()) world.disk.put(name, Buffer.from('corrupt'));
    const again = await world.startService();
    expect(again.badFiles.length).toBeGreaterThan(0);
    expect(again.catalog.current?.source).toBe('registry');
  });
});

describe('a week without the registry', () => {
  test('the list is served as it was, stale says so, and the first answer mends it', async () => {
    const service = await world.startService();
    const trials = listed(service);
    world.registry.faults.add({ kind: 'reset' });
    for (let day = 1; day <= 7; day++) {
      await world.clock.advance(DAY);
      expect(listed(service)).toEqual(trials);
      expect(service.catalog.current && service.catalog.isStale(service.catalog.current)).toBe(true);
      expect(Date.parse(service.catalog.current?.checkedAt ?? '')).toBeLessThan(START + 2 * HOUR);
    }
    const perDay = world.registry.requests.length / 7;
    expect(perDay).toBeLessThan(24 * 3 + 30);
    world.registry.faults.clear();
    await world.clock.advance(61 * MINUTE);
    expect(service.catalog.current && service.catalog.isStale(service.catalog.current)).toBe(false);
  });
});

describe('one bad study (P9)', () => {
  test('is served in its previous version, marked; also after a restart, until it can be read again', async () => {
    const service = await world.startService();
    refresh([...worldWithout('NCT03959085'), unreadable('NCT03959085')]);
    await world.clock.advance(HOUR + MINUTE);
    const check = ({ catalog }: SyncProcess): void => {
      const trial = catalog.current?.snapshot.findTrial('NCT03959085');
      expect(trial?.notices[0]).toEqual({ code: 'previous_version', detail: 'Data of 2026-11-20.' });
      expect(trial?.source.dataDate).toBe('2026-11-20');
      expect(catalog.current?.snapshot.setAside).toMatchObject([{ nctId: 'NCT03959085' }]);
    };
    check(service);
    const { id } = service.catalog.current?.snapshot ?? { id: '' };
    await service.kill();
    const again = await world.startService();
    check(again);
    expect(again.catalog.current?.snapshot.id).toBe(id);
    refresh(worldStudies, '2026-11-26');
    await world.clock.advance(HOUR + MINUTE);
    expect(again.catalog.current?.snapshot.setAside).toEqual([]);
    expect(again.catalog.current?.snapshot.findTrial('NCT03959085')?.source.dataDate).toBe('2026-11-26');
  });

  test.each([
    ['ten', 10],
    ['two of fourteen', 2],
  ])('%s bad ones reject the sync and keep the list', async (_name, bad) => {
    const service = await world.startService();
    const before = service.catalog.current?.snapshot;
    const extra = Array.from({ length: bad }, (_, index) => unreadable(`NCT9000000${index}`));
    refresh([...worldStudies, ...extra]);
    await world.clock.advance(HOUR + MINUTE);
    expect(service.outcomes.at(-1)).toMatchObject({ result: 'failed', code: 'too_many_unreadable' });
    expect(service.catalog.current?.snapshot).toBe(before);
  });
});

describe('a record without a readable number', () => {
  const nameless = (nctId: string, number: string): unknown => {
    const study = copySampleStudy(nctId);
    study.protocolSection.identificationModule['nctId'] = number;
    return study;
  };

  test.each(['', 'x', 'NCT1'])(
    '"%s" costs nobody a trial: the missing one is served as it was',
    async (number) => {
      const service = await world.startService();
      const trials = listed(service);
      refresh([...worldWithout('NCT03959085'), nameless('NCT03959085', number)]);
      await world.clock.advance(HOUR + MINUTE);
      expect(service.outcomes.at(-1)?.result).toBe('published');
      expect(listed(service)).toEqual(trials);
      const { snapshot } = service.catalog.current ?? {};
      expect(snapshot?.findTrial('NCT03959085')?.notices[0]?.code).toBe('previous_version');
      expect(snapshot?.setAside.map(({ nctId }) => nctId)).toEqual([null, 'NCT03959085']);
      expect(service.catalog.tombstones).toEqual([]);
    },
  );
});

test('the same tag on other data hides no change', async () => {
  const service = await world.startService();
  world.registry.setEtag('"stuck"');
  await world.clock.advance(HOUR + MINUTE);
  refresh(worldWithout('NCT03959085'));
  await world.clock.advance(HOUR + MINUTE);
  expect(listed(service)).not.toContain('NCT03959085');
});

test('a 304 that was not asked for confirms nothing', async () => {
  const service = await world.start({ intervalMs: 0 });
  world.registry.faults.add({ kind: 'status', status: 304, path: '/version' });
  expect(await syncOnce(service)).toMatchObject({ result: 'failed', code: 'contract_broken' });
  expect(service.sync.status.lastSuccessAt).toBeNull();
});

describe('a list that another replica has published', () => {
  test.each([
    ['of the same time', '2026-11-20T09:00:04', true],
    ['of an older time', '2026-11-19T09:00:04', false],
    ['of the same day, told without its time', '2026-11-20', true],
    ['of an older day, told without its time', '2026-11-19', false],
    ['of a registry that gives no time of its data', null, true],
  ])('%s', async (_name, dataTimestamp, isTaken) => {
    const service = await world.startService();
    const list = service.sync.kept.list as SavedList;
    const id = service.catalog.served?.id;
    await service.sync.adopt({ list: { ...list, harvest: { ...list.harvest, dataTimestamp } } });
    expect(service.catalog.current?.source).toBe(isTaken ? 'shared' : 'registry');
    // And the next one, which is compared with what this one has become.
    const studies = list.harvest.studies.slice(1);
    await service.sync.adopt({ list: { ...list, harvest: { ...list.harvest, dataTimestamp, studies } } });
    expect(service.catalog.served?.id === id).toBe(!isTaken);
  });

  test('memory that was read before a sync of ours ended covers nothing that the sync learned', async () => {
    const service = await world.startService();
    const { memory } = service.sync.kept;
    const confirmed = memory.confirmed?.at;
    await service.sync.adopt({
      memory: { ...memory, lastSuccessAt: null, lastError: null, confirmed: null, failures: 2 },
    });
    expect([service.sync.status.failures, service.catalog.current?.checkedAt]).toEqual([0, confirmed]);
  });

  test('older data that was checked later: the registry went back, and it was agreed upon', async () => {
    const service = await world.startService();
    const list = service.sync.kept.list as SavedList;
    const older = { ...list.harvest, dataTimestamp: '2026-11-19T09:00:04' };
    await service.sync.adopt({ list: { ...list, harvest: older, checkedAt: '2027-01-01T00:00:00.000Z' } });
    expect(service.catalog.served?.sourceDataTimestamp).toBe('2026-11-19T09:00:04');
  });
});

describe('where trials go', () => {
  test('each that leaves says why: gone, no site here, no longer ALL, merged', async () => {
    await world.close();
    world = await createSyncWorld(sampleStudies);
    const service = await world.startService();
    const moved = copySampleStudy('NCT03959085');
    moved.protocolSection.contactsLocationsModule.locations = [
      { facility: 'Elsewhere', city: 'Boston', state: 'Massachusetts', country: 'United States' },
    ];
    const other = copySampleStudy('NCT03876769');
    other.protocolSection.conditionsModule = { conditions: ['Asthma'], keywords: [] };
    Object.assign(other.protocolSection.identificationModule, {
      briefTitle: 'Asthma in adults',
      officialTitle: 'Asthma in adults',
    });
    Object.assign(other.protocolSection.eligibilityModule, { eligibilityCriteria: 'Asthma' });
    other['derivedSection'] = {};
    const kept = copySampleStudy('NCT05886491');
    kept.protocolSection.identificationModule['nctIdAliases'] = ['NCT05521087'];
    const gone = ids('NCT03959085', 'NCT03876769', 'NCT05886491', 'NCT05521087', 'NCT03914625');
    refresh([...studiesWithout(gone), moved, other, kept]);
    await world.clock.advance(HOUR + MINUTE);
    expect(service.outcomes.at(-1)?.result).toBe('published');
    expect(service.sync.status.journal.map(({ added, gone }) => [added.length, gone.length])).toEqual([
      [0, 4],
      [26, 0],
    ]);
    const reasons = Object.fromEntries(
      service.catalog.tombstones.map(({ nctId, reason, mergedInto }) => [nctId, [reason, mergedInto]]),
    );
    expect(reasons).toEqual({
      NCT03959085: ['site_removed', null],
      NCT03876769: ['no_longer_all', null],
      NCT05521087: ['merged', 'NCT05886491'],
      NCT03914625: ['gone_from_registry', null],
    });
  });

  test('a trial that the searches no longer return and that still belongs stays on the list', async () => {
    const service = await world.startService();
    const trials = listed(service);
    world.registry.refresh('2026-11-25T09:00:04');
    world.registry.hideFromSearch(['NCT03959085', 'NCT03914625']);
    await world.clock.advance(HOUR + MINUTE);
    expect(service.outcomes.at(-1)?.result).toBe('published');
    expect(listed(service)).toEqual(trials);
    expect(service.catalog.current?.snapshot.findProvenance('NCT03959085')?.foundBy).toEqual(['follow_up']);
  });
});

function unreadable(nctId: string): unknown {
  const study = copySampleStudy('NCT03959085');
  study.protocolSection.identificationModule['nctId'] = nctId;
  study.protocolSection.statusModule = { overallStatus: '' };
  return study;
}
