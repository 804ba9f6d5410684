/** A date as the registry gives it: a year, a month or a day (`2024`, `2024-03`, `2024-03-15`); never more exact than that. */
export type PartialDate = string;

const PARTIAL_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

const SHORTEST_MONTH_DAYS = 28;

/** Whether this is a year, a month or a day that exists in the calendar. */
export function isPartialDate(text: string): boolean {
  const [, year, month, day] = PARTIAL_DATE.exec(text) ?? [];
  if (year === undefined) return false;
  if (month === undefined) return true;
  if (Number(month) < 1 || Number(month) > 12) return false;
  return day === undefined || isDayOf(Number(day), { year: Number(year), month: Number(month) });
}

function isDayOf(day: number, { year, month }: { year: number; month: number }): boolean {
  if (day < 1) return false;
  return day <= SHORTEST_MONTH_DAYS || day <= daysInMonth(year, month);
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * Whole calendar months from one date to another, days ignored.
 * A bare year counts as its December, so that a vague date never looks older than it may be.
 */
export function monthsBetween(from: PartialDate, to: PartialDate): number {
  return monthNumber(to) - monthNumber(from);
}

function monthNumber(date: PartialDate): number {
  const [year, month] = date.split('-');
  return Number(year) * 12 + Number(month ?? '12');
}
