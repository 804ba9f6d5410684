import { describe, expect, test } from 'vitest';
import { bytesOf } from '../src/http/answer-bodies.ts';
import { renderJson, represent } from '../src/http/rendered-answers.ts';
import { buildStudyQueries } from '../src/registry/study-query.ts';
import { ageFitOf, parseAge, parseAgeRange, type Age } from '../src/trials/age.ts';
import { createConditionNames } from '../src/trials/name-condition.ts';
import { understandFilters, type TrialFilters } from '../src/trials/trial-query.ts';
import type { Trial } from '../src/trials/trial.ts';
import { RELEVANCES, SITE_MATCHES } from '../src/trials/vocabulary.ts';
import {
  buildSnapshot,
  copySampleStudy,
  listTrialsOf,
  pack,
  sampleHarvest,
  sampleSnapshot,
  sampleTrial,
  type StudyDraft,
} from './support/sample.ts';
import { buildTestApp } from './support/test-app.ts';

/** Mistakes that public trial finders really made; each is numbered as in the list that the project was given. */

const found = (filters: TrialFilters): Trial[] => listTrialsOf(sampleSnapshot, understandFilters(filters));
const ids = (filters: TrialFilters): string[] => found(filters).map(({ nctId }) => nctId);
const changedTrial = async (nctId: string, change: (study: StudyDraft) => void): Promise<Trial> => {
  const study = copySampleStudy(nctId);
  change(study);
  const snapshot = await buildSnapshot({ ...sampleHarvest, studies: [{ study, nctId, foundBy: ['named'] }] });
  const trial = snapshot.findTrial(nctId);
  if (trial === null) throw new Error(`${nctId} was not kept`);
  return trial;
};
const fits = (age: string, minimumAge: string | null, maximumAge: string | null): boolean =>
  ageFitOf(parseAge(age) as Age, {
    ageRange: parseAgeRange({ minimumAge, maximumAge }).range,
    maximumAge,
  }) !== null;
const app = await buildTestApp();
const get = async (url: string) => app.server.inject(url);

describe('ages', () => {
  test('1 a trial without a maximum is not lost from a range', async () => {
    expect(sampleTrial('NCT05776134').maximumAge).toBeNull();
    expect(ids({ ageMin: '70', ageMax: '80' })).toContain('NCT05776134');
  });
  test('2 weeks, hours and days are units of their own', async () => {
    expect(fits('20d', '2 Weeks', '4 Weeks')).toBe(true);
    expect(fits('1', '2 Weeks', '4 Weeks')).toBe(false);
    expect(fits('1d', '12 Hours', '48 Hours')).toBe(true);
  });
  test('3 365 Days is one year and a limit: NCT03914625', async () => {
    expect(sampleTrial('NCT03914625')).toMatchObject({
      minimumAge: '365 Days',
      ageRange: { fromDays: 365, label: '1 to 31 years' },
    });
  });
  test('4 a trial is in every band that it touches', async () => {
    expect(sampleTrial('NCT05521087').ageGroups).toEqual(['infant', 'child', 'aya', 'adult']);
    expect(sampleTrial('NCT00898755').ageGroups).toContain('infant');
  });
  test('5 age 0 is an age', async () => {
    expect((await get('/v1/trials?age=0')).json<{ total: number }>().total).toBeGreaterThan(0);
    expect(ids({ age: '0' })).not.toContain('NCT03914625');
  });
  test('6 adult is not "a maximum above 18": an infant study is none', async () => {
    expect(sampleTrial('NCT02828358').ageGroups).toEqual(['infant', 'child']);
  });
  test('7 group names are no ages', async () => {
    expect((await get('/v1/trials?age=child')).statusCode).toBe(400);
  });
  test('8 somebody of 21.5 years is 21', async () => {
    expect(fits('21.5', '1 Year', '21 Years')).toBe(true);
  });
  test('9 the groups of the registry are no limits', async () => {
    const trial = sampleTrial('NCT03914625');
    expect(trial.stdAges).toContain('ADULT');
    expect(ids({ age: '40' })).not.toContain('NCT03914625');
  });
});

