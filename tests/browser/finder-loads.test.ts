import { expect, test } from 'vitest';
import { axeViolations } from './support/axe.ts';
import { layoutShifts } from './support/layout-shifts.ts';
import { shootWidths } from './support/screenshots.ts';
import { useVisits } from './support/visits.ts';

const visits = useVisits();

test('the finder loads without a fault, a shift or a request to somebody else', async () => {
  const { page, watch } = await visits.open('/');
  expect(await page.locator('h1').count()).toBe(1);
  expect(await layoutShifts(page)).toEqual([]);
  expect(watch.requests).toHaveLength(3);
  await shootWidths(page, 'finder');
});

test('axe', async () => {
  const { page } = await visits.open('/', { bypassCSP: true });
  expect(await axeViolations(page)).toEqual([]);
});
