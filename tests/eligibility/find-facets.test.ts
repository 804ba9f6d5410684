import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createFacetFinder } from '../../src/eligibility/find-facets.ts';
import type { StudyText } from '../../src/eligibility/study-sentences.ts';
import { runSteps } from '../../src/trials/run-steps.ts';
import fc from 'fast-check';
import { emptyStudyText } from '../support/study-text.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

const findInSteps = createFacetFinder(pack.facets);
const findFacets = (text: StudyText) => runSteps(findInSteps(text));
const placeIn: Readonly<Record<string, (text: string) => Partial<StudyText>>> = {
  T: (briefTitle) => ({ briefTitle }),
  C: (condition) => ({ conditions: [condition] }),
  S: (briefSummary) => ({ briefSummary }),
  I: (text) => ({ criteria: `Inclusion Criteria:\n\n* ${text}` }),
  X: (text) => ({ criteria: `Exclusion Criteria:\n\n* ${text}` }),
  U: (criteria) => ({ criteria }),
};
const read = (section: string, text: string): Record<string, string> =>
  Object.fromEntries(
    findFacets({ ...emptyStudyText, ...placeIn[section]?.(text) }).map(({ id, polarity }) => [id, polarity]),
  );

interface Phrase {
  src: string;
  sec: string;
  text: string;
  expect?: Record<string, string>;
  absent?: string[];
}
const phrases = JSON.parse(await readFile('tests/fixtures/phrases.json', 'utf8')) as Phrase[];

describe('labelled phrases of real records', () => {
  test.each(phrases.map((phrase) => [phrase.src, phrase] as const))('%s', (_source, phrase) => {
    const found = read(phrase.sec, phrase.text);
    for (const [id, polarity] of Object.entries(phrase.expect ?? {}))
      expect([id, found[id]]).toEqual([id, polarity.replace('-', '_')]);
    for (const id of phrase.absent ?? []) expect(found).not.toHaveProperty([id]);
  });
});

describe('rules of polarity (domain 6)', () => {
  test.each([
    ['I', 'No Down syndrome', 'population.down_syndrome', 'excluded'],
    ['X', 'Cancer other than Ph+ ALL', 'genomic.ph_positive', 'mentioned'],
    ['X', 'Prior blinatumomab or Ph+ ALL is permitted', 'genomic.ph_positive', 'mentioned'],
    ['X', 'We will not exclude participants with Down syndrome.', 'population.down_syndrome', 'mentioned'],
    ['I', 'Participants with Down syndrome will not be excluded.', 'population.down_syndrome', 'allowed'],
    ['I', 'ALL with or without KMT2A rearrangement', 'genomic.kmt2a', 'allowed'],
    ['I', 'Regardless of Philadelphia chromosome-positive status', 'genomic.ph_positive', 'allowed'],
    ['X', 'Isolated testicular relapse', 'setting.relapsed', 'excluded_if'],
    ['X', 'Active CNS disease', 'setting.cns', 'excluded_if'],
    ['X', 'Down syndrome and T-ALL', 'lineage.t', 'excluded_if'],
    ['X', 'Down syndrome or T-ALL', 'lineage.t', 'excluded'],
    ['X', 'Ph+ ALL unless TKI is not available', 'genomic.ph_positive', 'excluded_if'],
    ['I', 'B-ALL (Ph+ patients are not eligible)', 'genomic.ph_positive', 'excluded'],
    ['X', 'Patients must not have T-ALL', 'lineage.t', 'excluded'],
    ['X', 'Patients without T-ALL', 'lineage.t', 'mentioned'],
    ['I', 'No prior therapy for newly diagnosed B-ALL', 'setting.newly_diagnosed', 'required'],
    ['I', 'Including but not limited to Ph-like ALL', 'genomic.ph_like', 'required'],
    ['I', 'Patients with MPAL\u2011type leukemia, e.g. MPAL, are not eligible', 'lineage.mpal', 'excluded'],
  ])('%s "%s" is %s %s', (section, text, id, polarity) => {
    expect(read(section, text)[id]).toBe(polarity);
  });

  test('a criterion speaks for those below it', () => {
    const criteria =
      'Inclusion Criteria:\n\n* B-ALL\n* The following patients are not eligible:\n\n  * Down syndrome\n  * T-ALL';
    const found = findFacets({ ...emptyStudyText, criteria });
    expect(found.map(({ id, polarity }) => `${id} ${polarity}`)).toEqual(
      expect.arrayContaining([
        'population.down_syndrome excluded',
        'lineage.t excluded',
        'lineage.b required',
      ]),
    );
  });

  test('an exclusion that goes on below itself is conditional', () => {
    const criteria = 'Exclusion Criteria:\n\n* Ph+ ALL and any of:\n\n  * creatinine above 2\n  * prior TKI';
    expect(
      findFacets({ ...emptyStudyText, criteria }).find(({ id }) => id === 'genomic.ph_positive')?.polarity,
    ).toBe('excluded_if');
  });

  test('donors, controls and parents never speak for the patient', () => {
    const criteria =
      'Inclusion Criteria:\n\n* B-ALL\n\nDonor Exclusion Criteria:\n\n* Down syndrome\n\nControl Group Inclusion Criteria:\n\n* T-ALL';
    expect(findFacets({ ...emptyStudyText, criteria }).map(({ id }) => id)).toEqual(
      expect.not.arrayContaining(['population.down_syndrome', 'lineage.t']),
    );
  });

  test('what one cohort excludes, another may take', () => {
    const criteria = 'Cohort A Exclusion Criteria:\n\n* Down syndrome';
    const [facet] = findFacets({ ...emptyStudyText, criteria });
    expect(facet).toMatchObject({
      polarity: 'excluded_if',
      evidence: [{ group: 'Cohort A Exclusion Criteria' }],
    });
  });

  test('acronyms are matched with case: trap 43', () => {
    expect(read('I', 'post-allogeneic transplant; peanut-allergic; Ph-positive')).not.toHaveProperty([
      'lineage.t',
    ]);
    expect(read('I', 'Ph-positive ALL')).not.toHaveProperty(['genomic.ph_negative']);
  });

  test('the scope of a facet holds: therapy only from titles and interventions, setting never from the summary', () => {
    expect(read('I', 'Prior blinatumomab is required')).not.toHaveProperty(['therapy.blinatumomab']);
    expect(read('S', 'In relapsed patients the outlook is poor')).not.toHaveProperty(['setting.relapsed']);
    const named = findFacets({ ...emptyStudyText, interventionOtherNames: ['Blincyto'] });
    expect(named).toMatchObject([
      { id: 'therapy.blinatumomab', evidence: [{ field: 'InterventionOtherName' }] },
    ]);
  });
});

