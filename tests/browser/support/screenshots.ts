import type { Page } from 'playwright-core';

const FOLDER = new URL('../screenshots/', import.meta.url).pathname;

/** More than anybody looks at; the list of a year is twenty thousand pixels on a telephone. */
const HIGHEST_PX = 3000;

/** Keeps the page from its top as `name-width.png`, for people to look at; no test compares it. */
export async function shoot(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 0 };
  const pageHeight = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({
    path: `${FOLDER}${name}-${width}.png`,
    fullPage: true,
    clip: { x: 0, y: 0, width, height: Math.min(pageHeight, HIGHEST_PX) },
  });
}

/** The same at the two widths that we look at. */
export async function shootWidths(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await shoot(page, name);
  }
  if (before !== null) await page.setViewportSize(before);
}
