import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCriteria, splitCriteria, type PlacedCriterion } from '../../src/eligibility/parse-criteria.ts';
import { plainText } from '../../src/registry/plain-text.ts';
import { outlines, type Outline } from '../fixtures/criteria/outlines.ts';
import { sampleSnapshot } from '../support/sample.ts';

interface Nested {
  readonly text: string;
  readonly items: readonly Nested[];
}

/** White space and every sign that may be a bullet: what a tree need not keep. */
const NEED_NOT_STAY = /[\s*+•▪▫◦‣●○■□◆➢➤✓✔·–—-]/g;

const readPlainText = (nctId: string): string =>
  plainText(readFileSync(new URL(`../fixtures/criteria/${nctId}.txt`, import.meta.url), 'utf8'));
const wordsOf = (items: readonly Nested[]): string =>
  items.map((item) => item.text + wordsOf(item.items)).join('');
const flatten = (items: readonly PlacedCriterion[]): PlacedCriterion[] =>
  items.flatMap((item) => [item, ...flatten(item.items)]);
const leaf = (text: string): Nested => ({ text, items: [] });

/** The tree says what the text says, in its order. */
function expectNothingLost(text: string): void {
  const words = parseCriteria(text).sections.map(({ heading, items }) => (heading ?? '') + wordsOf(items));
  expect(words.join('').replace(NEED_NOT_STAY, '')).toBe(text.replace(NEED_NOT_STAY, ''));
}

/** Every criterion stands where it says, behind the one before it. */
function expectPlaces(text: string): void {
  let last = 0;
  for (const placed of parseCriteria(text).sections.flatMap(({ items }) => flatten(items))) {
    expect(text.slice(placed.start, placed.end).replace(/\s+/g, ' ')).toBe(placed.text);
    expect(placed.start).toBeGreaterThanOrEqual(last);
    last = placed.end;
  }
}

describe('real records', () => {
  const beginning = (text: string | undefined, expected: string | null | undefined): string | null =>
    text?.slice(0, expected?.length ?? 0) ?? null;

  test.each(Object.keys(outlines))('%s', (nctId) => {
    const expected = outlines[nctId] ?? [];
    const found = parseCriteria(readPlainText(nctId)).sections.map(
      ({ kind, group, heading, items }, index): Outline => [
        kind,
        group,
        heading,
        items.length,
        beginning(items[0]?.text, expected[index]?.[4]),
        beginning(items.at(-1)?.text, expected[index]?.[5]),
      ],
    );
    expect(found).toEqual(expected);
  });

  test('nest as they are indented: NCT03914625', () => {
    const { exclusion } = splitCriteria(readPlainText('NCT03914625'));
    expect(exclusion[8]?.text).toBe('For LLy patients, the following additional exclusion criteria apply:');
    expect(exclusion[8]?.items[0]).toEqual(leaf('T-Lymphoblastic Lymphoma.'));
    expect(exclusion[8]?.items).toHaveLength(5);
  });

  test('keep donors apart from patients: NCT05457556', () => {
    const { inclusion, exclusion } = splitCriteria(readPlainText('NCT05457556'));
    expect(inclusion.map(({ text }) => text)).toEqual([
      'PATIENT INCLUSION CRITERIA FOR ENROLLMENT:',
      'PATIENT INCLUSION CRITERIA TO PROCEED TO HCT:',
      'DONOR ELIGIBILITY CRITERIA:',
      'Matched Unrelated Donors:',
      'Haploidentical Matched Family Members:',
    ]);
    expect(exclusion).toHaveLength(2);
  });

  test('name the cohort above both lists: NCT01515527', () => {
    const { inclusion, exclusion, other } = splitCriteria(readPlainText('NCT01515527'));
    expect(inclusion.map(({ text, items }) => [text, items.length])).toEqual([
      ['Cohort 1', 7],
      ['Cohort 2', 7],
    ]);
    expect(exclusion.map(({ text }) => text)).toEqual(['Cohort 1', 'Cohort 2']);
    expect(other).toEqual([]);
  });

  test('without a list are neither inclusion nor exclusion: NCT00898755, NCT03118986', () => {
    const pdq = splitCriteria(readPlainText('NCT00898755'));
    expect([pdq.inclusion, pdq.exclusion, pdq.other.length]).toEqual([[], [], 3]);
    const bare = splitCriteria(readPlainText('NCT03118986'));
    expect([bare.inclusion, bare.exclusion, bare.other.length]).toEqual([[], [], 15]);
  });
});

