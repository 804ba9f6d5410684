import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { layoutShifts } from './support/layout-shifts.ts';
import { shootWidths } from './support/screenshots.ts';
import { useVisits, type VisitOptions } from './support/visits.ts';
import { startWidgetHost, type HostPage, type WidgetHost } from './support/widget-host.ts';

declare global {
  interface Window {
    told: { type: string; detail: unknown }[];
    heights: number[];
  }
}

let host: WidgetHost;
beforeAll(async () => {
  host ??= await startWidgetHost();
});
afterAll(async () => host.close());
const visits = useVisits(async () => {
  host ??= await startWidgetHost();
  return { frameAncestors: `'self' ${host.origin}` };
});

/** What the documentation tells pages to put into their styles. */
const ROOM = '<style>uab-all-trials, [data-uab-all-trials] { display: flow-root; min-height: 100vh }</style>';
const FALLBACK = '<a href="https://trials.example/">View ALL clinical trials</a>';
const script = (version = '1'): string =>
  `<script type="module" src="${visits.site.origin}/widget/${version}/uab-all-trials.js"></script>`;
const element = (attributes = ''): string => `<uab-all-trials ${attributes}>${FALLBACK}</uab-all-trials>`;
const fragment = async (query = ''): Promise<string> =>
  (await fetch(`${visits.site.origin}/embed/v1/list.html${query}`)).text();

/** Opens a page of the host, which notes what the widget tells it. */
async function openHost(page: HostPage, options: VisitOptions = {}) {
  const visit = await visits.open('about:blank', { ...options, origins: [host.origin] });
  await visit.page.addInitScript(() => {
    window.told = [];
    for (const name of ['ready', 'filter', 'open'])
      document.addEventListener(`uab-all-trials:${name}`, (event) =>
        window.told.push({ type: name, detail: (event as CustomEvent<unknown>).detail }),
      );
  });
  await visit.page.goto(host.publish(page));
  return visit;
}

const trialsOf = (page: Page) => page.locator('uab-all-trials [data-trial]');
async function waitForReady(page: Page, times = 1): Promise<void> {
  await page.waitForFunction(
    (times) => window.told.filter(({ type }) => type === 'ready').length >= times,
    times,
  );
}
const listRequests = (requests: readonly string[]): string[] =>
  requests.filter((request) => request.includes('/embed/v1/list.html'));

test('a plain page: the list comes, nothing shifts, and nobody else is asked', async () => {
  const { page, watch } = await openHost({ head: ROOM + script(), body: element() });
  await waitForReady(page);
  expect(await trialsOf(page).count()).toBeGreaterThan(20);
  expect(await page.getByText('View ALL clinical trials').isVisible()).toBe(false);
  expect(await layoutShifts(page)).toEqual([]);
  expect(watch.requests.filter((request) => !/^GET \/\d+$/.test(request))).toEqual([
    'GET /widget/1/uab-all-trials.js',
    'GET /embed/v1/list.html',
    expect.stringMatching(/^GET \/widget\/[\d.]+\/uab-all-trials\.css$/),
  ]);
  await shootWidths(page, 'widget-plain');
});

test('a host that allows our script and our connections, trusted types and no styles', async () => {
  const { origin } = visits.site;
  const policy =
    `default-src 'none'; script-src ${origin}; connect-src ${origin}; img-src data:; ` +
    "require-trusted-types-for 'script'; trusted-types 'none'";
  const { page } = await openHost({ head: script(), body: element(), policy });
  await waitForReady(page);
  const style = await trialsOf(page)
    .first()
    .evaluate((card) => getComputedStyle(card).borderTopStyle);
  expect(style).toBe('solid');
});

test('an editor that lets no unknown tag pass', async () => {
  const { page, watch } = await openHost({
    head: ROOM + script(),
    body: `<div data-uab-all-trials data-view="patient" data-heading-level="4" data-lang="es">${FALLBACK}</div>`,
  });
  await waitForReady(page);
  expect(listRequests(watch.requests)).toEqual(['GET /embed/v1/list.html?lang=es&headingLevel=4']);
  expect(await page.locator('uab-all-trials h4').count()).toBeGreaterThan(0);
  await page.locator('[data-uab-all-trials]').evaluate((place) => place.setAttribute('data-lang', 'en'));
  await waitForReady(page, 2);
  expect(listRequests(watch.requests)).toHaveLength(2);
});