describe('evidence', () => {
  test.each(sampleSnapshot.trials.map((trial) => [trial.nctId, trial] as const))(
    '%s: every sentence stands where it is said to stand',
    (_nctId, trial) => {
      const texts: Readonly<Record<string, string | null>> = {
        BriefTitle: trial.briefTitle,
        OfficialTitle: trial.officialTitle,
        Acronym: trial.acronym,
        BriefSummary: trial.briefSummary,
        EligibilityCriteria: trial.eligibilityCriteria.text,
      };
      for (const { evidence } of trial.facets)
        for (const { field, sentence, start, end } of evidence) {
          // A condition or a name is a field of its own, whole.
          const text = texts[field] ?? sentence;
          expect(text.slice(start, end)).toBe(sentence);
        }
    },
  );

  test('any text is read without an error, and every sentence is of the text', () => {
    const words = fc.constantFrom(
      'no',
      'not',
      'without',
      'Ph+',
      'T-ALL',
      'Down syndrome',
      '(',
      ')',
      'or',
      'except',
      ';',
      '.',
      ':',
      '\n',
      '* ',
      'Exclusion Criteria:',
      'Inclusion Criteria',
      'are not eligible',
      'with or without',
      '\u2028',
      '\ud800',
      '  ',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const criteria = parts.join(' ');
        for (const { evidence } of findFacets({ ...emptyStudyText, criteria }))
          for (const { sentence, start, end } of evidence) expect(criteria.slice(start, end)).toBe(sentence);
      }),
    );
  });
});

describe('limits', () => {
  test('a sentence is never cut inside a character', () => {
    for (const { evidence } of findFacets({
      ...emptyStudyText,
      criteria: `Ph+ -a${'\u{1f600}'.repeat(3_000)}`,
    }))
      for (const { sentence } of evidence) expect(sentence.isWellFormed()).toBe(true);
  });

  test('a facet has at most fifty sentences of one polarity', () => {
    const criteria = `Exclusion Criteria:\n\n${'* T-ALL\n'.repeat(500)}`;
    const found = findFacets({ ...emptyStudyText, criteria }).find(({ id }) => id === 'lineage.t');
    expect(found?.evidence).toHaveLength(50);
  });
});

describe('time', () => {
  // Well-behaved code needs a fraction of this; a pattern that runs back and forth needs minutes.
  const HOSTILE_MS = 5_000;
  test.each([
    ['parentheses', '('.repeat(50_000)],
    ['nested parentheses', `${'(Ph+ '.repeat(2_000)}${')'.repeat(2_000)}`],
    [
      'names deep in parentheses',
      `${'('.repeat(600)}${'cd7 Ph+ '.repeat(99)}${')'.repeat(600)}\n\n* `.repeat(10),
    ],
    ['negations', 'no not without except '.repeat(5_000)],
    ['names', 'Ph+ T-ALL Down syndrome '.repeat(2_000)],
    ['spaces', `acute${' '.repeat(100_000)}lymphoblastic`],
    ['letters', `acute ${'b-'.repeat(50_000)}`],
    ['one long line', 'lymphoblastic leukemia in patients who '.repeat(2_000)],
    ['lines', '* Ph+ ALL, not eligible\n'.repeat(3_000)],
  ])('%s', { timeout: 60_000 }, (_name, hostile) => {
    const began = performance.now();
    findFacets({ ...emptyStudyText, criteria: `Exclusion Criteria:\n\n* ${hostile}`, briefSummary: hostile });
    expect(performance.now() - began).toBeLessThan(HOSTILE_MS);
  });
});