describe('nothing is lost and everything has its place', () => {
  const line = fc.constantFrom(
    'Inclusion Criteria:',
    '* Exclusion Criteria',
    'Donor Inclusion Criteria: Age > 18',
    'Cohort A:',

    '',
    '',
    '   ',
    '- ',
    '  * nested',
    '    * Exclusion criteria for controls:',
    '\t• Donors:',
    '1. numbered',
    '  (a) lettered',
    '1)glued',
    '* • doubled',
    'continued here',
    '  indented',
    '  \u3000wide',
    'Patients who meet all inclusion criteria',
    'Eligibility Criteria',
    '   Exclusion Criteria',
    'Other inclusion/exclusion criteria may apply',
    'Inclusion Criteria: a Exclusion Criteria: b',
    '* Inclusion criteria for Group 1: relatives',
    'Exclusion Criteria: • one',
  );
  const lines = fc.array(line, { maxLength: 30 }).map((parts) => parts.join('\n'));
  const signs = fc.constantFrom('a', 'B', '1', '.', ')', '(', ':', '*', '-', ' ', '\t', '\n');

  test.each(Object.keys(outlines))('%s', (nctId) => {
    expectNothingLost(readPlainText(nctId));
    expectPlaces(readPlainText(nctId));
  });

  test('in every record of the sample', () => {
    expect(sampleSnapshot.trials.length).toBeGreaterThan(0);
    for (const { eligibilityCriteria } of sampleSnapshot.trials) {
      expectNothingLost(eligibilityCriteria.text);
      expectPlaces(eligibilityCriteria.text);
    }
  });

  test.each([
    ['made-up criteria', lines],
    ['any text', fc.string({ unit: 'grapheme', maxLength: 200 })],
    ['any signs', fc.string({ unit: signs, maxLength: 80 })],
  ])('in %s', (_of, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expectNothingLost(text);
        expectPlaces(text);
      }),
    );
  });

  test('the three lists hold every criterion of the sections', () => {
    fc.assert(
      fc.property(lines, (text) => {
        const { inclusion, exclusion, other } = splitCriteria(text);
        const kept = wordsOf([...inclusion, ...exclusion, ...other]);
        const items = parseCriteria(text).sections.map((section) => wordsOf(section.items));
        for (const words of items) expect(kept).toContain(words);
        expect(kept.length).toBeGreaterThanOrEqual(items.join('').length);
      }),
    );
  });
});

