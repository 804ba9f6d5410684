import { describe, expect, test } from 'vitest';
import { createFacetFinder } from '../../src/eligibility/find-facets.ts';
import { normalizeStudy } from '../../src/registry/normalize-study.ts';
import { Study } from '../../src/registry/study.ts';
import { createSiteMatcher } from '../../src/trials/match-site.ts';
import { Trial } from '../../src/trials/trial.ts';
import {
  copySampleStudy,
  pack,
  sampleHarvest,
  sampleSnapshot,
  sampleTrial,
  type StudyDraft,
} from '../support/sample.ts';

const matchSite = createSiteMatcher(pack);
const normalize = (study: unknown, asOf = '2026-11-24') =>
  normalizeStudy(Study.parse(study), {
    matchSite,
    findFacets: createFacetFinder(pack.facets),
    asOf,
    modifications: '/v1/meta',
  });
const changed = (nctId: string, change: (study: StudyDraft) => void) => {
  const study = copySampleStudy(nctId);
  change(study);
  return normalize(study);
};

describe('every study of the sample', () => {
  test.each(sampleHarvest.studies.map(({ nctId, study }) => [nctId, study] as const))(
    '%s has age groups that agree with its stdAges, and no unknown value',
    (_nctId, study) => {
      const { trial, unknownValues } = normalize(study);
      const groups = { CHILD: 'child', ADULT: 'adult', OLDER_ADULT: 'older_adult' } as const;
      for (const [value, group] of Object.entries(groups))
        expect(trial.ageGroups.includes(group)).toBe(trial.stdAges.includes(value));
      expect(unknownValues).toEqual([]);
    },
  );

  test('every kept one is a trial by its schema, with no key missing and none too many', () => {
    for (const trial of sampleSnapshot.trials) expect(Trial.strict().parse(trial)).toEqual(trial);
  });
});

describe('fields', () => {
  test('NCT05521087: both Birminghams, one of them ours', () => {
    const trial = sampleTrial('NCT05521087');
    expect(trial.sites.map(({ facility }) => facility)).toEqual(['University of Alabama at Birmingham']);
    expect(trial.otherSitesCount).toBeGreaterThan(10);
    expect(trial).toMatchObject({
      overallStatus: 'NOT_YET_RECRUITING',
      availability: 'opening_soon',
      orgStudyId: 'CR109192',
      phaseLabel: 'Phase 1',
      statusVerified: '2023-10',
      ageRange: { fromDays: 30, beforeDays: 31 * 365.25, label: '30 days to 30 years' },
      dates: { start: { date: '2024-02-07', type: 'ESTIMATED' } },
    });
    expect(trial.eligibilityCriteria.text).toContain('less than [<] 16 years');
  });

  test('a site without a status in a recruiting study is unknown, not open: NCT03509961', () => {
    expect(sampleTrial('NCT03509961')).toMatchObject({
      overallStatus: 'RECRUITING',
      availability: 'unknown',
    });
  });

  test('contacts come best first, and each says whose it is', () => {
    const { trial } = changed('NCT05521087', (study) => {
      const ours = study.protocolSection.contactsLocationsModule.locations.find(
        ({ facility }) => facility === 'University of Alabama at Birmingham',
      );
      Object.assign(ours ?? {}, {
        contacts: [
          { name: 'Investigator', role: 'PRINCIPAL_INVESTIGATOR' },
          { name: 'Study nurse', role: 'CONTACT', phone: '555-0100' },
        ],
      });
    });
    expect(trial.contacts.map(({ source, phone }) => [source, phone]).slice(0, 2)).toEqual([
      ['site', '555-0100'],
      ['institution', '205-934-0220'],
    ]);
    expect(trial.sites[0]?.contacts).toHaveLength(2);
  });

  test('padded MeSH ids of old records are the same headings', () => {
    const { trial } = changed('NCT05521087', (study) => {
      study['derivedSection'] = {
        conditionBrowseModule: {
          meshes: [
            { id: 'D000054198', term: 'ALL' },
            { id: 'D000077192', term: 'x' },
          ],
        },
      };
    });
    expect(trial.meshTerms.map(({ id }) => id)).toEqual(['D054198', 'D000077192']);
  });
});

describe('what is odd', () => {
  test('unknown values are kept and reported, never changed', () => {
    const { trial, unknownValues } = changed('NCT05521087', (study) => {
      study.protocolSection.statusModule['overallStatus'] = 'HIBERNATING';
      study.protocolSection.designModule['phases'] = ['PHASE1', 'PHASE9'];
      study.protocolSection.eligibilityModule['minimumAge'] = 'teenage';
      study.protocolSection.statusModule['startDateStruct'] = { date: '2024-02-31' };
    });
    expect(trial).toMatchObject({
      overallStatus: 'HIBERNATING',
      availability: 'unknown',
      minimumAge: 'teenage',
    });
    expect(trial.phases).toEqual(['PHASE1', 'PHASE9']);
    expect(trial.ageRange.fromDays).toBeNull();
    expect(trial.dates.start).toBeNull();
    expect(unknownValues.map(({ field }) => field)).toEqual([
      'OverallStatus',
      'Phase',
      'MinimumAge',
      'StartDate',
    ]);
    expect(trial.notices.filter(({ code }) => code === 'unknown_value')).toHaveLength(4);
  });

  test('unknown keys pass, and a study without a title is refused alone', () => {
    expect(Study.safeParse({ ...copySampleStudy('NCT05521087'), news: { deep: [1] } }).success).toBe(true);
    const study = copySampleStudy('NCT05521087');
    delete study.protocolSection.identificationModule['briefTitle'];
    expect(Study.safeParse(study).success).toBe(false);
  });

  test('a name that the sponsor withholds is said, and never surely ours: NCT06137118', () => {
    const trial = sampleTrial('NCT06137118');
    expect(trial.sites[0]).toMatchObject({ kind: 'possible', facility: 'Research Site' });
    expect(trial.notices.map(({ code }) => code)).toContain('site_name_withheld');
  });

  test('a closed study with a recruiting site is closed, with a notice', () => {
    const { trial } = changed('NCT03959085', (study) => {
      study.protocolSection.statusModule['overallStatus'] = 'COMPLETED';
    });
    expect(trial.availability).toBe('closed');
    expect(trial.notices.map(({ code }) => code)).toContain('status_conflict');
  });

  test('not verified for more than 18 months, told by the day of the data', () => {
    const codes = (asOf: string) =>
      normalize(copySampleStudy('NCT05521087'), asOf).trial.notices.map(({ code }) => code);
    expect(codes('2025-04-30')).not.toContain('unverified');
    expect(codes('2025-05-01')).toContain('unverified');
  });

  test('hostile text is text', () => {
    const { trial } = changed('NCT05521087', (study) => {
      study.protocolSection.identificationModule['briefTitle'] =
        `<script>alert(1)</script>\u202e${'x'.repeat(1_000_000)}`;
      study.protocolSection.conditionsModule['keywords'] = ['__proto__', 'a\u0000b'];
    });
    expect(trial.briefTitle.startsWith('<script>alert(1)</script>x')).toBe(true);
    expect(trial.keywords).toEqual(['__proto__', 'ab']);
  });
});
