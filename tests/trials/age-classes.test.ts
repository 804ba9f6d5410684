import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAgeBounds } from '../../src/trials/age-classes.ts';
import { ageFitOf, parseAge, parseAgeRange, type Age, type AgeLimits } from '../../src/trials/age.ts';
import { sampleSnapshot } from '../support/sample.ts';

/** Lists are kept by the class of an age: where two ages of one class differed, a patient would get another's list. */

const limitsOf = (minimumAge: string | null, maximumAge: string | null): AgeLimits => ({
  ageRange: parseAgeRange({ minimumAge, maximumAge }).range,
  maximumAge,
});
const classifierOf = (trials: readonly AgeLimits[]) => {
  const bounds = createAgeBounds();
  for (const trial of trials) bounds.add(trial);
  return bounds.finish();
};
const read = (text: string): Age => parseAge(text) as Age;

describe('NCT03914625, which takes 365 days to 31 years', () => {
  const ageClassOf = classifierOf([limitsOf('365 Days', '31 Years')]);

  test('tells apart who is too young, fits, is at the edge, and too old', () => {
    const ages = ['0', '364d', '365d', '1y', '30.9y', '31', '31.9y', '32', '99'];
    expect(ages.map((age) => ageClassOf(read(age)))).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 3]);
  });
});

test('where no trial has a bound all ages are one class', () => {
  const ageClassOf = classifierOf([limitsOf(null, null)]);
  expect([ageClassOf(read('0')), ageClassOf(read('99'))]).toEqual([0, 0]);
});

const bound = fc.option(
  fc
    .tuple(fc.integer({ min: 0, max: 140 }), fc.constantFrom('Years', 'Months', 'Weeks', 'Days', 'Hours'))
    .map(([amount, unit]) => `${amount} ${unit}`),
);
const age = fc
  .tuple(fc.integer({ min: 0, max: 1_400 }), fc.constantFrom('d', 'w', 'mo', 'y'))
  .map(([tenths, unit]) => parseAge(`${tenths / 10}${unit}`))
  .filter((one) => one !== null);

test('no trial tells two ages of one class apart', () => {
  const trials = fc.array(
    fc.tuple(bound, bound).map(([from, to]) => limitsOf(from, to)),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(trials, fc.array(age, { minLength: 2, maxLength: 30 }), (all, ages) => {
      const ageClassOf = classifierOf(all);
      const fitsOf = (one: Age): string => JSON.stringify(all.map((trial) => ageFitOf(one, trial)));
      const known = new Map<number, string>();
      for (const one of ages) {
        const ageClass = ageClassOf(one);
        expect(known.get(ageClass) ?? fitsOf(one)).toBe(fitsOf(one));
        known.set(ageClass, fitsOf(one));
      }
    }),
  );
});

test('the sample has far fewer classes than ages in days', () => {
  const classes = new Set<number>();
  const { ageClassOf } = sampleSnapshot.index;
  for (let day = 0; day < 36_500; day++) classes.add(ageClassOf({ amount: day, unit: 'day' }));
  expect(classes.size).toBeGreaterThan(10);
  expect(classes.size).toBeLessThan(60);
});
