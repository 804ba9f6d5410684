import { expect, test } from 'vitest';
import { isPartialDate, monthsBetween } from '../../src/trials/partial-date.ts';

test.each(['2024', '2024-03', '2024-02-29', '2023-02-28', '2024-01-31', '1900-01', '2099-01-01'])(
  '%s is a date',
  (text) => {
    expect(isPartialDate(text)).toBe(true);
  },
);

test.each([
  '2023-02-29',
  '2024-04-31',
  '2024-03-00',
  '2024-13',
  '2024-00',
  '2024-03-32',
  '24-03',
  '2024-3',
  'soon',
  '',
])('%s is none', (text) => {
  expect(isPartialDate(text)).toBe(false);
});

test('months are counted by the calendar, and a bare year is its December', () => {
  expect(monthsBetween('2024-03', '2025-09-30')).toBe(18);
  expect(monthsBetween('2024', '2025-06')).toBe(6);
});
