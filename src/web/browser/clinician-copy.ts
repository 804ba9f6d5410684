import { writeCsv } from '../csv.ts';
import type { ClinicianBrowserWords } from '../clinician-words.ts';

/** Taking the list elsewhere: as text for a chart note, as a table, as a link. All from what the page shows. */

/** A cell with the name of its column. */
export interface Cell {
  readonly name: string;
  readonly text: string;
}

/** Cells of a row by the names of their columns. Parts on lines of their own are told apart. */
function readCells(body: HTMLElement): Cell[] {
  return [...body.querySelectorAll<HTMLElement>('[data-label]')].map((cell) => ({
    name: cell.dataset['label'] ?? '',
    text: readText(cell),
  }));
}

/** The text that is shown, whether or not its row is unfolded; what is hidden is left out. */
export function readText(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll('[hidden], svg, .visually-hidden')) hidden.remove();
  for (const line of copy.querySelectorAll('li, p, .pill, .verdict, .hint, .number')) line.append('; ');
  const text = copy.textContent.replace(/\s+/g, ' ');
  return text
    .split(';')
    .map((part) => part.trim().replace(/^, /, ''))
    .filter((part) => part !== '')
    .join('; ');
}

/**
 * A trial as lines of text, with what the text says to the question, how current it is and where it comes from: who
 * reads a note does not see that the list was a sample.
 */
export function writeNote(body: HTMLElement, origin: readonly Cell[]): string {
  const reasons = body.querySelector<HTMLElement>('[data-reasons]:not([hidden])');
  const lines = [...(reasons?.querySelectorAll('li') ?? [])].map((line) => `- ${oneLine(line.textContent)}`);
  const checked = body.querySelector<HTMLElement>('.checked');
  const link = checked?.querySelector('a')?.href ?? '';
  return [
    ...readCells(body).map(writeCell),
    ...lines,
    `${oneLine(checked?.textContent ?? '')} ${link}`.trim(),
    ...origin.filter(({ text }) => text !== '').map(writeCell),
  ].join('\n');
}

function writeCell({ name, text }: Cell): string {
  return `${name}: ${text}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The shown rows as a file, each with where it comes from. */
export function saveCsv(
  bodies: readonly HTMLElement[],
  { origin, fileName }: { origin: readonly Cell[]; fileName: string },
): void {
  const cells = bodies.map((body) => [...readCells(body), ...origin]);
  const head = (cells[0] ?? origin).map(({ name }) => name);
  const rows = cells.map((row) => row.map(({ text }) => text));
  // Without the mark spreadsheets read other letters than were written.
  const file = new Blob(['\uFEFF', writeCsv([head, ...rows])], { type: 'text/csv;charset=utf-8' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Copies a text; where a browser refuses, a field holds it, marked, beside the button. */
export async function copyText(text: string, button: HTMLElement, told: Told): Promise<void> {
  const { words, tell } = told;
  button.parentElement?.parentElement?.querySelector('[data-copy-field]')?.remove();
  try {
    await navigator.clipboard.writeText(text);
    tell(words.copied);
  } catch {
    const field = document.createElement('textarea');
    field.className = 'copy-field';
    field.readOnly = true;
    field.dataset['copyField'] = '';
    field.setAttribute('aria-label', words.copyField);
    field.value = text;
    button.parentElement?.after(field);
    field.focus();
    field.select();
    tell(words.copyFailed);
  }
}
export interface Told {
  readonly words: ClinicianBrowserWords;
  readonly tell: (text: string) => void;
}
