import { describe, expect, test } from 'vitest';
import { createFacetFinder } from '../../src/eligibility/find-facets.ts';
import type { StudyText } from '../../src/eligibility/study-sentences.ts';
import { forEachFacetFilter, type FacetFilter } from '../../src/trials/facet-groups.ts';
import { createFitJudges, type AskedFacets } from '../../src/trials/judge-fit.ts';
import type { TrialFit } from '../../src/trials/trial.ts';
import { emptyStudyText } from '../support/study-text.ts';
import { runSteps } from '../../src/trials/run-steps.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

const findFacets = createFacetFinder(pack.facets);
const judgeOf = createFitJudges(pack.facets);
const askFor = (asked: Partial<Record<FacetFilter, readonly string[]>>): AskedFacets => ({
  ...forEachFacetFilter(() => []),
  ...asked,
});
const judgeText = (text: Partial<StudyText>, asked: Parameters<typeof askFor>[0]): TrialFit | null => {
  const whole = { ...emptyStudyText, ...text };
  const { briefTitle, officialTitle } = whole;
  const ageRange = { fromDays: null, beforeDays: null, label: '' };
  const trial = {
    briefTitle,
    officialTitle,
    facets: runSteps(findFacets(whole)),
    minimumAge: null,
    ageRange,
  };
  return judgeOf(trial)(askFor(asked));
};
const including = (...lines: string[]): string => `Inclusion Criteria:\n\n* ${lines.join('\n* ')}`;
const excluding = (...lines: string[]): string => `Exclusion Criteria:\n\n* ${lines.join('\n* ')}`;

test('nothing asked, no verdict', () => {
  expect(judgeText({}, {})).toBeNull();
});

describe('a patient’s facet', () => {
  test.each([
    ['asked for by the text', { criteria: including('T-ALL') }, 't', 'fits'],
    ['one of several that are', { criteria: including('B-ALL or T-ALL') }, 't', 'fits'],
    ['no restriction of that kind', { criteria: including('ECOG 0 to 2') }, 't', 'fits'],
    ['excluded outright', { criteria: excluding('T-ALL') }, 't', 'does_not_fit'],
    ['the wider kind excluded outright', { criteria: excluding('T-ALL') }, 'etp', 'does_not_fit'],
    ['the wider kind asked for', { criteria: including('T-ALL') }, 'etp', 'fits'],
    ['excluded on a condition', { criteria: excluding('T-ALL within 3 months of relapse') }, 't', 'check'],
    ['something else of its kind asked for', { criteria: including('Relapsed MPAL') }, 't', 'check'],
    [
      'the contrary in the title',
      { briefTitle: 'Drug X in T-ALL', criteria: including('T-ALL') },
      'b',
      'does_not_fit',
    ],
    ['the contrary in a criterion only', { criteria: including('T-ALL') }, 'b', 'check'],
    [
      'the contrary in the title and the disease without a lineage in a criterion',
      { briefTitle: 'Drug X in T-ALL', criteria: including('Acute lymphoblastic leukemia') },
      'b',
      'check',
    ],
    [
      'the contrary in the title and the asked one in a criterion',
      { briefTitle: 'Drug X in T-ALL', criteria: including('T-ALL', 'Cohort 2: B-ALL') },
      'b',
      'fits',
    ],
  ])('%s', (_name, text, value, verdict) => {
    expect(judgeText(text, { lineage: [value] })?.verdict).toBe(verdict);
  });

  test('taken in one place and excluded in another is to be checked, with the sentence', () => {
    const criteria = `${including('KMT2A rearranged ALL')}\n\n${excluding('KMT2A rearranged ALL')}`;
    expect(judgeText({ criteria }, { genomic: ['kmt2a'] })).toEqual({
      verdict: 'check',
      reasons: [
        {
          id: 'genomic.kmt2a',
          verdict: 'check',
          detail: expect.any(String) as string,
          sentence: 'KMT2A rearranged ALL',
        },
      ],
    });
  });

  test('excluding Burkitt leukemia says nothing of genes: no exclusion is inferred', () => {
    const criteria = excluding('Burkitt leukemia');
    expect(judgeText({ criteria }, { genomic: ['other_hr', 'kmt2a'] })?.verdict).toBe('fits');
  });
});

