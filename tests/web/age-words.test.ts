import { expect, test } from 'vitest';
import { ageRangeLabel } from '../../src/trials/age.ts';
import { describeAges } from '../../src/web/age-words.ts';
import { WORDS } from '../../src/web/words/words.ts';

test.each([
  [null, null, 'All ages'],
  ['1 Year', '31 Years', '1 to 31 years'],
  ['365 Days', '31 Years', '1 to 31 years'],
  ['6 Months', '21 Years', '6 months to 21 years'],
  ['18 Years', null, '18 years and older'],
  [null, '1 Year', 'Up to 1 year'],
])('%s to %s is "%s"', (minimumAge, maximumAge, words) => {
  expect(describeAges({ minimumAge, maximumAge }, { words: WORDS.en, language: 'en' })).toBe(words);
});

test('pages and data say the same of ages, whatever the bounds', () => {
  const bounds = [
    null,
    'N/A',
    '0 Years',
    '1 Day',
    '365 Days',
    '6 Months',
    '12 Months',
    '1 Year',
    '31 Years',
    '120 Years',
    '?',
  ];
  for (const minimumAge of bounds)
    for (const maximumAge of bounds)
      expect(describeAges({ minimumAge, maximumAge }, { words: WORDS.en, language: 'en' })).toBe(
        ageRangeLabel({ minimumAge, maximumAge }),
      );
});
