import { AGE_GROUP, AGE_GROUPS, type AgeFit, type AgeGroup } from './vocabulary.ts';

/** Days in each unit (contract 5.1); a year is 365.25 days, so twelve months are exactly one year. */
export const DAYS_PER_UNIT = {
  year: 365.25,
  month: 30.4375,
  week: 7,
  day: 1,
  hour: 1 / 24,
  minute: 1 / 1440,
} as const;
export type AgeUnit = keyof typeof DAYS_PER_UNIT;

/** An amount of one unit, for example 18 months. */
export interface Age {
  readonly amount: number;
  readonly unit: AgeUnit;
}

/** A half-open range of ages in days; `null` means no limit on that side. */
export interface AgeRange {
  readonly fromDays: number | null;
  readonly beforeDays: number | null;
}

/** From this many years on, a maximum is a way to say "no maximum" (a real record says 130 Years). */
const NO_LIMIT_FROM_YEARS = 120;

export function ageInDays(age: Age): number {
  return age.amount * DAYS_PER_UNIT[age.unit];
}

/** First moment that is no longer within the whole last unit: `31 Years` ends where 32 begins. */
function endOfUnitInDays(age: Age): number {
  return (age.amount + 1) * DAYS_PER_UNIT[age.unit];
}

const REGISTRY_AGE = /^(\d{1,6}(?:\.\d{1,6})?) *(year|month|week|day|hour|minute)s?$/i;

/**
 * Reads a bound as the registry writes it (`18 Years`, `1 Month`).
 * @returns the age, `null` for no limit (absent or `N/A`), or `unreadable`
 */
export function parseAgeBound(text: string | null): Age | null | 'unreadable' {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || /^(?:n\/a|none)$/i.test(trimmed)) return null;
  const [, amount, unit] = REGISTRY_AGE.exec(trimmed) ?? [];
  if (amount === undefined || unit === undefined) return 'unreadable';
  return { amount: Number(amount), unit: unit.toLowerCase() as AgeUnit };
}

/**
 * The range between two bounds as the registry writes them: the minimum is inclusive, the maximum includes its
 * whole last unit. An unreadable bound, or a minimum above the maximum, is no limit and named in `unreadable`,
 * so that it never hides a trial.
 */
export function parseAgeRange(bounds: { minimumAge: string | null; maximumAge: string | null }): {
  range: AgeRange;
  maximum: Age | null;
  unreadable: ('minimumAge' | 'maximumAge')[];
} {
  const minimum = parseAgeBound(bounds.minimumAge);
  const parsedMaximum = parseAgeBound(bounds.maximumAge);
  const unreadable: ('minimumAge' | 'maximumAge')[] = [];
  if (minimum === 'unreadable') unreadable.push('minimumAge');
  if (parsedMaximum === 'unreadable') unreadable.push('maximumAge');
  const maximum = parsedMaximum === 'unreadable' || isNoMaximum(parsedMaximum) ? null : parsedMaximum;
  const range = {
    fromDays:
      minimum === null || minimum === 'unreadable' || minimum.amount === 0 ? null : ageInDays(minimum),
    beforeDays: maximum === null ? null : endOfUnitInDays(maximum),
  };
  if (range.fromDays !== null && range.beforeDays !== null && range.fromDays >= range.beforeDays) {
    return {
      range: { fromDays: null, beforeDays: null },
      maximum: null,
      unreadable: ['minimumAge', 'maximumAge'],
    };
  }
  return { range, maximum, unreadable };
}

function isNoMaximum(age: Age | null): boolean {
  return age !== null && ageInDays(age) >= NO_LIMIT_FROM_YEARS * DAYS_PER_UNIT.year;
}

/** Whether two half-open ranges share a moment. */
export function rangesTouch(one: AgeRange, other: AgeRange): boolean {
  return (
    (one.fromDays ?? 0) < (other.beforeDays ?? Infinity) &&
    (other.fromDays ?? 0) < (one.beforeDays ?? Infinity)
  );
}

/** The age groups that a range touches, in the order of the vocabulary. */
export function ageGroupsOf(range: AgeRange): AgeGroup[] {
  return AGE_GROUPS.filter((group) => {
    const { fromYears, beforeYears } = AGE_GROUP[group];
    return rangesTouch(range, {
      fromDays: fromYears * DAYS_PER_UNIT.year,
      beforeDays: beforeYears === null ? null : beforeYears * DAYS_PER_UNIT.year,
    });
  });
}

/** Units that a caller may write behind a number; without one the number counts years. */
const CALLER_UNITS: Readonly<Record<string, AgeUnit>> = {
  '': 'year',
  y: 'year',
  yr: 'year',
  yrs: 'year',
  year: 'year',
  years: 'year',
  mo: 'month',
  mos: 'month',
  month: 'month',
  months: 'month',
  w: 'week',
  wk: 'week',
  week: 'week',
  weeks: 'week',
  d: 'day',
  day: 'day',
  days: 'day',
};
const CALLER_AGE = /^(\d{1,5}(?:\.\d{1,4})?) ?([a-z]{0,6})$/i;
/** Nobody is older; a larger number is a slip of the hand, not an age. */
const OLDEST_YEARS = 130;

