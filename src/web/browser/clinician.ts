import type { ClinicianBrowserWords } from '../clinician-words.ts';
import { answerDense, type DenseAnswer, type DenseGround } from '../dense-list.ts';
import { tellChoices, writeSort, type DenseQuestion } from '../dense-question.ts';
import { parseLenientAge } from '../lenient-age.ts';
import { fill, fillCount, type Language } from '../words/fill.ts';
import { attachCompare } from './clinician-compare.ts';
import { copyText, saveCsv, writeNote, type Cell } from './clinician-copy.ts';
import { createDenseForm, listChips, type DenseForm } from './clinician-form.ts';
import { readRows, showRows, type RowElement } from './clinician-rows.ts';

/** Said this long after the last key, so that a screen reader is not interrupted at every letter. */
const TELL_AFTER_MS = 400;

/** What the dense view works with in a browser. */
interface View {
  readonly finder: HTMLElement;
  readonly form: DenseForm;
  readonly rows: readonly RowElement[];
  readonly words: ClinicianBrowserWords;
  readonly ground: DenseGround;
  readonly language: Language;
}

/** All filters over the rows that are there. */
export function attachClinicianFinder(finder: HTMLElement): void {
  const element = finder.querySelector<HTMLFormElement>('[data-form]');
  if (element === null) return;
  const view: View = {
    finder,
    form: createDenseForm(element),
    rows: readRows(finder),
    words: JSON.parse(finder.dataset['words'] ?? '') as ClinicianBrowserWords,
    ground: JSON.parse(finder.dataset['ground'] ?? '') as DenseGround,
    language: finder.lang === 'es' ? 'es' : 'en',
  };
  const tellCount = createTeller(view);
  const update = (): void => tellCount(show(view));
  for (const hidden of finder.querySelectorAll<HTMLElement>(
    '[data-with-script], [data-csv], [data-permalink], [data-copy-text]',
  ))
    hidden.hidden = false;
  for (const text of finder.querySelectorAll<HTMLElement>('[data-without-script]')) text.hidden = true;
  attachForm(view, update);
  attachLinks(view, update);
  attachCopies(view);
  attachSearchKey(view);
  attachCompare(finder, view.words);
  attachFragment(view, update);
  finder.dataset['ready'] = '';
}

function find(finder: HTMLElement, selector: string): HTMLElement | null {
  return finder.querySelector<HTMLElement>(selector);
}

/** Brings everything that depends on the question up to date. */
function show(view: View): DenseAnswer {
  const { finder, form, rows, words, ground } = view;
  const question = form.read();
  const answer = answerDense(
    rows.map(({ facts }) => facts),
    question,
    ground,
  );
  showRows(rows, { rows: answer.rows, question, texts: { words, labelOf: form.labelOf } });
  showCounts(view, answer);
  showSort(finder, question);
  showChips(view);
  showLeftOut(view, answer);
  showNothing(view, answer);
  return answer;
}

function createTeller({ finder, rows, words, language }: View): (answer: DenseAnswer) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const status = find(finder, '[data-status]');
  return ({ total }) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (status !== null) status.textContent = fillCount(words.shown, total, language, { all: rows.length });
    }, TELL_AFTER_MS);
  };
}

function showCounts({ form, words }: View, { counts, newCount }: DenseAnswer): void {
  const all: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    ...counts,
    new: { '90': newCount },
  };
  for (const field of form.element.querySelectorAll<HTMLInputElement>('.tick input')) {
    const place = field.closest('.tick')?.querySelector('[data-count]');
    if (place) place.textContent = String(all[field.name]?.[field.value] ?? 0);
  }
  const set = new Map<string, number>();
  for (const { name } of listChips(form, words.group)) set.set(name, (set.get(name) ?? 0) + 1);
  for (const group of form.element.querySelectorAll<HTMLElement>('details[data-filter]')) {
    const place = find(group, '[data-set]');
    const count = set.get(group.dataset['filter'] ?? '') ?? 0;
    if (place !== null) place.textContent = count === 0 ? '' : fill(words.set, { count });
  }
}