describe('a heading', () => {
  test.each([
    ['Inclusion Criteria:', 'inclusion'],
    ['INCLUSION CRITERIA -', 'inclusion'],
    ['Inclusion criteria', 'inclusion'],
    ['Inclusion Criteriar:', 'inclusion'],
    ['Key Inclusion Criteria :', 'inclusion'],
    ['List of inclusion criteria:', 'inclusion'],
    ['* Inclusion Criteria', 'inclusion'],
    ['1. Inclusion Criteria:', 'inclusion'],
    ['Inclusion:', 'inclusion'],
    ['Inclusion criteria are as follows:', 'inclusion'],
    ['Exclusion Criteria：', 'exclusion'],
    ['• Exclusion Criteria:', 'exclusion'],
    ['Exclusion', 'exclusion'],
    ['Criteria for exclusion:', 'exclusion'],
    ['Patient Exclusion Criteria', 'exclusion'],
    ['Non inclusion Criteria:', 'exclusion'],
    ['Non-Inclusion Criteria:', 'exclusion'],
    ['Ineligibility Criteria:', 'exclusion'],
    ['Eligibility Criteria:', 'other'],
    ['Inclusion/Exclusion Criteria:', 'other'],
    ['Inclusion and Exclusion Criteria', 'other'],
  ] as const)('"%s" only chooses its list, %s', (heading, kind) => {
    const text = `${heading}\n\n* one`;
    expect(parseCriteria(text).sections).toMatchObject([{ kind, group: null, items: [{ text: 'one' }] }]);
    expect(splitCriteria(text)[kind]).toEqual([leaf('one')]);
  });

  test.each([
    ['Donor Inclusion Criteria:', 'inclusion', 'donor'],
    ['Exclusion criteria for donors', 'exclusion', 'donor'],
    ['Control Group Exclusion Criteria', 'exclusion', 'control'],
    ['Key exclusion criteria for healthy controls:', 'exclusion', 'control'],
    ['Inclusion Criteria for Caregivers:', 'inclusion', 'caregiver'],
    ['Parent/Guardian Inclusion Criteria:', 'inclusion', 'parent'],
    ['Inclusion criteria for parents of patients:', 'inclusion', 'parent'],
    ['Inclusion Criteria (siblings):', 'inclusion', 'relative'],
    ['Inclusion criteria for patients and donors:', 'inclusion', null],
    ['Inclusion criteria for the parent study:', 'inclusion', null],
    ['Inclusion Criteria for Donor Lymphocyte Infusion:', 'inclusion', null],
    ['Inclusion criteria specific to Cohort A1:', 'inclusion', 'Inclusion criteria specific to Cohort A1'],
    ['Inclusion Criteria (Phase 2)', 'inclusion', 'Inclusion Criteria (Phase 2)'],
    ['Part 1 additional exclusion criteria:', 'exclusion', 'Part 1 additional exclusion criteria'],
    ['Inclusion Criteria for the Treatment Arm:', 'inclusion', 'Inclusion Criteria for the Treatment Arm'],
    ['Inclusion Criteria(Screening):', 'inclusion', null],
    ['Withdrawal Criteria:', 'other', null],
  ] as const)('"%s" stands above its criteria: %s of %s', (heading, kind, group) => {
    const text = `${heading}\n\n* one`;
    expect(parseCriteria(text).sections).toMatchObject([{ kind, group, heading }]);
    expect(splitCriteria(text)[kind]).toEqual([{ text: heading, items: [leaf('one')] }]);
  });

  test.each([
    ['Cohort A', 'Cohort A'],
    ['Cohort 1:', 'Cohort 1'],
    ['PART B:', 'PART B'],
    ['Part 1 and Part 2 (Cohorts A to C)', 'Part 1 and Part 2 (Cohorts A to C)'],
    ['EBC cohort:', 'EBC cohort'],
    ['Donors:', 'donor'],
    ['Healthy controls:', 'control'],
    ['Maternal:', 'parent'],
    ['Patients:', null],
    ['Ages Eligible for Study:', null],
  ])('"%s" leaves the list as it was', (heading, group) => {
    const text = `Exclusion Criteria:\n\n${heading}\n\n* one\n\nInclusion Criteria:\n\n* two`;
    expect(parseCriteria(text).sections.map((section) => [section.kind, section.group])).toEqual([
      ['exclusion', null],
      ['exclusion', group],
      ['inclusion', null],
    ]);
  });

  test.each([
    'Patients who meet all inclusion criteria',
    'Patients who meet all inclusion criteria:',
    'Exclusion criteria do not apply to donors',
    'Inclusion criteria were met at screening',
    'Patient meets the inclusion criteria for trial entry',
    'Failure to meet the exclusion criteria:',
    'Months since inclusion:',
    'Age at inclusion: 18 years',
    'Group B streptococcus',
    'Phase 2 of the study is open to adults.',
    'Other protocol-defined inclusion/exclusion criteria may apply',
    '* Standard MRI exclusion criteria',
    '* Eligible for inclusion',
  ])('"%s" is none', (text) => {
    const { sections } = parseCriteria(`Exclusion Criteria:\n\n* one\n\n${text}\n\n* two`);
    expect(sections.filter(({ heading }) => heading !== null)).toHaveLength(1);
  });

  test('may have content on its line', () => {
    expect(splitCriteria('Inclusion Criteria: Age > 18\n\nExclusion Criteria: • none')).toEqual({
      inclusion: [leaf('Age > 18')],
      exclusion: [leaf('none')],
      other: [],
    });
    expect(splitCriteria('Inclusion Criteria - Age > 18').inclusion).toEqual([leaf('Age > 18')]);
    expect(splitCriteria('Inclusion Criteria 1. Age > 18').inclusion).toEqual([leaf('1. Age > 18')]);
  });

  test('may stand in the middle of a line, behind a sentence or a list', () => {
    expect(
      splitCriteria('Inclusion Criteria: over 18 years Exclusion Criteria: see Exclusion Criteria: no'),
    ).toEqual({
      inclusion: [leaf('over 18 years')],
      exclusion: [leaf('see Exclusion Criteria: no')],
      other: [],
    });
    expect(splitCriteria('* Adults. Exclusion Criteria: HIV').exclusion).toEqual([leaf('HIV')]);
  });

  test('inside a list speaks of the items below it only', () => {
    const text = 'Inclusion Criteria:\n* one\n* Exclusion criteria for controls:\n  * two\n* three';
    expect(parseCriteria(text).sections).toMatchObject([
      { kind: 'inclusion', items: [{ text: 'one' }] },
      { kind: 'exclusion', group: 'control', items: [{ text: 'two' }] },
      { kind: 'inclusion', group: null, heading: null, items: [{ text: 'three' }] },
    ]);
    expect(splitCriteria(text).inclusion).toEqual([leaf('one'), leaf('three')]);
  });

  test('of a group above a list holds for that list and the next', () => {
    const lists = (name: string): string =>
      `Inclusion Criteria:\n* ${name} one\n\nExclusion Criteria:\n* ${name} two\n\n`;
    const { sections } = parseCriteria(`Donors:\n\n${lists('donor')}Patients:\n\n${lists('patient')}`);
    expect(sections.map(({ kind, group }) => [kind, group])).toEqual([
      ['other', 'donor'],
      ['inclusion', 'donor'],
      ['exclusion', 'donor'],
      ['other', null],
      ['inclusion', null],
      ['exclusion', null],
    ]);
  });
});