/**
 * Reads an age as callers write it: `8`, `8y`, `18mo`, `6w`, `30d`, `0`, decimals allowed.
 * @returns `null` when it is no age of a person
 */
export function parseAge(text: string): Age | null {
  const [, amount, unitText] = CALLER_AGE.exec(text.trim()) ?? [];
  if (amount === undefined || unitText === undefined) return null;
  const word = unitText.toLowerCase();
  const unit = Object.hasOwn(CALLER_UNITS, word) ? CALLER_UNITS[word] : undefined;
  if (unit === undefined) return null;
  const age = { amount: Number(amount), unit };
  return ageInDays(age) > OLDEST_YEARS * DAYS_PER_UNIT.year ? null : age;
}

const UNIT_LETTERS: Readonly<Record<AgeUnit, string>> = {
  year: 'y',
  month: 'mo',
  week: 'w',
  day: 'd',
  hour: 'h',
  minute: 'min',
};

/** The one spelling of an age in answers: `8y`, `18mo`. */
export function formatAge(age: Age): string {
  return `${age.amount}${UNIT_LETTERS[age.unit]}`;
}

/** Whether a person of this age is in a range. */
export function isInAgeRange(age: Age, { fromDays, beforeDays }: AgeRange): boolean {
  const days = ageInDays(age);
  return days >= (fromDays ?? 0) && days < (beforeDays ?? Infinity);
}

/** What the age rules need to know of a trial. */
export interface AgeLimits {
  readonly ageRange: AgeRange;
  readonly maximumAge: string | null;
}

/**
 * Whether a person of this age is in the trial's range: `yes`, `edge` in the last unit of the maximum (where
 * records and texts disagree: NCT03914625 says 31 Years and means younger than 31), or `null` outside.
 */
export function ageFitOf(age: Age, limits: AgeLimits): AgeFit | null {
  if (!isInAgeRange(age, limits.ageRange)) return null;
  return ageInDays(age) >= findEdgeInDays(limits) ? 'edge' : 'yes';
}

/** Every list asks it of every trial. */
const edgesInDays = new WeakMap<AgeLimits, number>();

/** Where the last unit of the maximum begins; infinity where there is none. */
export function findEdgeInDays(limits: AgeLimits): number {
  const known = edgesInDays.get(limits);
  if (known !== undefined) return known;
  const maximum = limits.ageRange.beforeDays === null ? null : parseAgeBound(limits.maximumAge);
  const edge = maximum === null || maximum === 'unreadable' ? Infinity : ageInDays(maximum);
  edgesInDays.set(limits, edge);
  return edge;
}

/** The ages between two that a caller asks for; a whole number as the upper end means its whole unit. */
export function askedAgeRange(ends: { ageMin: Age | null; ageMax: Age | null }): AgeRange {
  const { ageMin, ageMax } = ends;
  return { fromDays: ageMin && ageInDays(ageMin), beforeDays: ageMax && endOfAskedInDays(ageMax) };
}

function endOfAskedInDays(age: Age): number {
  // A decimal names a moment; the smallest step keeps that moment inside the half-open range.
  return Number.isInteger(age.amount) ? endOfUnitInDays(age) : ageInDays(age) + Number.EPSILON * 1e5;
}

/** The range in words: `1 to 31 years`, `6 months to 21 years`, `18 years and older`, `All ages`. */
export function ageRangeLabel(bounds: { minimumAge: string | null; maximumAge: string | null }): string {
  const { range, maximum } = parseAgeRange(bounds);
  const minimum = range.fromDays === null ? null : (parseAgeBound(bounds.minimumAge) as Age);
  if (minimum === null && maximum === null) return 'All ages';
  if (minimum === null) return `Up to ${inWords(maximum as Age)}`;
  if (maximum === null) return `${inWords(minimum)} and older`;
  const [from, to] = [inRoundUnits(minimum), inRoundUnits(maximum)];
  return from.unit === to.unit ? `${from.amount} to ${inWords(to)}` : `${inWords(from)} to ${inWords(to)}`;
}

/** `365 Days` (NCT03914625) is how some records say one year. */
function inRoundUnits(age: Age): Age {
  if (age.unit === 'day' && age.amount % 365 === 0 && age.amount > 0)
    return { amount: age.amount / 365, unit: 'year' };
  if (age.unit === 'month' && age.amount % 12 === 0 && age.amount > 0)
    return { amount: age.amount / 12, unit: 'year' };
  return age;
}

function inWords(age: Age): string {
  const { amount, unit } = inRoundUnits(age);
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