describe('status', () => {
  test('10 the last known status is not the status', async () => {
    const trial = await changedTrial('NCT03959085', (study) => {
      Object.assign(study.protocolSection.statusModule, {
        overallStatus: 'UNKNOWN',
        lastKnownStatus: 'RECRUITING',
      });
    });
    expect(trial).toMatchObject({
      overallStatus: 'UNKNOWN',
      lastKnownStatus: 'RECRUITING',
      availability: 'unknown',
    });
  });
  test('11 and 12 only what recruits here is open', async () => {
    for (const trial of found({ availability: ['open'] })) {
      expect(['RECRUITING', 'AVAILABLE']).toContain(trial.overallStatus);
      expect(trial.sites.map(({ status }) => status)).toContain(trial.overallStatus);
    }
    expect(ids({ availability: ['open'] })).not.toContain('NCT05521087');
  });
  test('13 the first matching site does not speak for the others', async () => {
    const trial = await changedTrial('NCT03959085', (study) => {
      const { locations } = study.protocolSection.contactsLocationsModule;
      locations.unshift({
        facility: 'University of Alabama at Birmingham',
        city: 'Birmingham',
        state: 'Alabama',
        country: 'United States',
        status: 'COMPLETED',
      });
    });
    expect(trial.sites.map(({ key, availability }) => [key, availability])).toEqual([
      ['uab', 'closed'],
      ['childrens', 'open'],
    ]);
    expect(trial.availability).toBe('open');
  });
  test('14 site and availability hold at the same site', async () => {
    expect(ids({ site: ['uab'], availability: ['open'] })).not.toContain('NCT03959085');
  });
  test('15 our sites are all there, however long the list of sites is', async () => {
    const trial = await changedTrial('NCT03959085', (study) => {
      const { locations } = study.protocolSection.contactsLocationsModule;
      for (let site = 0; site < 5000; site++)
        locations.unshift({ facility: `Site ${site}`, city: 'Paris', country: 'France' });
    });
    expect(trial.sites).toHaveLength(1);
    expect(trial.otherSitesCount).toBe(sampleTrial('NCT03959085').otherSitesCount + 5000);
  });
  test('16 an unknown status stays what it is, and is not open', async () => {
    const trial = await changedTrial('NCT03959085', (study) => {
      study.protocolSection.statusModule['overallStatus'] = 'REVIVED';
    });
    expect(trial).toMatchObject({ overallStatus: 'REVIVED', availability: 'unknown' });
  });
  test('17 every trial says when its status was verified, or that nobody knows', async () => {
    expect(sampleTrial('NCT05521087').statusVerified).toBe('2023-10');
    expect(sampleTrial('NCT05521087').notices.map(({ code }) => code)).toContain('unverified');
  });
  test('18 every status is asked for, so that closures are seen', async () => {
    expect(JSON.stringify(buildStudyQueries(pack))).not.toMatch(/OverallStatus\]|filter\.overallStatus/);
  });
  test('18b a lapsed study whose frozen site says recruiting is not open', async () => {
    const trial = await changedTrial('NCT03959085', (study) => {
      study.protocolSection.statusModule['overallStatus'] = 'UNKNOWN';
    });
    expect(trial.availability).toBe('unknown');
    expect(trial.notices.map(({ code }) => code)).toContain('lapsed');
  });
});

describe('phase', () => {
  test('19 and 21 any of the phases counts', async () => {
    const both = found({ phase: ['1'] }).filter(({ phases }) => phases.includes('PHASE2'));
    expect(both.length).toBeGreaterThan(0);
    for (const { nctId } of both) expect(ids({ phase: ['2'] })).toContain(nctId);
  });
  test('20 the registry is never asked by parameters it does not have', async () => {
    for (const { parameters } of buildStudyQueries(pack))
      expect(
        Object.keys(parameters).filter(
          (name) => !['query.cond', 'filter.advanced', 'sort', 'fields'].includes(name),
        ),
      ).toEqual([]);
  });
  test('22 every order orders', async () => {
    const orders = (['updated', 'phase', 'title', 'minimum_age'] as const).map((sort) =>
      found({ sort, relevance: [...RELEVANCES], siteMatch: [...SITE_MATCHES] })
        .map(({ nctId }) => nctId)
        .join(),
    );
    expect(new Set(orders).size).toBe(orders.length);
  });
  test('23 trials without a phase can be asked for', async () => {
    expect(ids({ phase: ['none'] })).toContain('NCT00898755');
    expect(ids({ phase: ['na', 'none'] }).length).toBeGreaterThanOrEqual(ids({ phase: ['none'] }).length);
  });
});

