/** The list as the server sent it, and the address of its styles on the same origin. */
export interface Fragment {
  readonly content: DocumentFragment;
  readonly style: string;
}

/** Longer than a slow telephone needs for the list. */
const TIMEOUT_MS = 30_000;
/** After the fourth failure the link stays: each page that waits would be a burden on a service that is down. */
const RETRY_MS = [5_000, 30_000, 180_000] as const;

/**
 * Fetches the list. A request for a document is the one way to parse markup that runs no script and that no policy of
 * trusted types forbids.
 */
async function loadFragment(address: string, signal: AbortSignal): Promise<Fragment> {
  const found = await new Promise<Document | null>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    request.timeout = TIMEOUT_MS;
    request.addEventListener('loadend', () =>
      request.status === 200 ? resolve(request.responseXML) : reject(new Error(`Status ${request.status}`)),
    );
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send();
  });
  const template = found?.querySelector('template');
  const fragment = template && takeFragment(template.content, address);
  // A gateway may answer 200 with a page of its own.
  if (!fragment) throw new Error('Not our list');
  return fragment;
}

/** What a shadow root of ours holds, without the link to its styles; `null` when it is not ours. */
export function takeFragment(content: DocumentFragment, address: string): Fragment | null {
  const link = content.querySelector('link[rel="stylesheet"]');
  if (link === null || content.querySelector('[data-finder]') === null) return null;
  // By its path: whatever the list says, nothing is loaded from another origin.
  const { pathname } = new URL(link.getAttribute('href') ?? '', address);
  const copy = document.importNode(content, true);
  copy.querySelector('link[rel="stylesheet"]')?.remove();
  return { content: copy, style: new URL(pathname, address).href };
}

const sheets = new Map<string, Promise<CSSStyleSheet>>();

/** Fetches styles once for all widgets of a page; made by script, they need no leave of the page's policy. */
export async function loadSheet(address: string): Promise<CSSStyleSheet> {
  const known = sheets.get(address) ?? fetchSheet(address);
  sheets.set(address, known);
  known.catch(() => sheets.delete(address));
  return known;
}

async function fetchSheet(address: string): Promise<CSSStyleSheet> {
  const answer = await fetch(address, { credentials: 'omit', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`Status ${answer.status}`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await answer.text());
  return sheet;
}

/** The list with its styles; tries again a few times, later and later, until aborted. */
export async function loadWidget(
  address: string,
  signal: AbortSignal,
): Promise<{ fragment: Fragment; sheet: CSSStyleSheet }> {
  for (let failures = 0; ; failures++)
    try {
      const fragment = await loadFragment(address, signal);
      return { fragment, sheet: await loadSheet(fragment.style) };
    } catch (error) {
      const delayMs = RETRY_MS[failures];
      if (delayMs === undefined || signal.aborted) throw error;
      // Pages that failed together do not come back together.
      await wait(delayMs * (0.75 + Math.random() / 2), signal);
    }
}

async function wait(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
