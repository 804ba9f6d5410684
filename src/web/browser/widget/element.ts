import { readLanguage } from '../../words/words.ts';
import { attributeOf, DEFAULT_HEADING_LEVEL, PRESETS, readHeadingLevel } from '../../widget-tag.ts';
import { attachFinders } from '../attach-finder.ts';
import { narrow, readPresets } from '../narrow.ts';
import { tell, tellUse } from './events.ts';
import { loadSheet, loadWidget, takeFragment, type Fragment } from './load.ts';

/** The widget's element. It is registered elsewhere, so that a page may import it without having it. */
export class AllTrialsElement extends HTMLElement {
  static readonly observedAttributes = ['view', 'heading-level', 'lang', ...PRESETS.map(attributeOf)];
  readonly #update = createWidget(this);

  connectedCallback(): void {
    this.#update();
  }

  disconnectedCallback(): void {
    this.#update();
  }

  /** A move that keeps the state of the element (`moveBefore`) changes nothing for us. */
  connectedMoveCallback(): void {}

  attributeChangedCallback(): void {
    this.#update();
  }
}

interface Loaded {
  readonly address: string;
  readonly fragment: Fragment;
  /** What the list was narrowed to when it was shown. */
  presets: string;
}

/**
 * Brings an element to what its attributes ask for. What happens to it in one turn is one change: a move in the
 * document takes it out and puts it back. Until the list has come, and when it does not come, the element has no
 * shadow root, so that what the page wrote into it is shown; a list that is there stays.
 */
function createWidget(host: HTMLElement): () => void {
  let isQueued = false;
  let loading: { readonly address: string; readonly controller: AbortController } | null = null;
  let loaded: Loaded | null = null;

  const stop = (): void => {
    loading?.controller.abort();
    loading = null;
  };
  /** The server of the page has included the list: it comes to life as it stands, nothing is asked for again. */
  const takeServed = (address: string): boolean => {
    const root = host.shadowRoot;
    const fragment = root && takeFragment(copyOf(root), import.meta.url);
    if (!fragment) return false;
    loaded = { address, fragment, presets: presetsOf(host) };
    enliven(host, root);
    void dress(root, fragment);
    return true;
  };
  const load = async (address: string): Promise<void> => {
    const controller = new AbortController();
    loading = { address, controller };
    const { fragment, sheet } = await loadWidget(address, controller.signal);
    if (controller.signal.aborted) return;
    loading = null;
    loaded = { address, fragment, presets: presetsOf(host) };
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    fill(host, root, fragment);
  };
  const update = (): void => {
    isQueued = false;
    if (!host.isConnected) return stop();
    const address = addressFor(host);
    if (loading?.address === address) return;
    stop();
    if (loaded === null && takeServed(address)) return;
    // After the last try the link stays, and asking again is left to the next visit.
    if (loaded?.address !== address) return void load(address).catch(() => {});
    if (loaded.presets === presetsOf(host) || host.shadowRoot === null) return;
    loaded.presets = presetsOf(host);
    fill(host, host.shadowRoot, loaded.fragment);
  };
  return () => {
    if (isQueued) return;
    isQueued = true;
    queueMicrotask(update);
  };
}

function fill(host: HTMLElement, root: ShadowRoot, { content }: Fragment): void {
  root.replaceChildren(document.importNode(content, true));
  enliven(host, root);
}

function enliven(host: HTMLElement, root: ShadowRoot): void {
  narrow(
    root,
    readPresets((name) => host.getAttribute(attributeOf(name))),
  );
  attachFinders(root);
  for (const list of root.querySelectorAll<HTMLElement>('.widget')) tellUse(host, list);
  tell(host, 'ready', {});
}

/** The link is the styles' way where there is no script; a sheet of ours needs no leave of the page's policy. */
async function dress(root: ShadowRoot, { style }: Fragment): Promise<void> {
  const sheet = await loadSheet(style).catch(() => null);
  if (sheet === null) return;
  root.adoptedStyleSheets = [sheet];
  root.querySelector('link[rel="stylesheet"]')?.remove();
}

function copyOf(root: ShadowRoot): DocumentFragment {
  const copy = document.createDocumentFragment();
  copy.append(...[...root.childNodes].map((node) => node.cloneNode(true)));
  return copy;
}

function presetsOf(host: HTMLElement): string {
  return PRESETS.map((name) => host.getAttribute(attributeOf(name))).join('|');
}

/** Where the list is that the attributes ask for; what is the default is not asked for, so that caches hold one. */
function addressFor(host: HTMLElement): string {
  const address = new URL('../../embed/v1/list.html', import.meta.url);
  const language = readLanguage(languageOf(host));
  const headingLevel = readHeadingLevel(host.getAttribute('heading-level'));
  if (host.getAttribute('view') === 'clinician') address.searchParams.set('view', 'clinician');
  if (language !== 'en') address.searchParams.set('lang', language);
  if (headingLevel !== DEFAULT_HEADING_LEVEL) address.searchParams.set('headingLevel', String(headingLevel));
  return address.href;
}

/** Of the element or of what is around it, out of shadow roots too: `es-MX` is Spanish. */
function languageOf(host: HTMLElement): string {
  for (let from: Element | null = host; from !== null;) {
    const found: HTMLElement | null = from.closest('[lang]');
    if (found !== null) return found.lang.toLowerCase().split('-')[0] as string;
    const root: Node = from.getRootNode();
    from = root instanceof ShadowRoot ? root.host : null;
  }
  return '';
}
