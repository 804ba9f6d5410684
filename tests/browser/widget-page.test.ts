import { expect, test } from 'vitest';
import { axeViolations } from './support/axe.ts';
import { shootWidths } from './support/screenshots.ts';
import { useVisits } from './support/visits.ts';

const visits = useVisits();

test('every form of the widget is alive on the page that explains it', async () => {
  const { page } = await visits.open('/widget/');
  await page.locator('uab-all-trials [data-finder][data-ready]').nth(2).waitFor();
  await page.locator('iframe').scrollIntoViewIfNeeded();
  await page.frameLocator('iframe').locator('[data-finder][data-ready]').waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
  await shootWidths(page, 'widget-page');
});

test('a button copies its example', async () => {
  const { page } = await visits.open('/widget/', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.locator('[data-copy="pin"]').click();
  await page.locator('[role="status"]', { hasText: 'Copied' }).waitFor();
  const copied = await page.evaluate(async () => navigator.clipboard.readText());
  const [, src = '', integrity = ''] = /src="([^"]+)"\s+integrity="([^"]+)"/.exec(copied) ?? [];
  const bytes = await (await fetch(src)).arrayBuffer();
  const hash = Buffer.from(await crypto.subtle.digest('SHA-384', bytes)).toString('base64');
  expect(integrity).toBe(`sha384-${hash}`);
});

test('axe', async () => {
  const { page } = await visits.open('/widget/', { bypassCSP: true });
  await page.locator('uab-all-trials [data-finder][data-ready]').nth(2).waitFor();
  // The lists are the same; one is enough to look at, and four take half a minute.
  await page.evaluate(() => {
    const [, ...others] = document.querySelectorAll('.example :is(uab-all-trials, iframe)');
    for (const other of others) other.remove();
  });
  expect(await axeViolations(page)).toEqual([]);
});
