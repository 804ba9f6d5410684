import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { trimStudy } from '../../src/catalog/keep-harvest.ts';
import { buildSnapshot, copySampleStudy, pack, sampleHarvest, sampleSnapshot } from '../support/sample.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const without = async (nctId: string) =>
  buildSnapshot({
    ...sampleHarvest,
    studies: sampleHarvest.studies.filter((study) => study.nctId !== nctId),
  });
const edition = (snapshot: typeof sampleSnapshot, source: 'registry' | 'bundled' = 'registry') => ({
  snapshot,
  source,
  checkedAt: new Date(NOW).toISOString(),
});

describe('a snapshot', () => {
  test('has an id of its content, whatever the order', async () => {
    const turned = await buildSnapshot({ ...sampleHarvest, studies: sampleHarvest.studies.toReversed() });
    expect(turned.id).toBe(sampleSnapshot.id);
    expect((await without('NCT03959085')).id).not.toBe(sampleSnapshot.id);
  });

  test('is the same after the sites of other states were left out for saving', async () => {
    const studies = sampleHarvest.studies.map((study) => trimStudy(study, pack.place));
    expect((await buildSnapshot({ ...sampleHarvest, studies })).id).toBe(sampleSnapshot.id);
    expect(JSON.stringify(studies).length).toBeLessThan(JSON.stringify(sampleHarvest.studies).length / 2);
  });

  test('of the sites that are saved only what is read is kept', () => {
    const study = copySampleStudy('NCT03007147');
    const near = { city: 'Birmingham', state: 'Alabama', country: 'United States' };
    study.protocolSection.contactsLocationsModule.locations = [
      { ...near, geoPoint: { lat: 1 }, contacts: [{ name: 'A', fax: '1' }] },
    ];
    const kept = JSON.stringify(trimStudy({ nctId: 'NCT03007147', foundBy: [], study }, pack.place));
    expect(kept).toContain('"contacts":[{"name":"A"}]');
    expect(kept).not.toContain('geoPoint');
  });

  test('one bad study is set aside with its reason and costs only itself', async () => {
    const bad = {
      study: { protocolSection: { identificationModule: { nctId: 'NCT1' } } },
      nctId: 'NCT1',
      foundBy: ['named'],
    };
    const snapshot = await buildSnapshot({
      ...sampleHarvest,
      studies: [...sampleHarvest.studies, bad, { study: null, nctId: null, foundBy: [] }],
    });
    expect(snapshot.trials).toHaveLength(27);
    expect(snapshot.setAside.map(({ nctId }) => nctId)).toEqual(['NCT1', null]);
    expect(snapshot.setAside[0]?.reason).toContain('identificationModule.nctId');
  });

  test('everything proposed is kept, excluded or set aside', async () => {
    const { trials, excluded, setAside } = sampleSnapshot;
    expect(trials.length + excluded.length + setAside.length).toBe(sampleHarvest.studies.length);
    expect(sampleSnapshot.provenance).toHaveLength(trials.length);
  });
});

