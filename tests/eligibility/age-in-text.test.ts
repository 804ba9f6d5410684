import { describe, expect, test } from 'vitest';
import { findAgeConflict } from '../../src/eligibility/age-in-text.ts';
import { sampleTrial } from '../support/sample.ts';

const conflict = (text: string, minimumAge: string | null, maximumAge: string | null): string | null =>
  findAgeConflict({
    minimumAge,
    maximumAge,
    eligibilityCriteria: {
      text: `Inclusion Criteria:\n\n* ${text}`,
      inclusion: [],
      exclusion: [],
      other: [],
    },
  });

describe('a sentence that contradicts the bounds', () => {
  test.each([
    ['Patients must be less than 22 years of age', null, '22 Years'],
    ['Age 1 to < 31 years', '1 Year', '31 Years'],
    ['Patients must be >= 18 years of age', '12 Years', null],
    ['Aged between 12 and 21 years', '12 Years', '25 Years'],
    ['Age up to 17 years', null, '21 Years'],
    ['Age 18 to < 40 years', '18 Years', '40 Years'],
    ['Aged 18-65', '18 Years', '75 Years'],
    ['Patients must be younger than 1 year of age', null, '2 Years'],
  ])('%s', (text, minimum, maximum) => {
    expect(conflict(text, minimum, maximum)).toBe(text);
  });
});

describe('a sentence that agrees, or speaks of something else', () => {
  test.each([
    ['Patients must be less than 22 years of age', null, '21 Years'],
    ['Age > 365 days and < 31 years', '365 Days', '30 Years'],
    ['Age 18 years or older', '18 Years', null],
    ['Age > 18 years', '18 Years', null],
    ['Age > 18 years', '19 Years', null],
    ['Aged 18-65', '18 Years', '65 Years'],
    ['18-39 years of age', '18 Years', '39 Years'],
    ['Aged 12 months to 21 years', '1 Year', '21 Years'],
    ['Infants must be > 36 weeks gestational age', null, '364 Days'],
    ['Donors must be at least 18 years of age', null, null],
    ['No prior malignancy in the last 5 years, age permitting', '18 Years', null],
    ['Women of childbearing age must use contraception for 2 years', '18 Years', null],
    ['Assent from those aged 7 years or older', null, null],
  ])('%s (%s to %s)', (text, minimum, maximum) => {
    expect(conflict(text, minimum, maximum)).toBeNull();
  });

  test('cohorts of different ages: one that agrees is enough', () => {
    expect(conflict('Age 18 years or older\n* Age 12 years or older', '12 Years', null)).toBeNull();
  });
});

describe('real records', () => {
  test.each([
    ['NCT04726241', 'less than 22 years of age'],
    ['NCT05146739', '<18 years of age'],
    ['NCT03959085', '< 25 years of age'],
  ])('%s states another maximum than its structured one', (nctId, words) => {
    const notice = sampleTrial(nctId).notices.find(({ code }) => code === 'age_text_conflict');
    expect(notice?.detail).toContain(words);
  });

  test('NCT03007147 agrees', () => {
    expect(sampleTrial('NCT03007147').notices.map(({ code }) => code)).not.toContain('age_text_conflict');
  });
});
