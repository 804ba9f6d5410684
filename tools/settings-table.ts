import { SETTINGS } from '../src/config.ts';

const START = '<!-- settings: made by `npm run settings` -->';
const END = '<!-- end of settings -->';

/** The settings as a Markdown table. */
export function formatSettingsTable(): string {
  const rows = Object.entries(SETTINGS).map(
    ([name, { default: fallback, allowed, meaning }]) =>
      `| \`${name}\` | ${fallback === '' ? 'empty' : `\`${fallback}\``} | ${allowed} | ${meaning} |`,
  );
  return ['| variable | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** Puts the table between its two marks. */
export function replaceSettingsTable(text: string, table: string): string {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start < 0 || end < start) throw new Error('the marks of the settings table are missing');
  return `${text.slice(0, start + START.length)}\n${table}\n${text.slice(end)}`;
}