test('without script the link is there, and the fragment is the list', async () => {
  const options = { javaScriptEnabled: false };
  const { page } = await openHost({ head: script(), body: element() }, options);
  expect(await page.getByText('View ALL clinical trials').isVisible()).toBe(true);
  const included = await openHost({ body: await fragment() }, options);
  expect(await trialsOf(included.page).first().isVisible()).toBe(true);
  expect(await included.page.locator('link[href*="uab-all-trials.css"]').count()).toBe(1);
  for (const link of await included.page.locator('uab-all-trials a').all())
    expect(await link.getAttribute('href')).toMatch(/^(?:https?:|tel:|mailto:)/);
  await shootWidths(included.page, 'widget-fragment');
});

test('the script brings an included fragment to life without asking for it again', async () => {
  const { page, watch } = await openHost({ head: script(), body: await fragment('?phase=3') });
  await waitForReady(page);
  await page.waitForFunction(() => {
    const root = document.querySelector('uab-all-trials')?.shadowRoot;
    return root?.adoptedStyleSheets.length === 1 && root.querySelector('link') === null;
  });
  expect(listRequests(watch.requests)).toEqual([]);
  expect(await page.locator('[data-finder][data-ready]').count()).toBe(1);
});

test('two on a page, one of them in a hidden tab, and the script twice', async () => {
  const { page, watch } = await openHost({
    head: script() + script(await version()),
    body: `${element('view="clinician"')}<div hidden>${element('heading-level="9" view="x"')}</div>`,
  });
  await waitForReady(page, 2);
  expect(listRequests(watch.requests).toSorted()).toEqual([
    'GET /embed/v1/list.html',
    'GET /embed/v1/list.html?view=clinician',
  ]);
  expect(await page.locator('[data-finder][data-ready]').count()).toBe(2);
});

test('a service that is down: the link stays, and few requests are made', async () => {
  const { page, watch } = await openHost({ body: element() }, { allowedFaults: [/ERR_FAILED/] });
  await page.clock.install();
  await page.route('**/embed/**', async (route) => route.abort());
  await page.addScriptTag({ type: 'module', url: `${visits.site.origin}/widget/1/uab-all-trials.js` });
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await page.clock.fastForward('05:00');
    await page.evaluate(async () => fetch(location.href));
  }
  expect(listRequests(watch.requests).length).toBeGreaterThan(1);
  expect(listRequests(watch.requests).length).toBeLessThanOrEqual(4);
  expect(await page.getByText('View ALL clinical trials').isVisible()).toBe(true);
});

test('a service that comes back is asked again', async () => {
  const { page } = await openHost({ body: element() }, { allowedFaults: [/ERR_FAILED/] });
  await page.clock.install();
  await page.route('**/embed/**', async (route) => route.abort());
  const failed = page.waitForEvent('requestfailed');
  await page.addScriptTag({ type: 'module', url: `${visits.site.origin}/widget/1/uab-all-trials.js` });
  await failed;
  await page.unroute('**/embed/**');
  await page.clock.runFor('01:00');
  await waitForReady(page);
});

test('offline after it has loaded: attributes are still followed', async () => {
  const { page } = await openHost({ head: script(), body: element('age-group="infant"') });
  await waitForReady(page);
  const chip = page.locator('input[name="ageGroup"][value="infant"]');
  expect(await chip.isChecked()).toBe(true);
  await page.context().setOffline(true);
  const shown = trialsOf(page).filter({ visible: true });
  const set = async (name: string, value: string): Promise<void> =>
    page
      .locator('uab-all-trials')
      .evaluate((one, given) => one.setAttribute(...given), [name, value] as const);
  await set('age-group', 'nonsense');
  await waitForReady(page, 2);
  expect(await chip.isChecked()).toBe(false);
  const all = await shown.count();
  await set('phase', '3 9');
  await waitForReady(page, 3);
  const ofPhase3 = await shown.count();
  expect(ofPhase3).toBeLessThan(all);
  expect(ofPhase3).toBeGreaterThan(0);
  await set('site', 'uab nonsense');
  await waitForReady(page, 4);
  expect(await shown.count()).toBeLessThan(ofPhase3);
  expect(await page.getByRole('button', { name: /^Remove .UAB/ }).isVisible()).toBe(true);
});

