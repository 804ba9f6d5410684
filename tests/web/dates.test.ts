import { expect, test } from 'vitest';
import { formatDay, formatPartialDate } from '../../src/web/words/dates.ts';

test.each([
  ['2026', 'en', '2026'],
  ['2026-10', 'en', 'Oct 2026'],
  ['2026-11-22', 'en', 'Nov 22, 2026'],
  ['2026-10', 'es', 'oct 2026'],
] as const)('%s in %s is "%s": a month stays a month', (date, language, words) => {
  expect(formatPartialDate(date, language)).toBe(words);
});

test('a moment is the day that it is at the institution', () => {
  const late = '2026-11-23T03:00:00Z';
  expect(formatDay(late, { language: 'en', timeZone: 'America/Chicago' })).toBe('Nov 22, 2026');
  expect(formatDay(late, { language: 'en', timeZone: 'Europe/Berlin' })).toBe('Nov 23, 2026');
});