describe('recall', () => {
  const names = createConditionNames(pack.condition);
  test('24 and 25 the registry proposes, we decide: what it ranks is judged here', async () => {
    const study = copySampleStudy('NCT05886491');
    const snapshot = await buildSnapshot({
      ...sampleHarvest,
      studies: [{ study, nctId: 'NCT05886491', foundBy: ['named'] }],
    });
    expect(snapshot.excluded[0]?.reason).toBe('other_disease');
  });
  test('27 the acronym is never sent, phrases are always quoted', async () => {
    for (const { parameters } of buildStudyQueries(pack))
      expect((parameters['query.cond'] ?? '""').split(' OR ').every((phrase) => /^".*"$/.test(phrase))).toBe(
        true,
      );
  });
  test('30 there is no silent cap: all pages give all trials', async () => {
    const { data, total } = (
      await get(
        '/v1/trials?limit=200&relevance=specific,includes,possible&siteMatch=confirmed,network,possible',
      )
    ).json<{ data: unknown[]; total: number }>();
    expect([data.length, total]).toEqual([27, 27]);
  });
  test('31 female is not male', async () => {
    const trial = await changedTrial('NCT03959085', (study) => {
      study.protocolSection.eligibilityModule['sex'] = 'FEMALE';
    });
    expect(trial.sex).toBe('FEMALE');
    const snapshot = await buildSnapshot({
      ...sampleHarvest,
      studies: [
        {
          study: (() => {
            const study = copySampleStudy('NCT03959085');
            study.protocolSection.eligibilityModule['sex'] = 'FEMALE';
            return study;
          })(),
          nctId: 'NCT03959085',
          foundBy: [],
        },
      ],
    });
    expect(listTrialsOf(snapshot, understandFilters({ sex: 'MALE' }))).toEqual([]);
    expect(listTrialsOf(snapshot, understandFilters({ sex: 'FEMALE' }))).toHaveLength(1);
  });
  test('43 T-ALL is not in post-allogeneic', async () => {
    for (const text of ['post-allogeneic', 'peanut-allergic', 'all patients'])
      expect(names.findCondition(text)).toBeNull();
    expect(names.findCondition('T-ALL')).not.toBeNull();
  });
});

describe('answers', () => {
  test('37 "false" is no true, and no number is read from nothing', async () => {
    expect((await get('/v1/trials?limit=')).statusCode).toBe(400);
    expect((await get('/v1/trials?limit=false')).statusCode).toBe(400);
  });
  test('39 registry text is never markup: it leaves as JSON that no browser sniffs', async () => {
    const { headers } = await get('/v1/trials');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(
      bytesOf(
        represent(renderJson({ text: '</script>' }, { cacheControl: 'no-store' }), 'identity').body,
      ).toString(),
    ).toContain('</script>');
  });
  test('42 no array is ever missing', async () => {
    for (const trial of sampleSnapshot.trials) {
      const study = sampleHarvest.studies.find(({ nctId }) => nctId === trial.nctId);
      expect(study).toBeDefined();
      for (const key of [
        'aliases',
        'secondaryIds',
        'phases',
        'keywords',
        'interventions',
        'collaborators',
        'contacts',
        'notices',
      ] as const)
        expect(Array.isArray(trial[key])).toBe(true);
    }
  });
  test('44 unknown parameters are never ignored', async () => {
    expect((await get('/v1/trials?ages=8')).statusCode).toBe(400);
  });
  test('45 an empty list is a list with its pages', async () => {
    expect((await get('/v1/trials?q=nothinglikethis')).json()).toMatchObject({
      data: [],
      total: 0,
      links: { next: null },
    });
  });
  test('47 a caller’s mistake is never the registry’s', async () => {
    expect((await get('/v1/trials/NCT')).json<{ type: string }>().type).toContain('invalid-parameter');
  });
});