/** Orders whose usual direction is downwards, as the server writes them. */
const DOWNWARDS = new Set(['updated', 'phase']);

function showSort(finder: HTMLElement, { query, isReversed }: DenseQuestion): void {
  for (const button of finder.querySelectorAll<HTMLButtonElement>('[data-sort]')) {
    const sort = button.dataset['sort'] as typeof query.sort;
    const isActive = sort === query.sort;
    button.value = writeSort(sort, isActive && !isReversed);
    const head = button.closest('th');
    if (isActive)
      head?.setAttribute('aria-sort', DOWNWARDS.has(sort) === isReversed ? 'ascending' : 'descending');
    else head?.removeAttribute('aria-sort');
  }
}

function showChips({ finder, form, words }: View): void {
  const set = listChips(form, words.group);
  const inUse = find(finder, '[data-in-use]');
  if (inUse !== null) inUse.textContent = tellChoices(set, words);
  const place = find(finder, '[data-chips]');
  if (place === null) return;
  const chips = set.map(({ name, value, title, label }) => {
    const text = fill(words.chip, { group: title, value: label });
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'set-chip';
    button.dataset['drop'] = `${name}=${value}`;
    button.setAttribute('aria-label', fill(words.remove, { filter: text }));
    button.textContent = `${text} ×`;
    const item = document.createElement('li');
    item.append(button);
    return item;
  });
  place.replaceChildren(...chips);
  place.hidden = chips.length === 0;
}

function showLeftOut({ finder, words }: View, { hidden }: DenseAnswer): void {
  for (const item of finder.querySelectorAll<HTMLElement>('[data-left-out] > [data-of]')) {
    const name = item.dataset['of'] as keyof typeof hidden;
    item.hidden = hidden[name] === 0;
    const link = item.querySelector('a');
    if (link) link.textContent = fill(words.leftOut, { count: hidden[name], filter: words.group[name] });
  }
}

function showNothing({ finder, words, language }: View, { total, suggestions }: DenseAnswer): void {
  const place = find(finder, '[data-nothing]');
  if (place === null) return;
  place.hidden = total > 0;
  const lines = suggestions.map(({ drop, total }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset['clear'] = drop;
    button.textContent = fillCount(words.without, total, language, { filter: words.group[drop] });
    const item = document.createElement('li');
    item.append(button);
    return item;
  });
  find(place, '[data-undo]')?.replaceChildren(...lines);
}

/** Nothing is sent: a question is answered here, and Enter leads on to the answer. */
function attachForm({ finder, form }: View, update: () => void): void {
  form.element.addEventListener('input', update);
  form.element.addEventListener('submit', (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button instanceof HTMLButtonElement && button.name === 'sort') form.setSort(button.value);
    else find(finder, '[data-results]')?.focus();
    update();
  });
  const age = form.element.querySelector<HTMLInputElement>('[name="age"]');
  const error = find(finder, '[data-age-error]');
  age?.addEventListener('change', () => {
    const isUnreadable = age.value.trim() !== '' && parseLenientAge(age.value) === null;
    if (error !== null) error.hidden = !isUnreadable;
    if (isUnreadable) age.setAttribute('aria-invalid', 'true');
    else age.removeAttribute('aria-invalid');
  });
}

/** Links and chips change the form in place; as links they also work without a script. */
function attachLinks({ finder, form }: View, update: () => void): void {
  finder.addEventListener('click', (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>('a, button') : null;
    if (pressed === null || !follow(pressed, { finder, form })) return;
    event.preventDefault();
    update();
    keepFocus(finder, pressed);
  });
}

