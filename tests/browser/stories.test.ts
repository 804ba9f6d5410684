import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { answer, apiTrials, shownTrials } from './support/patient-finder.ts';
import { useVisits } from './support/visits.ts';

/** People who come with a question, and leave with what they came for. */

const visits = useVisits();

test('a family: a baby of 8 months, just diagnosed, finds an open study and whom to call', async () => {
  const { page } = await visits.open('/');
  await answer(page, { age: '8 months', treatment: 'newly_diagnosed' });
  const expected = await apiTrials(visits.site.origin, { age: '8mo' });
  await expect.poll(async () => shownTrials(page)).toEqual(expected);
  const open = page.locator('[data-group="open"] [data-trial]:visible');
  // Of the sample, in which the numbers of study teams are masked, one that the hospital's own number is given for.
  const chosen = open.filter({ has: page.locator('a[href^="tel:"]') }).first();
  const title = await chosen.getByRole('link').first().innerText();
  expect(await open.count()).toBe(
    (await apiTrials(visits.site.origin, { age: '8mo', availability: 'open' })).length,
  );
  await chosen.getByRole('link').first().click();
  await page.waitForURL(/\/trials\/NCT\d{8}$/);
  expect(await page.locator('h1').innerText()).toBe(title);
  const call = page.locator('main a[href^="tel:"]').first();
  expect(await call.getAttribute('href')).toMatch(/^tel:\+1\d{10}/);
  expect((await call.innerText()).replaceAll(/\D/g, '')).toHaveLength(10);
  // And back, to the answers that were given.
  await page.evaluate(() => history.back());
  await expect.poll(async () => shownTrials(page)).toEqual(expected);
});

test('a navigator: 34 years, relapsed, by keys alone: filters, opens, copies and compares', async () => {
  const { page } = await visits.open('/?view=clinician', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const rows = page.locator('[data-trial]:visible');
  const query = { age: '34', setting: 'relapsed' };
  await tabTo(page, 'input[type=text][name=age]');
  await page.keyboard.type('34');
  await tabTo(page, 'input[name=setting][value=relapsed]');
  await page.keyboard.press('Space');
  await expect.poll(async () => shownTrials(page)).toEqual(await apiTrials(visits.site.origin, query));
  const ids = await rows.evaluateAll((all) =>
    all.map((row) => (JSON.parse(row.getAttribute('data-trial') ?? '') as { nctId: string }).nctId),
  );
  const [one = '', other = ''] = ids;

  await tabTo(page, `input[name=trials][value=${one}]`);
  await page.keyboard.press('Space');
  await tabTo(page, 'summary');
  await page.keyboard.press('Enter');
  expect(
    await rows
      .first()
      .locator('details')
      .first()
      .evaluate((fold: HTMLDetailsElement) => fold.open),
  ).toBe(true);
  await tabTo(page, '[data-copy-text]');
  await page.keyboard.press('Enter');
  const copied = async (): Promise<string> => page.evaluate(async () => navigator.clipboard.readText());
  await expect.poll(copied).toContain(one);
  const [source, day] = (await copied()).split('\n').slice(-2);
  expect([source, day]).toEqual([
    'Source: ClinicalTrials.gov, modified',
    expect.stringMatching(/^Data of: \d{4}-\d{2}-\d{2}$/),
  ]);

  await tabTo(page, `input[name=trials][value=${other}]`);
  await page.keyboard.press('Space');
  await tabTo(page, '[data-compare]', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/compare\?/);
  const table = page.locator('main table').first();
  expect(await table.innerText()).toContain(one);
  expect(await table.innerText()).toContain(other);
});

/** Moves the focus to the next control that a selector means, as somebody does who sees where it is. */
async function tabTo(page: Page, selector: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press(key);
    const isThere = await page.evaluate(
      (wanted) => document.activeElement?.matches(wanted) ?? false,
      selector,
    );
    if (isThere) return;
  }
  throw new Error(`${key} does not reach ${selector}`);
}
