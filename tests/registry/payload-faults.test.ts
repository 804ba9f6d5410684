import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Harvest } from '../../src/catalog/build-snapshot.ts';
import type { Snapshot } from '../../src/catalog/snapshot.ts';
import { trimStudy } from '../../src/catalog/keep-harvest.ts';
import { readNctId } from '../../src/registry/study.ts';
import { Trial } from '../../src/trials/trial.ts';
import {
  buildSnapshot,
  copySampleStudy,
  pack,
  sampleSnapshot,
  sampleStudies,
  type StudyDraft,
} from '../support/sample.ts';

/** A recruiting study with one site of ours and many elsewhere. */
const NCT_ID = 'NCT05521087';
const OUR_SITE = 'University of Alabama at Birmingham';

const harvestOf = (studies: readonly unknown[]): Harvest => ({
  dataTimestamp: '2026-11-20T09:00:04',
  etag: null,
  queries: [],
  studies: studies.map((study) => ({ study, nctId: readNctId(study), foundBy: ['named'] })),
});
const build = async (studies: readonly unknown[]): Promise<Snapshot> => buildSnapshot(harvestOf(studies));
/** A study of two sites, the first of them ours, and short: these tests build it some hundred times. */
const draft = (nctId = NCT_ID): StudyDraft => {
  const study = copySampleStudy(NCT_ID);
  const { locations } = study.protocolSection.contactsLocationsModule;
  const ours = locations.findIndex(({ facility }) => facility === OUR_SITE);
  locations.unshift(...locations.splice(ours, 1));
  shortenLists(study);
  study.protocolSection.identificationModule['nctId'] = nctId;
  study.protocolSection['descriptionModule'] = { briefSummary: 'Short.', detailedDescription: 'Not long.' };
  study.protocolSection.eligibilityModule['eligibilityCriteria'] = 'Inclusion Criteria:\n\n* ALL';
  return study;
};
const buildChanged = async (change: (study: StudyDraft) => unknown): Promise<Snapshot> => {
  const study = draft();
  change(study);
  return build([study]);
};
const onlyTrial = (snapshot: Snapshot): Trial => {
  const [trial] = snapshot.trials;
  if (trial === undefined)
    throw new Error(`no trial: ${JSON.stringify([snapshot.excluded, snapshot.setAside])}`);
  return trial;
};
const unknownFields = (snapshot: Snapshot): string[] =>
  (snapshot.findProvenance(NCT_ID)?.unknownValues ?? []).map(({ field }) => field);
/** A good study beside a bad one. */
const NEIGHBOUR = 'NCT00000001';
const neighbour = draft(NEIGHBOUR);
const invalid = (number: number): unknown => ({
  protocolSection: { identificationModule: { nctId: `NCT${String(90_000_000 + number)}` } },
});

/** Every text and key of what a snapshot shows. */
function* textsOf(shown: unknown): Generator<string> {
  if (typeof shown === 'string') yield shown;
  else if (typeof shown === 'object' && shown !== null)
    for (const [key, value] of Object.entries(shown)) {
      yield key;
      yield* textsOf(value);
    }
}
const contentOf = ({ trials, provenance, excluded, quality, setAside }: Snapshot) => ({
  trials,
  provenance,
  excluded,
  quality,
  setAside,
});
// oxlint-disable-next-line no-control-regex -- controls are what must not come through
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/;
const expectClean = (snapshot: Snapshot): void => {
  for (const text of textsOf(contentOf(snapshot)))
    if (!text.isWellFormed() || UNWANTED.test(text))
      expect.fail(`unclean: ${JSON.stringify(text.slice(0, 200))}`);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
};

