import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ageInDays, formatAge, parseAge, type Age } from '../../src/trials/age.ts';
import { parseLenientAge } from '../../src/web/lenient-age.ts';

test.each<[string, number, Age['unit']]>([
  ['8', 8, 'year'],
  ['0', 0, 'year'],
  ['1.5', 1.5, 'year'],
  ['1,5', 1.5, 'year'],
  ['17 yrs', 17, 'year'],
  ['17 yrs.', 17, 'year'],
  ['17 YEARS OLD', 17, 'year'],
  ['4-year-old', 4, 'year'],
  ['4 yo', 4, 'year'],
  ['age 34', 34, 'year'],
  ['8 mo', 8, 'month'],
  ['8mo.', 8, 'month'],
  ['8m', 8, 'month'],
  ['8 months', 8, 'month'],
  ['8 months old', 8, 'month'],
  ['8-month-old', 8, 'month'],
  ['  8\u00a0 months ', 8, 'month'],
  ['8 meses', 8, 'month'],
  ['8 meses de edad', 8, 'month'],
  ['1 mes', 1, 'month'],
  ['3 años', 3, 'year'],
  ['3 an\u0303os', 3, 'year'],
  ['3 anos', 3, 'year'],
  ['6 wk', 6, 'week'],
  ['6 semanas', 6, 'week'],
  ['10 días', 10, 'day'],
  ['1 year 3 months', 15, 'month'],
  ['1 yr, 3 mo', 15, 'month'],
  ['1 año y 3 meses', 15, 'month'],
])('%j is an age', (text, amount, unit) => {
  expect(parseLenientAge(text)).toEqual({ amount, unit });
});

test.each([
  '',
  ' ',
  'eight',
  '-3',
  '8 parsecs',
  '8 9',
  '1.2.3',
  '131',
  '999 months 1 day',
  '3 months 1 year',
  '1e3',
  '٣',
  'constructor',
  '8 constructor',
])('%j is no age', (text) => {
  expect(parseLenientAge(text)).toBeNull();
});

test('what callers may write means the same to people', () => {
  const units = ['', 'y', 'yr', 'yrs', 'years', 'mo', 'months', 'w', 'wk', 'weeks', 'd', 'days'];
  fc.assert(
    fc.property(
      fc.nat({ max: 99_999 }),
      fc.constantFrom('', '.5', '.25'),
      fc.constantFrom('', ' '),
      fc.constantFrom(...units),
      (whole, part, blank, unit) => {
        const text = `${whole}${part}${blank}${unit}`;
        expect(parseLenientAge(text)).toEqual(parseAge(text));
      },
    ),
  );
});

test('the one spelling of an age is read as that age', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 130 }),
      fc.constantFrom<Age['unit']>('year', 'month', 'week', 'day'),
      (amount, unit) => {
        expect(parseLenientAge(formatAge({ amount, unit }))).toEqual({ amount, unit });
      },
    ),
  );
});

test('any text is an age of a person or none, and never fails', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40, unit: 'grapheme' }), (text) => {
      const age = parseLenientAge(text);
      expect(age === null ? 0 : ageInDays(age)).toBeLessThanOrEqual(130 * 365.25);
    }),
  );
});

test.each([
  ['18 y/o', { amount: 18, unit: 'year' }],
  ['17½', { amount: 17.5, unit: 'year' }],
  ['1 ½ years', { amount: 1.5, unit: 'year' }],
  ['newborn', { amount: 0, unit: 'year' }],
  ['Recién nacido', { amount: 0, unit: 'year' }],
])('reads "%s", as people write it', (text, age) => {
  expect(parseLenientAge(text)).toEqual(age);
});