describe('text under no heading', () => {
  test('is other', () => {
    expect(splitCriteria('Adults only\n\nInclusion Criteria:\n* one').other).toEqual([leaf('Adults only')]);
    expect(splitCriteria('* Age > 18\n* Consent')).toEqual({
      inclusion: [],
      exclusion: [],
      other: [leaf('Age > 18'), leaf('Consent')],
    });
    expect(splitCriteria(' \n ')).toEqual({ inclusion: [], exclusion: [], other: [] });
  });

  test.each([
    'Other protocol-defined inclusion/exclusion criteria may apply',
    'Note: Other exclusion criteria may apply.',
    'The above is a summary, other inclusion criteria details may apply.',
    'Note: There are additional inclusion and exclusion criteria. The study center will determine if you meet all.',
  ])('such as "%s" interrupts no list', (remark) => {
    const split = splitCriteria(`Donor Exclusion Criteria:\n* one\n* ${remark}\n* two`);
    expect(split.other).toEqual([leaf(remark)]);
    expect(split.exclusion).toEqual([
      { text: 'Donor Exclusion Criteria:', items: [leaf('one'), leaf('two')] },
    ]);
  });

  test('is not a criterion below which further ones "apply" (NCT03914625)', () => {
    const text = 'For LLy patients, the following additional exclusion criteria apply:';
    expect(splitCriteria(`Exclusion Criteria:\n* ${text}`).exclusion).toEqual([leaf(text)]);
  });
});