describe('invalid studies', () => {
  test('one in a good page costs only itself, and is named with its reason', async () => {
    const snapshot = await build([...sampleStudies, invalid(1)]);
    expect(snapshot.trials).toHaveLength(sampleSnapshot.trials.length);
    expect(snapshot.setAside).toEqual([
      {
        nctId: 'NCT90000001',
        reason: expect.stringContaining('identificationModule.briefTitle: invalid_type') as string,
      },
    ]);
  });

  test('six in a hundred are counted, one by one, for whoever decides whether that is too many', async () => {
    const bad = [1, 2, 3].map(invalid);
    const snapshot = await build([...sampleStudies, ...bad]);
    expect(snapshot.setAside).toHaveLength(3);
    expect(snapshot.setAside.length / (sampleStudies.length + bad.length)).toBe(0.06);
    expect(snapshot.trials.length + snapshot.excluded.length).toBe(sampleStudies.length);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a number', 7],
    ['a list', [[]]],
    ['a text', 'study'],
    ['empty', {}],
    [
      'an id of another kind',
      { protocolSection: { identificationModule: { nctId: 'x'.repeat(1_000_000) } } },
    ],
    ['an id with markup', { protocolSection: { identificationModule: { nctId: '<img src=x>' } } }],
    ['an id that is __proto__', { protocolSection: { identificationModule: { nctId: '__proto__' } } }],
  ])('one that is %s has no id, and its words are not shown', async (_name, study) => {
    const { setAside } = await build([study]);
    expect(setAside).toHaveLength(1);
    expect(setAside[0]?.nctId).toBeNull();
    expect(JSON.stringify(setAside).length).toBeLessThan(300);
  });
});

describe('unknown values of an enumeration are kept, counted and never dropped', () => {
  const values = ['HIBERNATING', '__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const changes: [string, string, (study: StudyDraft, value: string) => void, (trial: Trial) => unknown][] = [
    [
      'OverallStatus',
      'the status',
      (study, value) => (study.protocolSection.statusModule['overallStatus'] = value),
      (trial) => trial.overallStatus,
    ],
    [
      'Phase',
      'a phase',
      (study, value) => (study.protocolSection.designModule['phases'] = [value]),
      (trial) => trial.phases[0],
    ],
    [
      'StudyType',
      'the type',
      (study, value) => (study.protocolSection.designModule['studyType'] = value),
      (trial) => trial.studyType,
    ],
    [
      'Sex',
      'the sex',
      (study, value) => (study.protocolSection.eligibilityModule['sex'] = value),
      (trial) => trial.sex,
    ],
    [
      'StdAge',
      'an age group',
      (study, value) => (study.protocolSection.eligibilityModule['stdAges'] = [value]),
      (trial) => trial.stdAges[0],
    ],
    [
      'LocationStatus',
      'the status of a site',
      (study, value) =>
        study.protocolSection.contactsLocationsModule.locations.forEach((location) => {
          location['status'] = value;
        }),
      (trial) => trial.sites[0]?.status,
    ],
  ];
  test.each(changes)('%s: %s', async (field, _name, change, read) => {
    for (const value of values) {
      const snapshot = await buildChanged((study) => change(study, value));
      const trial = onlyTrial(snapshot);
      expect(read(trial)).toBe(value);
      expect(unknownFields(snapshot)).toEqual([field]);
      expect(Trial.strict().safeParse(trial).success).toBe(true);
    }
  });

  test('a long one is told in part, cut between characters', async () => {
    const snapshot = await buildChanged((study) => {
      study.protocolSection.eligibilityModule['sex'] = `${'x'.repeat(99)}\u{1f600}`;
      study.protocolSection.eligibilityModule['minimumAge'] = `${'9'.repeat(99)}\u{1f600}`;
      study.protocolSection.statusModule['startDateStruct'] = { date: `${'2'.repeat(99)}\u{1f600}` };
    });
    expect(unknownFields(snapshot)).toEqual(['Sex', 'MinimumAge', 'StartDate']);
    for (const { value } of snapshot.findProvenance(NCT_ID)?.unknownValues ?? [])
      expect(value).toHaveLength(100);
    expectClean(snapshot);
  });
});

describe('fields', () => {
  test('new ones at every level change nothing', async () => {
    const enrich = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(enrich);
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).map(([key, inner]) => [key, enrich(inner)]);
      return { ...Object.fromEntries(entries), brandNew: { of: ['2027'] } };
    };
    expect((await build([enrich(draft())])).id).toBe((await build([draft()])).id);
  });

  test('any one may be missing, and only without an id, a title or a status there is no trial', async () => {
    const lost = [];
    for (const path of pathsOf(draft())) {
      const study = draft();
      replaceAt(study, path, undefined);
      const { trials, excluded, setAside } = await build([study]);
      expect(trials.length + excluded.length + setAside.length, path.join('.')).toBe(1);
      for (const trial of trials) expect(Trial.strict().safeParse(trial).success, path.join('.')).toBe(true);
      if (setAside.length === 1) lost.push(path.join('.'));
    }
    expect(lost.toSorted()).toEqual([
      'protocolSection',
      'protocolSection.identificationModule',
      'protocolSection.identificationModule.briefTitle',
      'protocolSection.identificationModule.nctId',
      'protocolSection.statusModule',
      'protocolSection.statusModule.overallStatus',
    ]);
  });
});

