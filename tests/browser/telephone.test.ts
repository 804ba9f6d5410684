import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ENGLISH } from '../../src/web/words/english.ts';
import { overflowing } from './support/inspect-page.ts';
import { shoot } from './support/screenshots.ts';
import { useVisits } from './support/visits.ts';

/** What care teams see on a telephone. */

const visits = useVisits();
const TELEPHONE = { width: 390, height: 844 } as const;
const COMPARED = ['NCT03914625', 'NCT03959085', 'NCT03007147', 'NCT05602194'];

async function hiddenAtTheSide(page: Page): Promise<number> {
  return page
    .getByRole('region', { name: ENGLISH.compare.title })
    .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
}

test.each([true, false])('two trials are read side by side, scripts: %s', async (javaScriptEnabled) => {
  const { page } = await visits.open(`/compare?trials=${COMPARED.slice(0, 2).join()}`, {
    viewport: TELEPHONE,
    javaScriptEnabled,
  });
  expect.soft(await hiddenAtTheSide(page)).toBe(0);
  expect.soft(await page.getByText(ENGLISH.clinician.scrollHint).isVisible()).toBe(false);
  const boxes = await Promise.all(
    (await page.getByRole('columnheader').getByRole('link').all()).map(async (link) => link.boundingBox()),
  );
  expect.soft(boxes.map((box) => (box?.x ?? 0) + (box?.width ?? 0) <= TELEPHONE.width)).toEqual([true, true]);
  // Blocks to the eye, a table to who hears it.
  expect.soft(await page.getByRole('rowheader', { name: ENGLISH.compare.row.ages }).count()).toBe(1);
  expect.soft(await page.getByRole('row').last().getByRole('cell').count()).toBe(2);
});

test.each([3, 4])('%i trials are scrolled to, which is said, and the page stays', async (count) => {
  const { page } = await visits.open(`/compare?trials=${COMPARED.slice(0, count).join()}`, {
    viewport: TELEPHONE,
  });
  expect.soft(await page.getByText(ENGLISH.clinician.scrollHint).isVisible()).toBe(true);
  expect.soft(await hiddenAtTheSide(page)).toBeGreaterThan(0);
  expect.soft(await overflowing(page)).toEqual([]);
  const name = page.getByRole('rowheader', { name: ENGLISH.compare.row.ages }).locator('span');
  const before = await name.boundingBox();
  await page.getByRole('region', { name: ENGLISH.compare.title }).focus();
  await page.keyboard.press('ArrowRight');
  await expect
    .poll(async () => page.locator('.table-frame').evaluate((frame) => frame.scrollLeft))
    .toBeGreaterThan(0);
  expect.soft((await name.boundingBox())?.x).toBe(before?.x);
  await shoot(page, `compare-${count}`);
});

test('where more fit beside each other nothing is said of scrolling, and nothing needs it', async () => {
  const { page } = await visits.open(`/compare?trials=${COMPARED.join()}`);
  for (const width of [1280, 1024, 900, 700]) {
    await page.setViewportSize({ width, height: 900 });
    expect.soft(await hiddenAtTheSide(page), `${width}`).toBe(0);
    expect.soft(await page.getByText(ENGLISH.clinician.scrollHint).isVisible(), `${width}`).toBe(false);
  }
});

const folded = (page: Page) => page.locator('[data-folded] > summary');

test.each([true, false])(
  'the number of trials and the first are near the top, scripts: %s',
  async (javaScriptEnabled) => {
    const { page } = await visits.open('/?view=clinician', { viewport: TELEPHONE, javaScriptEnabled });
    const top = async (selector: string): Promise<number> =>
      (await page.locator(selector).first().boundingBox())?.y ?? Infinity;
    expect.soft(await top('[data-status]')).toBeLessThan(1.1 * TELEPHONE.height);
    expect.soft(await top('[data-trial]:visible')).toBeLessThan(1.5 * TELEPHONE.height);
    const filter = page.getByRole('checkbox', { name: 'Relapsed' });
    expect.soft(await filter.isVisible()).toBe(false);
    await folded(page).click();
    expect.soft(await filter.isVisible()).toBe(true);
    await shoot(page, 'clinician-unfolded');
  },
);

test('filters that fold away are named where they are in use', async () => {
  const inUse = `${ENGLISH.clinician.moreFilters} In use: Sex, Where in treatment`;
  const address = '/?view=clinician&age=34&sex=FEMALE&setting=relapsed,refractory';
  const options = { viewport: TELEPHONE, javaScriptEnabled: false };
  const { page: plain } = await visits.open(address, options);
  expect.soft((await folded(plain).innerText()).replaceAll(/\s+/g, ' ').trim()).toBe(inUse);
  const { page } = await visits.open('/?view=clinician', { viewport: TELEPHONE });
  expect.soft(await folded(page).innerText()).toBe(ENGLISH.clinician.moreFilters);
  await folded(page).click();
  await page.getByRole('checkbox', { name: 'Relapsed' }).check();
  expect.soft(await folded(page).innerText()).toMatch(/In use: Where in treatment$/);
  await page.getByRole('link', { name: ENGLISH.clinician.reset }).click();
  expect.soft(await folded(page).innerText()).toBe(ENGLISH.clinician.moreFilters);
});

test.each([true, false])(
  'where there is room the filters stand open, scripts: %s',
  async (javaScriptEnabled) => {
    const { page } = await visits.open('/?view=clinician', { javaScriptEnabled });
    expect.soft(await folded(page).isVisible()).toBe(false);
    const filter = page.getByRole('checkbox', { name: 'Relapsed' });
    await filter.focus();
    await page.keyboard.press('Space');
    expect.soft(await filter.isChecked()).toBe(true);
  },
);
