import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ageFitOf,
  ageGroupsOf,
  ageInDays,
  ageRangeLabel,
  askedAgeRange,
  formatAge,
  parseAge,
  parseAgeBound,
  parseAgeRange,
  rangesTouch,
  type Age,
} from '../../src/trials/age.ts';

const limits = (minimumAge: string | null, maximumAge: string | null) => ({
  ageRange: parseAgeRange({ minimumAge, maximumAge }).range,
  maximumAge,
});
const fit = (age: string, minimumAge: string | null, maximumAge: string | null) =>
  ageFitOf(parseAge(age) as Age, limits(minimumAge, maximumAge));

describe('bounds of the registry', () => {
  test.each([
    ['18 Years', 6574.5],
    ['1 Year', 365.25],
    ['6 Months', 182.625],
    ['1 Month', 30.4375],
    ['2 Weeks', 14],
    ['365 Days', 365],
    ['12 Hours', 0.5],
    ['30 Minutes', 30 / 1440],
  ])('%s is %d days', (text, days) => {
    expect(ageInDays(parseAgeBound(text) as Age)).toBeCloseTo(days, 9);
  });

  test.each([null, '', 'N/A', 'n/a'])('%s means no limit', (text) => {
    expect(parseAgeBound(text)).toBeNull();
  });

  test('a maximum of 120 years or more is no limit', () => {
    expect(limits(null, '120 Years').ageRange.beforeDays).toBeNull();
    expect(limits(null, '130 Years').ageRange.beforeDays).toBeNull();
    expect(limits(null, '119 Years').ageRange.beforeDays).toBe(120 * 365.25);
  });

  test('an unreadable bound never hides a trial and is named', () => {
    const { range, unreadable } = parseAgeRange({ minimumAge: 'eighteen', maximumAge: '31 Years' });
    expect(range).toEqual({ fromDays: null, beforeDays: 32 * 365.25 });
    expect(unreadable).toEqual(['minimumAge']);
  });

  test('a minimum above the maximum is no limit on either side', () => {
    const { range, unreadable } = parseAgeRange({ minimumAge: '40 Years', maximumAge: '20 Years' });
    expect(range).toEqual({ fromDays: null, beforeDays: null });
    expect(unreadable).toHaveLength(2);
  });
});

describe('ages of callers', () => {
  test.each([
    ['8', '8y'],
    ['8y', '8y'],
    ['18mo', '18mo'],
    ['6w', '6w'],
    ['30d', '30d'],
    ['0', '0y'],
    ['1.5', '1.5y'],
    ['8 months', '8mo'],
  ])('%s reads as %s', (text, canonical) => {
    expect(formatAge(parseAge(text) as Age)).toBe(canonical);
  });

  test.each(['', '-1', 'abc', '8 parsecs', '1e3', 'NaN', '200', '8y8', '__proto__', '1 constructor'])(
    '%s is no age',
    (text) => {
      expect(parseAge(text)).toBeNull();
    },
  );

  test('reading and writing an age agree', () => {
    const unit = fc.constantFrom('y', 'mo', 'w', 'd');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 120 }), unit, (amount, letter) => {
        const text = `${amount}${letter}`;
        expect(formatAge(parseAge(text) as Age)).toBe(text);
      }),
    );
  });
});

describe('fit', () => {
  test('the minimum is inclusive', () => {
    expect(fit('18', '18 Years', null)).toBe('yes');
    expect(fit('17.99', '18 Years', null)).toBeNull();
  });

  test('a maximum includes its whole last unit, which is the edge: NCT03914625 says 31 Years', () => {
    expect(fit('30', '365 Days', '31 Years')).toBe('yes');
    expect(fit('31', '365 Days', '31 Years')).toBe('edge');
    expect(fit('31.9', '365 Days', '31 Years')).toBe('edge');
    expect(fit('32', '365 Days', '31 Years')).toBeNull();
  });

  test('a fitting age lies in a range that is asked around it', () => {
    const years = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(years, years, years, (age, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const trial = limits(`${low} Years`, `${high} Years`);
        const asked = parseAge(String(age)) as Age;
        const touches = rangesTouch(trial.ageRange, askedAgeRange({ ageMin: asked, ageMax: asked }));
        expect(touches).toBe(age >= low && age <= high);
        expect(ageFitOf(asked, trial) !== null).toBe(touches);
      }),
    );
  });
});

describe('groups', () => {
  test.each([
    [null, null, ['infant', 'child', 'aya', 'adult', 'older_adult']],
    ['18 Years', null, ['aya', 'adult', 'older_adult']],
    ['1 Year', '10 Years', ['child']],
    [null, '1 Year', ['infant', 'child']],
    ['65 Years', null, ['older_adult']],
    ['18 Years', '39 Years', ['aya', 'adult']],
    ['30 Days', '30 Years', ['infant', 'child', 'aya', 'adult']],
  ])('%s to %s is in %j', (minimum, maximum, groups) => {
    expect(ageGroupsOf(limits(minimum, maximum).ageRange)).toEqual(groups);
  });
});

test.each([
  [null, null, 'All ages'],
  ['18 Years', null, '18 years and older'],
  [null, '21 Years', 'Up to 21 years'],
  ['365 Days', '31 Years', '1 to 31 years'],
  ['6 Months', '21 Years', '6 months to 21 years'],
  ['1 Year', '1 Year', '1 to 1 year'],
])('%s to %s reads "%s"', (minimumAge, maximumAge, label) => {
  expect(ageRangeLabel({ minimumAge, maximumAge })).toBe(label);
});