describe('the catalog', () => {
  const create = () =>
    createCatalog({ staleAfterMs: 1000, clock: { nowMs: () => NOW, monotonicMs: () => 0 } });

  test('swaps whole editions and keeps the one before for cursors', async () => {
    const catalog = create();
    const [first, second, third] = [
      sampleSnapshot,
      await without('NCT03959085'),
      await without('NCT03914625'),
    ];
    for (const snapshot of [first, second]) catalog.publish(edition(snapshot));
    expect(catalog.current?.snapshot.id).toBe(second.id);
    expect(catalog.findEdition(first.id)?.snapshot).toBe(first);
    catalog.publish(edition(third));
    expect(catalog.findEdition(first.id)).toBeNull();
  });

  test('a trial that leaves is buried for 90 days, and rises when it returns', async () => {
    let now = NOW;
    const catalog = createCatalog({ staleAfterMs: 1000, clock: { nowMs: () => now, monotonicMs: () => 0 } });
    catalog.publish(edition(sampleSnapshot));
    catalog.publish(edition(await without('NCT03959085')));
    expect(catalog.findTombstone('NCT03959085')).toMatchObject({ reason: 'unknown' });
    catalog.publish(edition(sampleSnapshot));
    expect(catalog.findTombstone('NCT03959085')).toBeNull();
    catalog.publish(edition(await without('NCT03959085')));
    now += 91 * 86_400_000;
    catalog.publish(edition(await without('NCT03914625')));
    expect(catalog.tombstones.map(({ nctId }) => nctId)).toEqual(['NCT03914625']);
  });

  test('a study that stays and no longer belongs is buried with that reason', async () => {
    const study = copySampleStudy('NCT03959085');
    study.protocolSection.contactsLocationsModule.locations = [];
    const studies = sampleHarvest.studies.map((one) =>
      one.nctId === 'NCT03959085' ? { ...one, study } : one,
    );
    const catalog = create();
    catalog.publish(edition(sampleSnapshot));
    catalog.publish(edition(await buildSnapshot({ ...sampleHarvest, studies })));
    expect(catalog.findTombstone('NCT03959085')?.reason).toBe('site_removed');
  });

  test.each([
    ['nothing passes', 0, 0, false],
    ['an hour by both clocks', 3_600_000, 3_600_000, false],
    ['seven hours by both', 25_200_000, 25_200_000, true],
    ['the machine slept for seven hours', 25_200_000, 0, true],
    ['the wall clock was set back a day while seven hours passed', -86_400_000, 25_200_000, true],
    ['the wall clock was set back a day', -86_400_000, 0, false],
  ])('is stale when either clock says so: %s', (_name, wallMs, monotonicMs, stale) => {
    let passed = { wallMs: 0, monotonicMs: 0 };
    const catalog = createCatalog({
      staleAfterMs: 6 * 3_600_000,
      clock: { nowMs: () => NOW + passed.wallMs, monotonicMs: () => passed.monotonicMs },
    });
    catalog.publish(edition(sampleSnapshot));
    passed = { wallMs, monotonicMs };
    expect(catalog.current && catalog.isStale(catalog.current)).toBe(stale);
  });

  test('a saved list from the future is of unknown age, and stale', () => {
    const catalog = createCatalog({
      staleAfterMs: 6 * 3_600_000,
      clock: { nowMs: () => NOW - 86_400_000, monotonicMs: () => 0 },
    });
    catalog.publish({ ...edition(sampleSnapshot), source: 'saved' });
    expect(catalog.current && catalog.checkedAgoMs(catalog.current)).toBeNull();
    expect(catalog.current && catalog.isStale(catalog.current)).toBe(true);
  });

  test('a clock that is set back makes no saved list younger', () => {
    let now = NOW + 3_600_000;
    let elapsed = 0;
    const clock = { nowMs: () => now, monotonicMs: () => elapsed };
    const catalog = createCatalog({ staleAfterMs: 6 * 3_600_000, clock });
    catalog.publish({ ...edition(sampleSnapshot), source: 'saved' });
    now -= 1_800_000;
    elapsed += 5.5 * 3_600_000;
    expect(catalog.current && catalog.checkedAgoMs(catalog.current)).toBe(6.5 * 3_600_000);
    expect(catalog.current && catalog.isStale(catalog.current)).toBe(true);
  });

  test('a number that was merged into a trial is buried with it', async () => {
    const into = copySampleStudy('NCT03959085');
    into.protocolSection.identificationModule['nctIdAliases'] = ['NCT00000009'];
    const merged = await buildSnapshot({
      ...sampleHarvest,
      studies: sampleHarvest.studies.map((one) =>
        one.nctId === 'NCT03959085' ? { ...one, study: into } : one,
      ),
    });
    const catalog = createCatalog({ staleAfterMs: 1000, clock: { nowMs: () => NOW, monotonicMs: () => 0 } });
    catalog.publish(edition(merged));
    catalog.publish(edition(await without('NCT03959085')));
    expect(catalog.findTombstone('NCT00000009')).toMatchObject({
      reason: 'merged',
      mergedInto: 'NCT03959085',
    });
    catalog.publish(edition(merged));
    catalog.publish(edition(sampleSnapshot));
    expect(catalog.findTombstone('NCT00000009')).toMatchObject({ reason: 'unknown', mergedInto: null });
  });

  test('the sample buries nothing, and is always stale', async () => {
    const catalog = create();
    catalog.publish(edition(sampleSnapshot, 'bundled'));
    expect(catalog.current && catalog.isStale(catalog.current)).toBe(true);
    catalog.publish(edition(await without('NCT03959085')));
    expect(catalog.tombstones).toEqual([]);
  });
});
