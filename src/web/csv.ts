/** A table as RFC 4180 writes it, with what spreadsheets would take for a formula marked as text. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

/**
 * A spreadsheet runs a cell that begins so, also behind spaces or a quote of its own, and some take the wide signs of
 * East Asian keyboards for the same (OWASP, "CSV injection"): what a sponsor writes into a title must not run on a
 * hospital's machine.
 */
const RUNS = /^\s*[=+\-@\t\r＝＋－＠]/;

function writeCell(text: string): string {
  const safe = RUNS.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
