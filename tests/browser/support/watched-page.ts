import { expect } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    tellRefusal(refusal: string): void;
  }
}

/** Everything that a page of ours never does, gathered while it is open. */
export interface PageWatch {
  readonly faults: string[];
  /** Requests of the page since it was opened: `GET /path`. */
  readonly requests: string[];
}

/** Gathers errors, refusals of the policy, and requests to another origin from every page of a context. */
export async function watchPages(
  context: BrowserContext,
  options: { origins: readonly string[]; allowedFaults: readonly RegExp[] },
): Promise<PageWatch> {
  const faults: string[] = [];
  const requests: string[] = [];
  const tell = (fault: string): void => {
    if (!options.allowedFaults.some((allowed) => allowed.test(fault))) faults.push(fault);
  };
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      tell(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => tell(`page error: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol === 'data:') return;
    requests.push(`${request.method()} ${url.pathname}${url.search}`);
    if (!options.origins.includes(url.origin)) tell(`request to another origin: ${url.href}`);
  });
  await context.exposeFunction('tellRefusal', (refusal: string) => tell(`policy: ${refusal}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.tellRefusal(`${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`),
    );
  });
  return { faults, requests };
}

/** Scripts are attached: everything that they change at the start is changed. */
export async function waitUntilReady(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>('[data-finder]')].every(
      (finder) => finder.dataset['ready'] !== undefined,
    ),
  );
}

export function expectNoFaults({ faults }: PageWatch): void {
  expect(faults).toEqual([]);
}
