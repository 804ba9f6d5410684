import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { watchLayoutShifts } from './layout-shifts.ts';
import { startSite, type Site, type SiteOptions } from './site.ts';
import { expectNoFaults, waitUntilReady, watchPages, type PageWatch } from './watched-page.ts';

/** A page of the site as one visitor sees it. */
export interface Visit {
  readonly page: Page;
  readonly watch: PageWatch;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Other origins that may be asked: hosts of the widget. */
  readonly origins?: readonly string[];
  /** Faults that the state brings by itself: Chromium reports a page of 404 as an error. */
  readonly allowedFaults?: readonly RegExp[];
}

export interface Visits {
  readonly site: Site;
  readonly browser: Browser;
  /** Opens a path, or a whole address, in a context of its own, and waits until its scripts are attached. */
  open(address: string, options?: VisitOptions): Promise<Visit>;
}

export const WIDE = { width: 1280, height: 900 } as const;
export const NARROW = { width: 360, height: 740 } as const;

/** Less than a test has, so that the step that waited in vain is named. */
const STEP_TIMEOUT_MS = 15_000;

/**
 * One browser and one service for a test file. Each visit is a context of its own; after each test all are closed,
 * and none may have seen a fault.
 */
export function useVisits(siteOptions: () => SiteOptions | Promise<SiteOptions> = () => ({})): Visits {
  let browser: Browser | undefined;
  let site: Site | undefined;
  const open: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
    site = await startSite(await siteOptions());
  });
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  const visits: Visits = {
    get site() {
      return site as Site;
    },
    get browser() {
      return browser as Browser;
    },
    async open(address, { origins = [], allowedFaults = [], ...options } = {}) {
      const { origin } = visits.site;
      const context = await visits.browser.newContext({
        viewport: WIDE,
        locale: 'en-US',
        timezoneId: 'America/Chicago',
        ...options,
        baseURL: origin,
      });
      context.setDefaultTimeout(STEP_TIMEOUT_MS);
      const watch = await watchPages(context, { origins: [origin, ...origins], allowedFaults });
      open.push(async () => {
        await context.close();
        expectNoFaults(watch);
      });
      await watchLayoutShifts(context);
      const page = await context.newPage();
      await page.goto(address);
      if (options.javaScriptEnabled !== false) await waitUntilReady(page);
      return { page, watch };
    },
  };
  return visits;
}