describe('ages', () => {
  const year = 365.25;
  test.each<[string, string, number | null, number | null, string[]]>([
    ['eighteen', '31 Years', null, 32 * year, ['MinimumAge']],
    ['-1 Years', 'forever', null, null, ['MinimumAge', 'MaximumAge']],
    ['18 Years', 'until they are old', 18 * year, null, ['MaximumAge']],
    ['18 Years', '9999999 Years', 18 * year, null, ['MaximumAge']],
    ['NaN Years', '31 Years', null, 32 * year, ['MinimumAge']],
    ['1e3 Years', '31 Years', null, 32 * year, ['MinimumAge']],
    ['__proto__', 'constructor', null, null, ['MinimumAge', 'MaximumAge']],
  ])(
    'from %s to %s: what cannot be read is no limit, so that it hides no trial',
    async (minimumAge, maximumAge, fromDays, beforeDays, fields) => {
      const snapshot = await buildChanged((study) =>
        Object.assign(study.protocolSection.eligibilityModule, { minimumAge, maximumAge }),
      );
      const trial = onlyTrial(snapshot);
      expect(trial).toMatchObject({ minimumAge, maximumAge, ageRange: { fromDays, beforeDays } });
      expect(unknownFields(snapshot)).toEqual(fields);
      expect(trial.notices.filter(({ code }) => code === 'unknown_value')).toHaveLength(fields.length);
    },
  );

  test('a minimum above the maximum is no limit, and both are told', async () => {
    const snapshot = await buildChanged((study) =>
      Object.assign(study.protocolSection.eligibilityModule, {
        minimumAge: '65 Years',
        maximumAge: '17 Years',
      }),
    );
    expect(onlyTrial(snapshot).ageRange).toMatchObject({
      fromDays: null,
      beforeDays: null,
      label: 'All ages',
    });
    expect(unknownFields(snapshot)).toEqual(['MinimumAge', 'MaximumAge']);
  });
});

test.each([
  ['2024-02-30'],
  ['2023-02-29'],
  ['2024-13'],
  ['0000-00-00'],
  ['tomorrow'],
  ['99999-01-01'],
  ['2024-01-01T00:00:00'],
  ['__proto__'],
])('the impossible date %s is no date in any field, is told, and costs nothing else', async (date) => {
  const snapshot = await buildChanged((study) => {
    const struct = { date, type: 'ACTUAL' };
    Object.assign(study.protocolSection.statusModule, {
      statusVerifiedDate: date,
      startDateStruct: struct,
      primaryCompletionDateStruct: struct,
      completionDateStruct: struct,
      studyFirstPostDateStruct: struct,
      lastUpdatePostDateStruct: struct,
    });
    study['derivedSection'] = { miscInfoModule: { versionHolder: date } };
  });
  const trial = onlyTrial(snapshot);
  expect(trial.dates).toEqual({
    start: null,
    primaryCompletion: null,
    completion: null,
    firstPosted: null,
    lastUpdatePosted: null,
  });
  expect([trial.statusVerified, trial.source.dataDate]).toEqual([null, null]);
  expect(unknownFields(snapshot)).toHaveLength(6);
});

describe('__proto__', () => {
  const poisoned = (text: string): string =>
    text.replaceAll(
      /\{(?!\})/g,
      '{"__proto__":{"polluted":1,"briefTitle":"from the prototype","locations":[]},"constructor":{"prototype":{"polluted":1}},',
    );

  test('as a key at every level changes neither the trial nor anybody else', async () => {
    const study: unknown = JSON.parse(poisoned(JSON.stringify(draft())));
    const snapshot = await build([study]);
    expect(snapshot.id).toBe((await build([draft()])).id);
    expectClean(snapshot);
  });

  test('as a key does not stand in for what is missing', async () => {
    const study = draft();
    delete study.protocolSection.identificationModule['briefTitle'];
    const { setAside } = await build([JSON.parse(poisoned(JSON.stringify(study)))]);
    expect(setAside).toHaveLength(1);
  });

  test('as a value is a word like any other', async () => {
    const snapshot = await buildChanged((study) => {
      Object.assign(study.protocolSection.identificationModule, {
        acronym: '__proto__',
        nctIdAliases: ['__proto__', 'constructor'],
        orgStudyIdInfo: { id: '__proto__' },
      });
      Object.assign(study.protocolSection.conditionsModule, { keywords: ['__proto__', 'constructor'] });
    });
    expect(onlyTrial(snapshot)).toMatchObject({
      acronym: '__proto__',
      keywords: ['__proto__', 'constructor'],
    });
    expect(snapshot.findAlias('__proto__')).toBe(NCT_ID);
    expect([snapshot.findTrial('__proto__'), snapshot.findAlias('hasOwnProperty')]).toEqual([null, null]);
    expectClean(snapshot);
  });
});

