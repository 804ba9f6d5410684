/** The preferred form of an HTTP date, and the older of the two that a recipient must still accept. */
const DATE_WITH_ZONE =
  /^[A-Z][a-z]{2,8}, \d{2}(?: [A-Z][a-z]{2} \d{4}|-[A-Z][a-z]{2}-\d{2}) \d{2}:\d{2}:\d{2} GMT$/;
/** The other form names no zone and means UTC; `Date.parse` would take it for local time. */
const DATE_WITHOUT_ZONE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110, sections 10.2.3 and 5.6.7). Other
 * ways to write a date are not read, because what they mean would depend on the zone of the machine.
 * @returns `null` when absent or unreadable; a date in the past is 0
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const dateMs = parseHttpDate(value);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

function parseHttpDate(value: string): number {
  if (DATE_WITH_ZONE.test(value)) return Date.parse(value);
  return DATE_WITHOUT_ZONE.test(value) ? Date.parse(`${value} GMT`) : Number.NaN;
}
