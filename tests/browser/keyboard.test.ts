import { describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { walkWithTab } from './support/keyboard.ts';
import { EACH_SURFACE } from './support/surfaces.ts';
import { NARROW, useVisits } from './support/visits.ts';

const visits = useVisits();
/** Controls that stand side by side differ this much in height. */
const SAME_LINE_PX = 60;

describe.each([...EACH_SURFACE, ['embed', '/embed/v1/']])('%s', (_surface, path) => {
  test('Tab reaches every control once, in the order of reading, and the focus is seen', async () => {
    // One column: what is read later stands lower.
    const { page } = await visits.open(path, { viewport: NARROW });
    const { controls, stops } = await walkWithTab(page);
    expect(controls).toBeGreaterThan(5);
    expect.soft(stops.filter(({ unseen }) => unseen !== null)).toEqual([]);
    expect
      .soft(stops.map(({ place }) => place))
      .toEqual(Array.from({ length: controls }, (_, place) => place));
    const jumps = stops.filter(
      ({ top }, place) => place > 1 && top < (stops[place - 1]?.top ?? 0) - SAME_LINE_PX,
    );
    expect(jumps).toEqual([]);
  });
});

describe.each(EACH_SURFACE)('%s', (_surface, path) => {
  test('the first stop skips to the content', async () => {
    const { page } = await visits.open(path);
    await page.keyboard.press('Tab');
    const skip = page.locator(':focus');
    expect(await skip.innerText()).toBe(ENGLISH.page.skip);
    expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash).toBe('#main');
    await page.keyboard.press('Tab');
    expect(await page.locator('main :focus').count()).toBe(1);
  });

  test('everything that folds opens and closes by keys', async () => {
    const { page } = await visits.open(path);
    const folds = page.locator('details > summary:visible');
    for (const fold of (await folds.all()).slice(0, 5)) {
      const isOpen = async () =>
        fold.evaluate((summary) => (summary.parentElement as HTMLDetailsElement).open);
      const before = await isOpen();
      await fold.focus();
      await page.keyboard.press('Enter');
      expect(await isOpen()).toBe(!before);
      await page.keyboard.press('Space');
      expect(await isOpen()).toBe(before);
    }
  });
});