describe('hostile text', () => {
  test.each([
    ['HTML', '<img src=x onerror=alert(1)><script>alert(1)</script>', '<script>alert(1)</script>'],
    ['overrides of the direction', 'safe\u202egnihton\u2066\u2069', 'safegnihton'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['NUL and other controls', 'a\u0000b\u001b[31m\u0085', 'ab[31m'],
    ['a byte order mark', '\ufeffa', 'a'],
  ])('%s in every text is text, clean, and the same at every place', async (_name, text, clean) => {
    const snapshot = await buildChanged((study) => {
      for (const path of pathsOf(study))
        if (typeof valueAt(study, path) === 'string' && !KEPT.test(path.join('.')))
          replaceAt(study, path, text);
    });
    const trial = onlyTrial(snapshot);
    expect([trial.briefTitle, trial.sites[0]?.zip, trial.leadSponsor?.name]).toEqual([clean, clean, clean]);
    expect(Trial.strict().safeParse(trial).success).toBe(true);
    expectClean(snapshot);
  });

  test.each([
    ['words', 'Leukemia & friends '.repeat(20_000).trim()],
    ['one word', 'x'.repeat(400_000)],
    ['one word with hyphens', 'x-'.repeat(200_000).concat('x')],
  ])('a title of 400,000 characters is kept whole: %s', async (_name, title) => {
    const snapshot = await buildChanged((study) => {
      Object.assign(study.protocolSection.identificationModule, { briefTitle: title, officialTitle: title });
    });
    expect(onlyTrial(snapshot).briefTitle).toBe(title);
    expect(onlyTrial(snapshot).officialTitle).toBe(title);
  });

  test('a title of a megabyte costs only its study', async () => {
    const study = draft();
    study.protocolSection.identificationModule['briefTitle'] = 'x'.repeat(1_048_576);
    const { trials, setAside } = await build([study]);
    expect(trials).toEqual([]);
    expect(setAside).toEqual([{ nctId: NCT_ID, reason: 'larger than 1000000 characters' }]);
  });
});

describe('size', () => {
  test.each([
    [
      'a description',
      { descriptionModule: { detailedDescription: 'Patients with acute leukemia. '.repeat(700_000) } },
    ],
    [
      'keywords',
      { conditionsModule: { keywords: Array.from({ length: 200_000 }, () => 'leukemia '.repeat(11)) } },
    ],
  ])('a study of 20 MB, of %s, costs only itself', async (_name, modules) => {
    const study = draft();
    Object.assign(study.protocolSection, modules);
    const { setAside } = await build([study]);
    expect(setAside).toEqual([{ nctId: NCT_ID, reason: 'larger than 1000000 characters' }]);
  });

  test('a description of 900,000 characters is kept whole', async () => {
    const text = 'Patients with acute leukemia. '.repeat(30_000).trim();
    const snapshot = await buildChanged((study) => {
      study.protocolSection['descriptionModule'] = { briefSummary: 'Short.', detailedDescription: text };
    });
    expect(onlyTrial(snapshot).detailedDescription).toBe(text);
  });

  test('a study with 5,000 sites lists ours and counts the others', async () => {
    const snapshot = await buildChanged(({ protocolSection: { contactsLocationsModule: places } }) => {
      const [ours = {}, other = {}] = places.locations;
      places.locations = [
        ours,
        ...Array.from({ length: 4_999 }, () => ({ ...other, city: 'Ghent', country: 'Belgium' })),
      ];
    });
    expect(onlyTrial(snapshot).sites).toHaveLength(1);
    expect(onlyTrial(snapshot).otherSitesCount).toBe(4_999);
  });

  test('5,000 sites that are all ours are all listed', async () => {
    const snapshot = await buildChanged(({ protocolSection: { contactsLocationsModule: places } }) => {
      places.locations = Array.from({ length: 5_000 }, () => ({ ...places.locations[0] }));
    });
    expect(onlyTrial(snapshot).sites).toHaveLength(5_000);
  });
});

describe('ten thousand levels', () => {
  const LEVELS = 10_000;
  const objects: unknown = JSON.parse('{"a":'.repeat(LEVELS) + '1' + '}'.repeat(LEVELS));
  const lists: unknown = JSON.parse('['.repeat(LEVELS) + ']'.repeat(LEVELS));

  test.each([
    ['of objects', objects],
    ['of lists', lists],
  ])('%s in the place of any field, or as one more, cost at most their study', async (_name, deep) => {
    for (const path of pathsOf(draft()).filter(({ length }) => length <= 3)) {
      const study = draft();
      replaceAt(study, path, deep);
      study['brandNew'] = deep;
      const snapshot = await build([study, neighbour]);
      expect(snapshot.findTrial(NEIGHBOUR), path.join('.')).not.toBeNull();
      expect(snapshot.trials.length + snapshot.excluded.length + snapshot.setAside.length).toBe(2);
      JSON.stringify(contentOf(snapshot));
    }
  });

  test('are saved and read again as they came', () => {
    const study = { ...draft(), deep: { objects, lists } };
    const [harvested] = harvestOf([study]).studies;
    if (harvested === undefined) throw new Error('no study');
    const trimmed = trimStudy(harvested, pack.place);
    const again: unknown = JSON.parse(JSON.stringify(trimmed));
    expect(JSON.stringify(again)).toBe(JSON.stringify(trimmed));
  });

  test.each([
    ['indented', Array.from({ length: LEVELS }, (_, level) => `${' '.repeat(level % 150)}* item`).join('\n')],
    ['of brackets', '('.repeat(LEVELS) + ')'.repeat(LEVELS)],
    ['of tags', '<div>'.repeat(LEVELS)],
    ['of quotes', `${'> '.repeat(LEVELS)}x`],
    ['of stars', `${'* '.repeat(LEVELS)}x`],
  ])('%s in the criteria are text', async (_name, text) => {
    const snapshot = await buildChanged((study) => {
      study.protocolSection.eligibilityModule['eligibilityCriteria'] = `Inclusion Criteria:\n\n${text}`;
    });
    JSON.stringify(contentOf(snapshot));
    expect(snapshot.trials.length + snapshot.excluded.length).toBe(1);
  });
});

test('any JSON at any place costs at most its study, and comes out clean', async () => {
  const paths = pathsOf(draft());
  const hostile = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      '__proto__',
      'a\ud800',
      '\u202e',
      '\u0000',
      '&#0;',
      '&#x202e;',
      '&#xd800;',
      '\\&#0;',
      '1e400',
    ),
  );
  const change = fc.tuple(fc.constantFrom(...paths), hostile);
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const study = draft();
      for (const [path, value] of changes) replaceAt(study, path, value);
      const snapshot = await build([study, neighbour]);
      const { trials, excluded, setAside } = snapshot;
      expect(trials.length + excluded.length + setAside.length).toBe(2);
      expect(snapshot.findTrial(NEIGHBOUR)).not.toBeNull();
      for (const trial of trials) expect(Trial.strict().parse(trial)).toEqual(trial);
      expectClean(snapshot);
    }),
    { numRuns: 150 },
  );
}, 30_000);

/** What keeps the study in the list, so that the test sees what became of the rest. */
const KEPT =
  /nctId$|conditions\.|overallStatus|locations\.0\.(?:facility|city|state|country)|minimumAge|maximumAge|[dD]ate|versionHolder/;

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...pathsOf(inner, [...path, key])]);
}

function shortenLists(value: unknown): void {
  if (Array.isArray(value)) value.splice(2);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(shortenLists);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** Does nothing when the way there is gone, or leads through something that holds no fields. */
function replaceAt(value: unknown, path: readonly string[], replacement: unknown): void {
  const holder = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof holder !== 'object' || holder === null || key === undefined) return;
  const fields = holder as Record<string, unknown>;
  if (replacement === undefined && !Array.isArray(holder)) delete fields[key];
  else if (replacement === undefined) (holder as unknown as unknown[]).splice(Number(key), 1);
  else fields[key] = replacement;
}
