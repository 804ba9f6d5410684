import { describe, expect, test } from 'vitest';
import { clipped, moving, overflowing, smallTargets, spaceText, unfold } from './support/inspect-page.ts';
import { layoutShifts } from './support/layout-shifts.ts';
import { shoot, shootWidths } from './support/screenshots.ts';
import { EACH_SURFACE, inSpanish, SURFACES } from './support/surfaces.ts';
import { NARROW, useVisits } from './support/visits.ts';

const visits = useVisits();
/** What 1280 × 1024 pixels become at 400 % (WCAG 1.4.10). */
const ZOOMED = { width: 320, height: 256 } as const;

describe.each(EACH_SURFACE)('%s', (surface, path) => {
  test.each([
    ['English', path, surface],
    ['Spanish', inSpanish(path), `${surface}-spanish`],
  ])('in %s loads without a shift, and has no scrolling to the side at 400 %%', async (_, address, name) => {
    const { page } = await visits.open(address);
    expect.soft(await layoutShifts(page)).toEqual([]);
    expect.soft(await page.locator('h1').count()).toBe(1);
    await shootWidths(page, name);
    await page.setViewportSize(ZOOMED);
    expect.soft(await overflowing(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 900 });
    await unfold(page);
    expect.soft(await overflowing(page)).toEqual([]);
    await shoot(page, name);
  });

  test('is easy to press, does not move, and loses no text when it is spaced out', async () => {
    const { page } = await visits.open(path, { viewport: NARROW, reducedMotion: 'reduce' });
    await unfold(page);
    expect.soft(await smallTargets(page)).toEqual([]);
    expect.soft(await moving(page)).toEqual([]);
    await spaceText(page);
    expect.soft(await clipped(page)).toEqual([]);
    expect.soft(await overflowing(page)).toEqual([]);
  });
});

test.each(EACH_SURFACE)('%s begins where header and footer begin', async (_surface, path) => {
  const { page } = await visits.open(path);
  for (const width of [1280, 2400]) {
    await page.setViewportSize({ width, height: 900 });
    const starts = await page
      .locator('.site-name, main h1, .site-footer p')
      .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().left));
    expect(starts.length).toBeGreaterThan(2);
    expect(new Set(starts).size, `${width}`).toBe(1);
  }
});

test('a trial is printed on one page', async () => {
  const { page } = await visits.open(SURFACES.trial);
  const pdf = (await page.pdf({ format: 'Letter' })).toString('latin1');
  expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
  await page.emulateMedia({ media: 'print' });
  await shootWidths(page, 'trial-printed');
});