test('moved in the document, and taken out while it loads', async () => {
  const { page, watch } = await openHost({ head: script(), body: `${element()}<aside></aside>` });
  await waitForReady(page);
  const marked = await page.evaluate(async () => {
    const one = document.querySelector('uab-all-trials') as HTMLElement;
    const finder = one.shadowRoot?.querySelector('[data-finder]');
    document.querySelector('aside')?.append(one);
    await new Promise(requestAnimationFrame);
    return finder?.isConnected;
  });
  expect(marked).toBe(true);
  expect(listRequests(watch.requests)).toHaveLength(1);
  await page.route(/lang=es/, () => {});
  const asked = page.waitForRequest(/lang=es/);
  const failed = page.waitForEvent('requestfailed');
  await page.evaluate(() => {
    const one = document.createElement('uab-all-trials');
    one.lang = 'es';
    document.body.append(one);
  });
  await asked;
  await page.evaluate(() => document.querySelector('body > uab-all-trials')?.remove());
  expect((await failed).failure()?.errorText).toBe('net::ERR_ABORTED');
});

test('the host hears which filters changed and that a trial was opened, and nothing more', async () => {
  const { page } = await openHost({ head: script(), body: element() });
  await waitForReady(page);
  await page.locator('label', { hasText: 'Under 18' }).click();
  await page.evaluate(() => document.addEventListener('click', (event) => event.preventDefault()));
  await page.locator('.trial-title a').first().click();
  expect(await page.evaluate(() => window.told)).toEqual([
    { type: 'ready', detail: {} },
    { type: 'filter', detail: { names: ['ageGroup'] } },
    { type: 'open', detail: { page: 'trial' } },
  ]);
});

const frame = (query: string): string =>
  `<iframe id="trials" title="Clinical trials" width="600" height="400" src="${visits.site.origin}/embed/v1/${query}"></iframe>`;
const RECEIVER = (): string => `<script>
  window.heights = [];
  addEventListener('message', (event) => {
    const frame = document.getElementById('trials');
    if (event.origin !== '${visits.site.origin}' || event.source !== frame.contentWindow) return;
    const { type, height } = event.data;
    if (type === 'uab-all-trials:height' && Number.isInteger(height)) {
      frame.height = String(height);
      heights.push(height);
    }
  });
</script>`;

test('a frame tells its height, to the page that frames it', async () => {
  const { page } = await openHost({
    head: RECEIVER(),
    body: frame(`?parent=${encodeURIComponent(host.origin)}`),
  });
  await page.waitForFunction(() => window.heights.length > 0);
  expect(await page.evaluate(() => Math.max(...window.heights))).toBeGreaterThan(1000);
  await page.waitForFunction(() => {
    const { height } = document.querySelector('iframe') as HTMLIFrameElement;
    return Number(height) === window.heights.at(-1);
  });
  await shootWidths(page, 'widget-frame');
});

test('a frame finds out by itself who frames it', async () => {
  const { page } = await openHost({ head: RECEIVER(), body: frame('') });
  await page.waitForFunction(() => window.heights.length > 0);
});

test.each(['https://elsewhere.example', 'null', '*', 'javascript:1'])(
  'a frame that is told of the parent %s tells nobody',
  async (parent) => {
    const { page } = await openHost({
      head: RECEIVER(),
      body: frame(`?parent=${encodeURIComponent(parent)}`),
    });
    const framed = page.frame({ url: /embed/ });
    await framed?.waitForSelector('[data-finder][data-ready]');
    await framed?.evaluate(async () => new Promise(requestAnimationFrame));
    await page.evaluate(async () => new Promise(requestAnimationFrame));
    expect(await page.evaluate(() => window.heights)).toEqual([]);
  },
);

async function version(): Promise<string> {
  const answer = await fetch(`${visits.site.origin}/widget/manifest.json`);
  return ((await answer.json()) as { version: string }).version;
}
