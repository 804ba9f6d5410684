import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { clipped, moving, overflowing, smallTargets, TEXT_SPACING } from './support/inspect-page.ts';
import { layoutShifts } from './support/layout-shifts.ts';
import { shoot, shootWidths } from './support/screenshots.ts';
import { EACH_SURFACE, inSpanish, SURFACES } from './support/surfaces.ts';
import { NARROW, useVisits } from './support/visits.ts';

const visits = useVisits();
/** What 1280 × 1024 pixels become at 400 % (WCAG 1.4.10). */
const ZOOMED = { width: 320, height: 256 } as const;

describe.each(EACH_SURFACE)('%s', (surface, path) => {
  test('loads in both languages without a shift', async () => {
    for (const address of [path, inSpanish(path)]) {
      const { page } = await visits.open(address);
      expect(await layoutShifts(page), address).toEqual([]);
      expect(await page.locator('h1').count(), address).toBe(1);
      await shootWidths(page, address === path ? surface : `${surface}-spanish`);
    }
  });

  test('has no scrolling to the side at 320 px and at 400 %, in both languages', async () => {
    for (const address of [path, inSpanish(path)]) {
      const { page } = await visits.open(address, { viewport: ZOOMED });
      expect(await overflowing(page), address).toEqual([]);
      await page.setViewportSize({ width: 320, height: 900 });
      await unfold(page);
      expect(await overflowing(page), `${address} unfolded`).toEqual([]);
      await shoot(page, address === path ? surface : `${surface}-spanish`);
    }
  });

  test('loses no text when letters, words and lines stand further apart', async () => {
    const { page } = await visits.open(path, { viewport: NARROW, bypassCSP: true });
    await page.addStyleTag({ content: TEXT_SPACING });
    await unfold(page);
    expect(await clipped(page)).toEqual([]);
    expect(await overflowing(page)).toEqual([]);
  });

  test('what is pressed has at least 24 by 24 px', async () => {
    const { page } = await visits.open(path, { viewport: NARROW });
    await unfold(page);
    expect(await smallTargets(page)).toEqual([]);
  });

  test('nothing moves for those who asked for no motion', async () => {
    const { page } = await visits.open(path, { reducedMotion: 'reduce' });
    expect(await moving(page)).toEqual([]);
  });
});

test('a trial is printed on one page', async () => {
  const { page } = await visits.open(SURFACES.trial);
  const pdf = (await page.pdf({ format: 'Letter' })).toString('latin1');
  expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
});

async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
}
