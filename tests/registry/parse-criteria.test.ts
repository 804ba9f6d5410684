import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCriteria, splitCriteria } from '../../src/registry/parse-criteria.ts';

import { sampleSnapshot, sampleTrial } from '../support/sample.ts';

interface Nested {
  readonly text: string;
  readonly items: readonly Nested[];
}
const flatten = (items: readonly Nested[]): string =>
  items.map((item) => item.text + flatten(item.items)).join('');
const squeeze = (text: string): string => text.replace(/\s+/g, '');
const withoutBullets = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimStart().replace(/^(?:[*•·▪◦‣–—-]|\+)(?=\s|$)\s*/, ''))
    .join('');
const treeText = (text: string): string =>
  squeeze(
    parseCriteria(text)
      .sections.map((section) => (section.heading ?? '') + flatten(section.items))
      .join(''),
  );

describe('nothing is lost', () => {
  test.each(sampleSnapshot.trials.map(({ nctId, eligibilityCriteria }) => [nctId, eligibilityCriteria.text]))(
    '%s',
    (_nctId, text) => {
      expect(treeText(text)).toBe(squeeze(withoutBullets(text)));
    },
  );

  test('in made-up text', () => {
    const line = fc.constantFrom(
      'Inclusion Criteria:',
      '* Exclusion Criteria',
      'Donor Inclusion Criteria: Age > 18',
      '  * nested',
      '1. numbered',
      'continued here',
      '',
      'Patients who meet all inclusion criteria',
      '- ',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const text = lines.join('\n');
        expect(treeText(text)).toBe(squeeze(withoutBullets(text)));
      }),
    );
  });
});

describe('sections', () => {
  test('plain headings only choose the list: NCT05521087', () => {
    const { inclusion, exclusion, other } = sampleTrial('NCT05521087').eligibilityCriteria;
    expect(inclusion[0]?.text).toMatch(/^Acute leukemia harboring/);
    expect(exclusion[0]?.text).toMatch(/^Received an allogeneic/);
    expect(other).toEqual([]);
  });

  test.each([
    ['INCLUSION CRITERIA -', 'inclusion'],
    ['Key Exclusion Criteria :', 'exclusion'],
    ['* Inclusion Criteria', 'inclusion'],
    ['Non inclusion Criteria:', 'exclusion'],
    ['Criteria for exclusion:', 'exclusion'],
    ['Inclusion Criteria(Screening):', 'inclusion'],
    ['Exclusion Criteria：', 'exclusion'],
    ['Inclusion Criteria for the Treatment Arm:', 'inclusion'],
    ['Eligibility Criteria:', 'other'],
  ])('"%s" is a heading of %s', (heading, kind) => {
    const [section] = parseCriteria(`${heading}\n\n* one`).sections;
    expect(section).toMatchObject({ kind, items: [{ text: 'one' }] });
    expect(section?.heading).not.toBeNull();
  });

  test.each([
    'Patients who meet all inclusion criteria may join',
    'Other protocol-defined inclusion/exclusion criteria apply',
    'Exclusion criteria do not apply to donors',
  ])('"%s" is none', (text) => {
    expect(parseCriteria(text).sections[0]?.heading).toBeNull();
  });

  test('donors speak for themselves', () => {
    const { sections } = parseCriteria(
      'Inclusion Criteria:\n* ALL\n\nDonor Inclusion Criteria:\n* HLA match',
    );
    expect(sections.map(({ group }) => group)).toEqual([null, 'donor']);
    expect(splitCriteria('Donor Inclusion Criteria:\n* HLA match').inclusion).toEqual([
      { text: 'Donor Inclusion Criteria:', items: [{ text: 'HLA match', items: [] }] },
    ]);
  });

  test('text without any heading is other: nobody may take it for inclusion (NCT00898755)', () => {
    const { inclusion, exclusion, other } = sampleTrial('NCT00898755').eligibilityCriteria;
    expect([inclusion, exclusion]).toEqual([[], []]);
    expect(other[0]?.text).toBe('DISEASE CHARACTERISTICS:');
  });
});

describe('items', () => {
  test('nest by indentation and keep their numbers', () => {
    expect(splitCriteria('Inclusion Criteria:\n1. one\n   * one a\n   * one b\n2. two').inclusion).toEqual([
      {
        text: '1. one',
        items: [
          { text: 'one a', items: [] },
          { text: 'one b', items: [] },
        ],
      },
      { text: '2. two', items: [] },
    ]);
  });

  test('know where their words stand in the text', () => {
    const { text } = sampleTrial('NCT05521087').eligibilityCriteria;
    const placed = parseCriteria(text).sections.flatMap(({ items }) => items);
    expect(placed.length).toBeGreaterThan(5);
    for (const { start, end, text: words } of placed)
      expect(squeeze(text.slice(start, end))).toContain(squeeze(words));
  });

  test('a megabyte of bullets is read', () => {
    expect(splitCriteria('* x\n'.repeat(250_000)).other).toHaveLength(250_000);
  });

  test('ten thousand levels neither fail nor nest deeper than twenty', () => {
    const text = Array.from({ length: 10_000 }, (_, depth) => `${' '.repeat(depth)}* x`).join('\n');
    const depthOf = (items: readonly Nested[]): number =>
      items.length === 0 ? 0 : 1 + Math.max(...items.map((item) => depthOf(item.items)));
    expect(depthOf(splitCriteria(text).other)).toBeLessThanOrEqual(20);
  });
});