describe('criteria', () => {
  const underHeading = (lines: string): readonly Nested[] =>
    splitCriteria(`Inclusion Criteria:\n\n${lines}`).inclusion;

  test.each([
    ['* a', 'a'],
    ['- b', 'b'],
    ['• c', 'c'],
    ['•d', 'd'],
    ['* • e', 'e'],
    ['- ✓ f', 'f'],
    ['-Female', 'Female'],
  ])('"%s" loses its bullet', (line, text) => {
    expect(underHeading(`one\n${line}`)).toEqual([leaf('one'), leaf(text)]);
  });

  test.each(['1. g', '2) h', '(3) i', 'a. j', '(b) k', 'iv. l', '5.m', '（6）n'])(
    '"%s" keeps its number',
    (line) => {
      expect(underHeading(`one\n${line}`)).toEqual([leaf('one'), leaf(line)]);
    },
  );

  test.each(['-7 monosomy', '*footnote', '1.5 x ULN', '--OR', '+1'])('"%s" begins with no bullet', (text) => {
    expect(underHeading(text)).toEqual([leaf(text)]);
  });

  test('nest by their indentation', () => {
    expect(underHeading('1. one\n\n   * a\n   * b\n\n     i. x\n\n2. two\n\t- c')).toEqual([
      { text: '1. one', items: [leaf('a'), { text: 'b', items: [leaf('i. x')] }] },
      { text: '2. two', items: [leaf('c')] },
    ]);
  });

  test('go on in the lines below them', () => {
    expect(underHeading('* one\n  and more\n* two\nin lower case\n\nparagraph\n\nparagraph')).toEqual([
      leaf('one and more'),
      leaf('two in lower case'),
      leaf('paragraph'),
      leaf('paragraph'),
    ]);
    const wrapped = 'Patients with newly diagnosed B acute lymphoblastic leukemia or with';
    expect(underHeading(`${wrapped}\nB lymphoblastic lymphoma\nConsent`)).toEqual([
      leaf(`${wrapped} B lymphoblastic lymphoma`),
      leaf('Consent'),
    ]);
  });
});

describe('hostile text', () => {
  test.each([
    '* x\n',
    '* ',
    ' ',
    '\n',
    '\t',
    'a\n',
    '(',
    ':',
    'word ',
    'inclusion ',
    'related ',
    'other inclusion ',

    'Inclusion Criteria:\n',
    'Exclusion Criteria: ',
    '  * Donor Inclusion Criteria: a\n',
    'Cohort 1\n',
    'Part 1 and ',
  ])('of %j is read, and would meet the time limit of a test if it cost more than its length', (unit) => {
    expect(() => splitCriteria(unit.repeat(262_144 / unit.length))).not.toThrow();
  });

  test('of a megabyte is read whole', () => {
    expect(splitCriteria('* x\n'.repeat(250_000)).other).toHaveLength(250_000);
    expect(splitCriteria(' '.repeat(1_000_000)).other).toEqual([]);
    expect(splitCriteria(`* ${'x'.repeat(1_000_000)}`).other[0]?.text).toHaveLength(1_000_000);
  });

  test('nests at most twenty deep and loses nothing', () => {
    const depthOf = (items: readonly Nested[]): number =>
      items.length === 0 ? 0 : 1 + Math.max(...items.map((item) => depthOf(item.items)));
    const steps = Array.from({ length: 3_000 }, (_, depth) => `${' '.repeat(depth)}* x${depth}`).join('\n');
    for (const text of [steps, `Donor Inclusion Criteria:\n${steps}`]) {
      const split = splitCriteria(text);
      expect(depthOf([...split.inclusion, ...split.other])).toBe(20);
      expectNothingLost(text);
    }
  });

  test('of ten thousand levels exhausts no stack', () => {
    const levels = (line: string): string =>
      Array.from({ length: 10_000 }, (_, depth) => ' '.repeat(depth) + line).join('\n');
    expect(wordsOf(splitCriteria(levels('* x')).other)).toHaveLength(10_000);
    expect(parseCriteria(levels('* Exclusion criteria for controls:')).sections).toHaveLength(10_000);
  });
});