/** Whether a link or chip is about the question, which it then changes. */
function follow(pressed: HTMLElement, { finder, form }: Pick<View, 'finder' | 'form'>): boolean {
  const { drop, add, clear } = pressed.dataset;
  if (drop !== undefined) {
    const [name = '', ...value] = drop.split('=');
    form.drop(name, value.join('='));
  } else if (add !== undefined) form.addAll(add);
  else if (clear !== undefined) form.drop(clear);
  else if (pressed.dataset['toResults'] !== undefined) find(finder, '[data-results]')?.focus();
  else if (pressed instanceof HTMLAnchorElement && isQuestion(pressed, form.element))
    form.write(new URL(pressed.href).searchParams);
  else return false;
  return true;
}

/** A link to this list with other filters. */
function isQuestion({ href }: HTMLAnchorElement, { action }: HTMLFormElement): boolean {
  const [link, list] = [new URL(href), new URL(action)];
  return (
    link.origin === list.origin &&
    link.pathname === list.pathname &&
    link.searchParams.get('view') === 'clinician'
  );
}

/** A chip that is gone leaves the focus nowhere; the list that it changed is the next thing to read. */
function keepFocus(finder: HTMLElement, pressed: HTMLElement): void {
  if (pressed.isConnected && pressed.getClientRects().length > 0) return;
  (find(finder, '[data-chips] button') ?? find(finder, '[data-results]'))?.focus();
}

function attachCopies({ finder, form, rows, words }: View): void {
  const place = find(finder, '[data-told]');
  const tell = (text: string): void => {
    if (place !== null) place.textContent = text;
  };
  const origin = JSON.parse(find(finder, '[data-csv]')?.dataset['csv'] ?? '[]') as Cell[];
  finder.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button === null) return;
    const { copyText: copies, csv, permalink } = button.dataset;
    const body = button.closest<HTMLElement>('[data-trial]');
    if (copies !== undefined && body !== null)
      void copyText(writeNote(body, origin), button, { words, tell });
    if (permalink !== undefined) void copyText(permalinkOf(form), button, { words, tell });
    if (csv !== undefined) {
      const shown = [...finder.querySelectorAll<HTMLElement>('[data-trial]:not([hidden])')];
      if (rows.length > 0) saveCsv(shown, { origin, fileName: words.csvName });
    }
  });
}

/** What is asked stands in the fragment, which a browser sends to nobody. */
function permalinkOf(form: DenseForm): string {
  const address = new URL(form.element.action);
  for (const name of ['view', 'lang']) {
    const field = form.element.querySelector<HTMLInputElement>(`[name="${name}"]`);
    if (field !== null) address.searchParams.set(name, field.value);
  }
  return `${address.href}#${form.address().toString().replaceAll('%2C', ',')}`;
}

/** A fragment that names no filter is a place in the page. */
function attachFragment({ finder, form }: View, update: () => void): void {
  const { defaultView } = finder.ownerDocument;
  const readFragment = (): void => {
    const query = new URLSearchParams(defaultView?.location.hash.slice(1));
    if (![...query.keys()].some((name) => form.element.querySelector(`[name="${CSS.escape(name)}"]`))) return;
    form.write(query);
    update();
  };
  // A browser that goes back restores the fields without saying so.
  update();
  readFragment();
  defaultView?.addEventListener('hashchange', readFragment);
}

/**
 * `/` moves to the search where no field has the focus. It can be turned off (WCAG 2.1.4), and on a page of somebody
 * else it works within the finder only.
 */
function attachSearchKey({ finder, form }: View): void {
  const search = form.element.querySelector<HTMLInputElement>('[data-search]');
  const choice = form.element.querySelector<HTMLInputElement>('[data-slash]');
  const { ownerDocument } = finder;
  const place = finder.getRootNode() === ownerDocument ? ownerDocument : finder;
  place.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || event.key !== '/' || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || choice?.checked === false) return;
    const [target] = event.composedPath();
    const isField =
      target instanceof HTMLElement &&
      (target.isContentEditable ||
        target.matches('textarea, select, input:not([type="checkbox"], [type="radio"])'));
    if (isField) return;
    event.preventDefault();
    search?.focus();
  });
}
