import { parseAge, type Age, type AgeUnit } from '../trials/age.ts';

/** How people write units, in English and Spanish, without accents; `m` behind a number of age means months. */
const UNITS: Readonly<Record<Exclude<AgeUnit, 'hour' | 'minute'>, readonly string[]>> = {
  year: ['y', 'yo', 'yr', 'yrs', 'year', 'years', 'a', 'ano', 'anos'],
  month: ['m', 'mo', 'mos', 'mon', 'mth', 'mths', 'month', 'months', 'mes', 'meses'],
  week: ['w', 'wk', 'wks', 'week', 'weeks', 'sem', 'semana', 'semanas'],
  day: ['d', 'day', 'days', 'dia', 'dias'],
};
const UNIT_OF = new Map(
  Object.entries(UNITS).flatMap(([unit, names]) => names.map((name) => [name, unit as AgeUnit] as const)),
);
/** What people put around an age that says nothing more: `8 months old`, `8 meses de edad`. */
const AROUND = /^(?:age|aged|edad)[: ]+|[ -](?:old|of age|de edad)$/g;
const NEWBORN = new Set(['newborn', 'recien nacido', 'recien nacida']);
const YEARS_AND_MONTHS = /^(\d{1,3}) ?([a-z]+),? ?(?:and |y )?(\d{1,2}) ?([a-z]+)$/;
const ONE_AMOUNT = /^(\d+(?:\.\d+)?)[ -]?([a-z]*)$/;

/**
 * Reads an age as people type it: all that callers may write (`parseAge`), and units in words of both languages, a
 * comma as decimal sign, `1 year 3 months`.
 * @returns `null` when it is no age of a person
 */
export function parseLenientAge(text: string): Age | null {
  const plain = simplify(text);
  if (NEWBORN.has(plain)) return { amount: 0, unit: 'year' };
  const [, years, yearUnit = '', months, monthUnit = ''] = YEARS_AND_MONTHS.exec(plain) ?? [];
  if (years !== undefined)
    return UNIT_OF.get(yearUnit) === 'year' && UNIT_OF.get(monthUnit) === 'month'
      ? parseAge(`${Number(years) * 12 + Number(months)} months`)
      : null;
  const [, amount, name = ''] = ONE_AMOUNT.exec(plain) ?? [];
  const unit = name === '' ? 'year' : UNIT_OF.get(name);
  return amount === undefined || unit === undefined ? null : parseAge(`${amount} ${unit}`);
}

/** The same without what does not matter: case, accents, kinds of blanks, a full stop behind an abbreviation. */
function simplify(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/(\d)[,·](?=\d)/g, '$1.')
    .replace(/(?<=[a-z])\./g, '')
    .trim()
    .replace(AROUND, '')
    .replace(/y\/o$/, 'y')
    .replace(/(\d) ?½/, '$1.5')
    .trim();
}
