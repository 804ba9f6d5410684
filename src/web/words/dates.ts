import { dateFormatOf } from './formats.ts';
import type { Language } from './words.ts';

/** A date as the registry gives it, in words and never more exact than it is: `Oct 2026`, `22 Nov 2026`. */
export function formatPartialDate(date: string, language: Language): string {
  const [year, month, day] = date.split('-');
  if (month === undefined) return String(year);
  const moment = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1)));
  return dateFormatOf(localeOf(language), {
    year: 'numeric',
    month: 'short',
    ...(day !== undefined && ({ day: 'numeric' } as const)),
    timeZone: 'UTC',
  }).format(moment);
}

/** The day of a moment where the institution is. */
export function formatDay(
  moment: string,
  { language, timeZone }: { language: Language; timeZone: string },
): string {
  return dateFormatOf(localeOf(language), { dateStyle: 'medium', timeZone }).format(new Date(moment));
}

/** Both languages as they are written in the United States. */
function localeOf(language: Language): string {
  return `${language}-US`;
}
