import { expect, test, vi } from 'vitest';
import { formatAgeWords } from '../../src/web/age-words.ts';
import { formatDay, formatPartialDate } from '../../src/web/words/dates.ts';
import type { Language } from '../../src/web/words/words.ts';

const MOMENT = '2026-11-24T03:00:00Z';
const write = (language: Language, timeZone: string): string[] => [
  formatDay(MOMENT, { language, timeZone }),
  formatPartialDate('2026-11', language),
  formatPartialDate('2026-11-24', language),
  formatAgeWords({ amount: 8, unit: 'month' }, language),
  formatAgeWords({ amount: 8, unit: 'year' }, language),
];

test('formats are made once, each for its language, its place and its way to write', () => {
  const first = (['en', 'es'] as const).flatMap((language) => [
    write(language, 'UTC'),
    write(language, 'America/Chicago'),
  ]);
  expect(first.map((texts) => texts.join(', '))).toEqual([
    'Nov 24, 2026, Nov 2026, Nov 24, 2026, 8 months, 8 years',
    'Nov 23, 2026, Nov 2026, Nov 24, 2026, 8 months, 8 years',
    '24 nov 2026, nov 2026, 24 nov 2026, 8 meses, 8 años',
    '23 nov 2026, nov 2026, 24 nov 2026, 8 meses, 8 años',
  ]);
  const made = [vi.spyOn(Intl, 'DateTimeFormat'), vi.spyOn(Intl, 'NumberFormat')];
  write('en', 'UTC');
  write('es', 'America/Chicago');
  expect(made.map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  for (const spy of made) spy.mockRestore();
});
