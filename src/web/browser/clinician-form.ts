import { setFilters, understandEntries, writeQuestion, type DenseQuestion } from '../dense-question.ts';

/** The form is the only state of the dense view: what is asked is read from it, and links are written into it. */
export interface DenseForm {
  readonly element: HTMLFormElement;
  readonly read: () => DenseQuestion;
  /** What was written into the fields of text. */
  readonly written: () => { age: string; q: string };
  /** Sets every field: what is not named is cleared. */
  readonly write: (query: URLSearchParams) => void;
  /** Clears one value, or all values of a filter. */
  readonly drop: (name: string, value?: string) => void;
  /** Checks every value of a filter. */
  readonly addAll: (name: string) => void;
  readonly setSort: (sort: string) => void;
  /** What a chip says of a value. */
  readonly labelOf: (name: string, value: string) => string;
  /** The question as an address holds it. */
  readonly address: () => URLSearchParams;
}

/** Fields that say which page this is, not what is asked. */
const KEPT = new Set(['view', 'lang']);
const USUAL_SORT = 'availability';

export function createDenseForm(element: HTMLFormElement): DenseForm {
  const fields = (): HTMLInputElement[] =>
    [...element.querySelectorAll('input')].filter(({ name }) => name !== '');
  const named = (name: string): HTMLInputElement[] => fields().filter((field) => field.name === name);
  const textOf = (name: string): string => named(name)[0]?.value.trim() ?? '';
  const written = (): { age: string; q: string } => ({ age: textOf('age'), q: textOf('q') });
  const read = (): DenseQuestion => {
    const entries = [...new FormData(element)].filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return understandEntries(entries);
  };
  return {
    element,
    read,
    written,
    write: (query) => {
      for (const field of fields()) if (!KEPT.has(field.name)) writeField(field, query);
      restoreUsual(read(), named);
    },
    drop: (name, value) => {
      for (const field of named(name))
        if (value === undefined || !isChoice(field) || field.value === value) clear(field);
      restoreUsual(read(), named);
    },
    addAll: (name) => {
      for (const field of named(name)) field.checked = true;
    },
    setSort: (sort) => {
      for (const field of named('sort')) field.value = sort;
    },
    labelOf: (name, value) => {
      const field = named(name).find((one) => !isChoice(one) || one.value === value);
      return field?.closest('label')?.querySelector('[data-name]')?.textContent.trim() ?? value;
    },
    address: () => new URLSearchParams(writeQuestion(read(), written())),
  };
}

function isChoice({ type }: HTMLInputElement): boolean {
  return type === 'checkbox' || type === 'radio';
}

function writeField(field: HTMLInputElement, query: URLSearchParams): void {
  const given = query.getAll(field.name);
  if (isChoice(field)) field.checked = given.flatMap((text) => text.split(',')).includes(field.value);
  else field.value = given.at(-1) ?? (field.name === 'sort' ? USUAL_SORT : '');
  if (field.type === 'radio' && field.value === '' && given.length === 0) field.checked = true;
}

function clear(field: HTMLInputElement): void {
  if (field.type === 'radio') field.checked = field.value === '';
  else if (field.type === 'checkbox') field.checked = false;
  else field.value = '';
}

/** The careful rules hold where nothing of them is checked; the form says so. */
function restoreUsual({ query }: DenseQuestion, named: (name: string) => HTMLInputElement[]): void {
  for (const name of ['relevance', 'siteMatch', 'match'] as const) {
    const asked: readonly string[] = query[name];
    if (named(name).every(({ checked }) => !checked))
      for (const field of named(name)) field.checked = asked.includes(field.value);
  }
}

/** What is set, with the words of its chip. */
export function listChips(
  form: DenseForm,
  titles: Readonly<Record<string, string>>,
): { name: string; value: string; title: string; label: string }[] {
  return setFilters(form.read(), form.written()).map(({ name, value }) => ({
    name,
    value,
    title: titles[name] ?? name,
    label: form.labelOf(name, value),
  }));
}
