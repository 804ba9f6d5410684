import { parseAgeBound, parseAgeRange, type Age } from '../trials/age.ts';
import { numberFormatOf } from './words/formats.ts';
import { fill, type Language, type Words } from './words/words.ts';

/** The registry's bounds of a trial. */
export interface AgeBounds {
  readonly minimumAge: string | null;
  readonly maximumAge: string | null;
}

/** The ages of a trial in words of a language: `1 to 31 years`, `Up to 21 years`. */
export function describeAges(
  bounds: AgeBounds,
  { words, language }: { words: Words; language: Language },
): string {
  const { range, maximum } = parseAgeRange(bounds);
  const minimum = range.fromDays === null ? null : (parseAgeBound(bounds.minimumAge) as Age);
  if (minimum === null && maximum === null) return words.ages.all;
  if (minimum === null) return fill(words.ages.upTo, { to: formatAgeWords(maximum as Age, language) });
  if (maximum === null) return fill(words.ages.from, { from: formatAgeWords(minimum, language) });
  const [from, to] = [roundUnit(minimum), roundUnit(maximum)];
  const number = numberFormatOf(language, {});
  return fill(words.ages.between, {
    from: from.unit === to.unit ? number.format(from.amount) : formatAgeWords(from, language),
    to: formatAgeWords(to, language),
  });
}

/** An age in words of a language: `8 months`. */
export function formatAgeWords(age: Age, language: Language): string {
  const { amount, unit } = roundUnit(age);
  return numberFormatOf(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}

/** `365 Days` (NCT03914625) and `12 Months` are how some records say one year. */
function roundUnit(age: Age): Age {
  const perYear = age.unit === 'day' ? 365 : age.unit === 'month' ? 12 : 0;
  const isWholeYears = perYear > 0 && age.amount > 0 && age.amount % perYear === 0;
  return isWholeYears ? { amount: age.amount / perYear, unit: 'year' } : age;
}
