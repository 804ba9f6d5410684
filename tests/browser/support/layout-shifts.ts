import type { BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    /** Shifts that no key or click of the half second before explains, as browsers define them. */
    layoutShifts: { value: number; what: string[] }[];
  }
}
/** As of the Layout Instability draft, which TypeScript does not know. */
interface LayoutShift {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly {
    readonly node: Node | null;
    readonly previousRect: DOMRectReadOnly;
    readonly currentRect: DOMRectReadOnly;
  }[];
}

/** Notes every layout shift of a page from its first moment. */
export async function watchLayoutShifts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as unknown as LayoutShift[])
        if (!shift.hadRecentInput)
          window.layoutShifts.push({
            value: shift.value,
            what: shift.sources.map(({ node, previousRect, currentRect }) => {
              const name = node instanceof Element ? `${node.tagName} ${node.className}` : node?.textContent;
              const [from, to] = [previousRect, currentRect].map(({ x, y, width, height }) => [
                x,
                y,
                width,
                height,
              ]);
              return `${name}: ${from?.join()} to ${to?.join()}`;
            }),
          });
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What has shifted up to the frame after next, in which observers are told of the last one. */
export async function layoutShifts(page: Page): Promise<Window['layoutShifts']> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++)
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    return window.layoutShifts;
  });
}
