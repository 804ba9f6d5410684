import { ageFitOf } from '../../trials/age.ts';
import type { DenseReason, DenseRow } from '../dense-list.ts';
import type { DenseQuestion } from '../dense-question.ts';
import type { ClinicianBrowserWords } from '../clinician-words.ts';
import type { TrialFacts } from '../trial-facts.ts';

/** A row of the table with what it knows of its trial. */
export interface RowElement {
  readonly body: HTMLElement;
  readonly facts: TrialFacts;
}

export function readRows(finder: HTMLElement): RowElement[] {
  return [...finder.querySelectorAll<HTMLElement>('[data-trial]')].map((body) => ({
    body,
    facts: JSON.parse(body.dataset['trial'] ?? '') as TrialFacts,
  }));
}

export interface RowTexts {
  readonly words: ClinicianBrowserWords;
  readonly labelOf: (name: string, value: string) => string;
}

/** Shows, hides, labels and orders the rows. Rows move only when their order changed: moving loses the focus. */
export function showRows(
  elements: readonly RowElement[],
  { rows, question, texts }: { rows: readonly DenseRow[]; question: DenseQuestion; texts: RowTexts },
): void {
  const bodies = new Map(elements.map(({ facts, body }) => [facts.nctId, body]));
  const ordered = rows.flatMap(({ facts }) => bodies.get(facts.nctId) ?? []);
  for (const row of rows) {
    const body = bodies.get(row.facts.nctId);
    if (body !== undefined) showRow(body, { row, question, texts });
  }
  const now = [...(ordered[0]?.parentElement?.querySelectorAll('[data-trial]') ?? [])];
  if (ordered.some((body, place) => body !== now[place])) ordered[0]?.parentElement?.append(...ordered);
}

function showRow(
  body: HTMLElement,
  { row, question, texts }: { row: DenseRow; question: DenseQuestion; texts: RowTexts },
): void {
  const { facts, isShown, fit, reasons } = row;
  const { age } = question.query;
  body.hidden = !isShown;
  const verdict = body.querySelector<HTMLElement>('tr > td [data-fit]');
  if (verdict !== null) writeVerdict(verdict, fit, texts.words);
  const edge = body.querySelector<HTMLElement>('[data-age-edge]');
  if (edge !== null) edge.hidden = age === null || ageFitOf(age, facts) !== 'edge';
  const place = body.querySelector<HTMLElement>('[data-reasons]');
  if (place === null) return;
  place.hidden = reasons.length === 0;
  place.querySelector('ul')?.replaceChildren(...reasons.map((reason) => createReason(reason, texts)));
}

function writeVerdict(element: HTMLElement, fit: DenseRow['fit'], { verdict }: ClinicianBrowserWords): void {
  element.hidden = fit === null;
  element.dataset['fit'] = fit ?? '';
  element.textContent = fit === null ? '' : verdict[fit];
}

function createReason({ id, verdict, sentence }: DenseReason, { words, labelOf }: RowTexts): HTMLLIElement {
  const line = document.createElement('li');
  const mark = document.createElement('span');
  mark.className = 'verdict';
  writeVerdict(mark, verdict, words);
  const [group = '', value = ''] = id.split('.');
  const titles: Readonly<Record<string, string>> = words.group;
  line.append(mark, ` ${titles[group] ?? ''}: ${labelOf(group, value)}. `);
  if (sentence === null) line.append(words.nothingStated);
  else {
    const quote = document.createElement('q');
    quote.lang = 'en';
    quote.textContent = sentence;
    line.append(quote);
  }
  return line;
}
