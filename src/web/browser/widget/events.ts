import { EVENTS } from '../../widget-tag.ts';

/** Tells the page around the widget; what a reader chose or typed is in no event. */
export function tell(host: HTMLElement, name: keyof typeof EVENTS, detail: object): void {
  host.dispatchEvent(new CustomEvent(EVENTS[name], { bubbles: true, composed: true, detail }));
}

/** Tells which filters have changed, by name, and that a link of a trial was followed, without saying which. */
export function tellUse(host: HTMLElement, list: HTMLElement): void {
  let known = readForm(list);
  const compare = (): void => {
    const now = readForm(list);
    const names = [...new Set([...known.keys(), ...now.keys()])].filter(
      (name) => known.get(name) !== now.get(name),
    );
    known = now;
    if (names.length > 0) tell(host, 'filter', { names });
  };
  list.addEventListener('change', compare);
  list.addEventListener('click', (event) => {
    compare();
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    const page = link === null ? null : pageOf(link.getAttribute('href') as string);
    if (page !== null) tell(host, 'open', { page });
  });
}

/** Values by name, to be compared and nothing else. */
function readForm(list: HTMLElement): Map<string, string> {
  const values = new Map<string, string>();
  for (const form of list.querySelectorAll('form'))
    for (const [name, value] of new FormData(form))
      values.set(name, `${values.get(name) ?? ''}\n${value as string}`);
  return values;
}

function pageOf(address: string): 'trial' | 'registry' | null {
  const url = URL.parse(address, location.href);
  if (url?.hostname === 'clinicaltrials.gov') return 'registry';
  return url !== null && /\/trials\/NCT\d{8}$/.test(url.pathname) ? 'trial' : null;
}