describe('what looks like a refusal and is none', () => {
  test.each([
    [{ briefTitle: 'Drug X in B- and T-ALL' }, { lineage: ['b'] }],
    [{ briefTitle: 'Drug X in T- or B-ALL' }, { lineage: ['t'] }],
    [{ briefTitle: 'Ph-positive and -negative ALL' }, { genomic: ['ph_negative'] }],
    [{ briefTitle: 'Ph+/- ALL' }, { genomic: ['ph_positive'] }],
    [{ briefTitle: 'Drug X to Prevent Leukemia Relapse' }, { setting: ['newly_diagnosed'] }],
    [{ briefTitle: 'Drug X in Refractory Acute GVHD' }, { setting: ['newly_diagnosed'] }],
    [{ briefTitle: 'Salvage After Failure of First-Line Therapy' }, { setting: ['relapsed'] }],
    [{ criteria: excluding('Ph+ ALL (unless intolerant of TKI)') }, { genomic: ['ph_positive'] }],
    [
      { criteria: excluding('Ph+ ALL. However, patients who failed two TKIs are eligible.') },
      { genomic: ['ph_positive'] },
    ],
    [
      { criteria: including('Ph+ ALL are excluded, but those who failed two TKIs are eligible') },
      { genomic: ['ph_positive'] },
    ],
    [{ criteria: excluding('KMT2A-rearranged AML') }, { genomic: ['kmt2a'] }],
    [{ criteria: excluding('Ph+ CML in blast crisis') }, { genomic: ['ph_positive'] }],
    [{ criteria: excluding('Myeloid leukemia of Down syndrome') }, { population: ['down_syndrome'] }],
    [{ criteria: excluding('Recurrent infections') }, { setting: ['relapsed'] }],
    [{ criteria: excluding('Untreated hypertension') }, { setting: ['newly_diagnosed'] }],
    [{ criteria: excluding('Life expectancy less than 12 months') }, { population: ['infant'] }],
    [{ criteria: excluding('Prior cardiac transplant') }, { setting: ['post_transplant'] }],
    [{ criteria: excluding('Part A: Down syndrome') }, { population: ['down_syndrome'] }],
  ] as const)('%j, %j', (text, asked) => {
    expect(judgeText(text, asked)?.verdict).not.toBe('does_not_fit');
  });
});

describe('a facet of the study', () => {
  test('named in an intervention fits; unnamed is to be checked and never excluded', () => {
    const asked = { therapy: ['blinatumomab'] };
    expect(judgeText({ interventionNames: ['Blinatumomab'] }, asked)?.verdict).toBe('fits');
    expect(judgeText({ interventionNames: ['Imatinib'] }, asked)?.verdict).toBe('check');
  });
});

test('values are joined with "or", parameters with "and"', () => {
  const text = { criteria: `${including('B-ALL')}\n\n${excluding('Down syndrome', 'T-ALL')}` };
  expect(judgeText(text, { lineage: ['t', 'b'] })?.verdict).toBe('fits');
  const both = judgeText(text, { lineage: ['b'], population: ['down_syndrome'] });
  expect(both?.verdict).toBe('does_not_fit');
  expect(both?.reasons.map(({ id, verdict }) => [id, verdict])).toEqual([
    ['lineage.b', 'fits'],
    ['population.down_syndrome', 'does_not_fit'],
  ]);
});

describe('real records', () => {
  const judge = (nctId: string, asked: Parameters<typeof askFor>[0]): string | undefined =>
    sampleSnapshot.indexed.find(({ trial }) => trial.nctId === nctId)?.judgeFit(askFor(asked))?.verdict;
  test.each<[string, Parameters<typeof askFor>[0], string, string]>([
    ['NCT03914625', { population: ['down_syndrome'] }, 'fits', 'AALL1731 takes children with Down syndrome'],
    ['NCT03959085', { population: ['down_syndrome'] }, 'does_not_fit', 'AALL1732 sends them to AALL1731'],
    ['NCT03739814', { genomic: ['ph_positive'] }, 'does_not_fit', 'A041703 is for Ph-negative ALL'],
    ['NCT03007147', { genomic: ['ph_positive'] }, 'fits', 'AALL1631 is for Ph-positive ALL'],
    [
      'NCT04726241',
      { genomic: ['kmt2a'] },
      'check',
      'PedAL takes KMT2A in a first relapse and not in a second',
    ],
    ['NCT03914625', { population: ['infant'] }, 'does_not_fit', 'its minimum age is 365 days'],
    ['NCT02828358', { population: ['infant'] }, 'fits', 'AALL15P1 is for infants'],
    ['NCT02828358', { genomic: ['kmt2a'] }, 'fits', 'AALL15P1 is for infants with KMT2A'],
    ['NCT04315324', { lineage: ['b'] }, 'does_not_fit', 'OBI-3424 is tried in T-ALL'],
    [
      'NCT02535364',
      { setting: ['newly_diagnosed'] },
      'does_not_fit',
      'JCAR015 is for relapsed or refractory ALL',
    ],
  ])('%s %j is %s: %s', (nctId, asked, verdict) => {
    expect(judge(nctId, asked)).toBe(verdict);
  });
});
