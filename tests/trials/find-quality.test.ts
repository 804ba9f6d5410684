import { expect, test } from 'vitest';
import { QUALITY_CODES } from '../../src/trials/vocabulary.ts';
import { buildSnapshot, copySampleStudy, sampleHarvest, sampleSnapshot } from '../support/sample.ts';

const findingsOf = async (
  nctId: string,
  change: (study: ReturnType<typeof copySampleStudy>) => void,
): Promise<string[]> => {
  const study = copySampleStudy(nctId);
  change(study);
  const snapshot = await buildSnapshot({ ...sampleHarvest, studies: [{ study, nctId, foundBy: ['test'] }] });
  return snapshot.quality.map(({ code, field, siteKey }) => `${code} ${field} ${siteKey ?? '-'}`);
};

test('the sample shows what could be mended, each with its field and evidence', async () => {
  for (const { nctId, evidence, field } of sampleSnapshot.quality) {
    expect(sampleSnapshot.findTrial(nctId)).not.toBeNull();
    expect(evidence.length).toBeGreaterThan(0);
    expect(field).toMatch(/^[A-Z][A-Za-z]+$/);
  }
  const found = sampleSnapshot.quality.map(({ nctId, code }) => `${nctId} ${code}`);
  expect(found).toEqual(
    expect.arrayContaining([
      'NCT05332054 loose_facility',
      'NCT06137118 site_name_withheld',
      'NCT00898755 unverified',
      'NCT00898755 condition_not_listed',
      'NCT04726241 age_text_conflict',
      'NCT03959085 no_contact_here',
    ]),
  );
});

test('a site that is open while the study is closed', async () => {
  const found = await findingsOf('NCT03959085', (study) => {
    study.protocolSection.statusModule['overallStatus'] = 'COMPLETED';
    for (const location of study.protocolSection.contactsLocationsModule.locations)
      location['status'] = 'RECRUITING';
  });
  expect(found).toContain('site_open_study_closed LocationStatus -');
  expect(found.filter((line) => line.startsWith('no_contact_here'))).toEqual([]);
});

test('a contact at the site ends the finding', async () => {
  const contacts = [{ name: 'Somebody', phone: '205-555-0100' }];
  const found = await findingsOf('NCT03959085', (study) => {
    for (const location of study.protocolSection.contactsLocationsModule.locations)
      location['contacts'] = contacts;
  });
  expect(found.filter((line) => line.startsWith('no_contact_here'))).toEqual([]);
});

test('the closed list has a definition for every code', async () => {
  expect(QUALITY_CODES).toHaveLength(7);
});
