import { describe, expect, test } from 'vitest';
import { createBelonging, type BelongingText } from '../../src/eligibility/belongs.ts';
import { splitCriteria } from '../../src/eligibility/parse-criteria.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

const judge = createBelonging(pack.condition);
const nothing: BelongingText = {
  briefTitle: 'A study',
  officialTitle: null,
  acronym: null,
  conditions: [],
  keywords: [],
  meshTerms: [],
  eligibilityCriteria: { text: '', inclusion: [], exclusion: [], other: [] },
};
const withCriteria = (text: string): BelongingText => ({
  ...nothing,
  conditions: ['Hematologic Malignancies'],
  eligibilityCriteria: { text, ...splitCriteria(text) },
});
const idsOf = (tier: string): string[] =>
  sampleSnapshot.trials.filter(({ relevance }) => relevance.tier === tier).map(({ nctId }) => nctId);

describe('the sample, read against its records', () => {
  test('every ALL-related study with a site in Birmingham is specific', () => {
    expect(idsOf('specific')).toHaveLength(23);
    for (const golden of [
      'NCT03914625',
      'NCT03959085',
      'NCT03007147',
      'NCT03150693',
      'NCT03739814',
      'NCT04726241',
      'NCT02828358',
    ])
      expect(idsOf('specific')).toContain(golden);
  });

  test('baskets that may take ALL are possible', () => {
    expect(idsOf('possible')).toEqual(['NCT01351545', 'NCT02402244', 'NCT05146739', 'NCT05332054']);
  });

  test.each(['NCT05886491', 'NCT02521493', 'NCT04158739', 'NCT03165734', 'NCT06615479'])(
    '%s is about another disease',
    (nctId) => {
      expect(sampleSnapshot.excluded.find((study) => study.nctId === nctId)?.reason).toBe('other_disease');
    },
  );
});

describe('tiers', () => {
  test('a MeSH term alone is enough: conditions may say just "Leukemia"', () => {
    const meshTerms = [{ id: 'D054198', term: 'Precursor Cell Lymphoblastic Leukemia-Lymphoma' }];
    expect(judge({ ...nothing, conditions: ['Leukemia'], meshTerms })).toMatchObject({
      kept: true,
      tier: 'specific',
      evidence: [{ field: 'ConditionMeshId' }],
    });
  });

  test('an inclusion criterion that names ALL includes it, and is the evidence', () => {
    expect(
      judge(withCriteria('Inclusion Criteria:\n* AML or acute lymphoblastic leukemia in remission')),
    ).toEqual({
      kept: true,
      tier: 'includes',
      evidence: [{ field: 'EligibilityCriteria', text: 'AML or acute lymphoblastic leukemia in remission' }],
    });
  });

  test.each([
    'Exclusion Criteria:\n* Acute lymphoblastic leukemia',
    'Inclusion Criteria:\n* No acute lymphoblastic leukemia',
    'Inclusion Criteria:\n* Any cancer other than acute lymphoblastic leukemia',
    'Inclusion Criteria:\n* Patients with B-ALL are not eligible',
  ])('ALL only kept out is no reason to list: %j', (text) => {
    expect(judge(withCriteria(text))).toMatchObject({ kept: false, reason: 'all_only_excluded' });
  });

  test.each([
    ['AML', 'Newly diagnosed acute myeloid leukemia'],
    ['CML', 'Chronic myelogenous leukemia in blast crisis'],
    ['CLL', 'Relapsed chronic lymphocytic leukemia'],
    ['Burkitt', 'Burkitt lymphoma'],
    ['myeloma', 'Multiple myeloma after two lines'],
  ])('a basket that takes only %s does not include ALL', (_name, disease) => {
    const study = withCriteria(
      `Inclusion Criteria:\n* ${disease}\n\nExclusion Criteria:\n* Prior transplant`,
    );
    expect(judge(study)).not.toMatchObject({ tier: 'includes' });
    expect(judge({ ...study, briefTitle: `Drug X in ${disease}`, conditions: [disease] })).toMatchObject({
      kept: false,
      reason: 'other_disease',
    });
  });

  test.each([
    [
      'transplant',
      'Haploidentical Stem Cell Transplant',
      'includes',
      'AML, MDS or acute lymphoblastic leukemia',
    ],
    [
      'graft-versus-host',
      'Graft-versus-host Disease',
      'includes',
      'Transplant for ALL, in second remission, or relapsed ALL',
    ],
    [
      'unnamed transplant',
      'Graft Versus Host Disease',
      'possible',
      'First allogeneic transplant for any malignancy',
    ],
  ])('a %s study that takes ALL is kept', (_name, briefTitle, tier, criterion) => {
    const text = `Inclusion Criteria:\n* ${criterion}`;
    expect(judge({ ...withCriteria(text), briefTitle, conditions: [briefTitle] })).toMatchObject({
      kept: true,
      tier,
    });
  });

  test('lymphoblastic lymphoma alone is kept as specific', () => {
    expect(judge({ ...nothing, conditions: ['T Lymphoblastic Lymphoma'] })).toMatchObject({
      tier: 'specific',
    });
  });

  test('ALL kept out on a condition only, or by a donor, does not cost the study its place', () => {
    const conditional = 'Exclusion Criteria:\n* Acute lymphoblastic leukemia that is not in remission';
    expect(judge(withCriteria(conditional))).toMatchObject({ kept: true, tier: 'possible' });
    const donor =
      'Inclusion Criteria:\n* Any transplant\n\nDonor Exclusion Criteria:\n* Acute lymphoblastic leukemia';
    expect(judge(withCriteria(donor))).toMatchObject({ kept: true, tier: 'possible' });
  });

  test('a basket without a name is possible, a study of something else is not', () => {
    expect(judge({ ...nothing, conditions: ['Acute Leukemia'] })).toMatchObject({ tier: 'possible' });
    expect(
      judge({ ...nothing, conditions: ['Leukemia'], briefTitle: 'Acute Myeloid Leukemia' }),
    ).toMatchObject({ reason: 'other_disease' });
    expect(judge({ ...nothing, conditions: ['Asthma'] })).toMatchObject({ reason: 'all_not_named' });
  });
});
