import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ENGLISH } from '../../src/web/words/english.ts';
import { axeViolations } from './support/axe.ts';
import { unfold } from './support/inspect-page.ts';
import { answer, shownTrials } from './support/patient-finder.ts';
import { shootWidths } from './support/screenshots.ts';
import { EACH_SURFACE, inSpanish } from './support/surfaces.ts';
import { useVisits, type VisitOptions } from './support/visits.ts';

/** axe finds nothing on any page, in any state, in both languages. */

const visits = useVisits();
/** Its policy does not let axe in; all other tests keep it. */
const openForAxe = async (path: string, options: VisitOptions = {}): Promise<Page> =>
  (await visits.open(path, { ...options, bypassCSP: true })).page;

describe.each(EACH_SURFACE)('%s', (surface, path) => {
  test('in English: as it comes, unfolded in 320 px, and in forced colours', async () => {
    const page = await openForAxe(path);
    expect.soft(await axeViolations(page)).toEqual([]);
    await unfold(page);
    await page.setViewportSize({ width: 320, height: 700 });
    expect.soft(await axeViolations(page)).toEqual([]);
    await page.emulateMedia({ forcedColors: 'active' });
    expect.soft(await axeViolations(page)).toEqual([]);
    await shootWidths(page, `${surface}-forced-colours`);
  });

  test('in Spanish, unfolded', async () => {
    const page = await openForAxe(inSpanish(path));
    await unfold(page);
    expect.soft(await axeViolations(page)).toEqual([]);
  });
});

describe('the finder of families', () => {
  test('with an age, and a trial at whose limit it is', async () => {
    const page = await openForAxe('/');
    const all = await shownTrials(page);
    await answer(page, { age: '21', treatment: 'came_back' });
    await expect.poll(async () => shownTrials(page)).not.toEqual(all);
    expect.soft(await axeViolations(page)).toEqual([]);
    await shootWidths(page, 'finder-age-entered');
  });

  test('with an age that cannot be read', async () => {
    const page = await openForAxe('/');
    await answer(page, { age: 'eight' });
    await page.getByText(ENGLISH.form.ageError).waitFor();
    expect.soft(await axeViolations(page)).toEqual([]);
    await shootWidths(page, 'finder-age-error');
  });

  test('without a script: an age, and one that cannot be read', async () => {
    for (const age of ['8 months', 'eight'])
      expect(await axeViolations(await openForAxe(`/?age=${encodeURIComponent(age)}`))).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['not-found', '/nowhere'],
    ['no-such-trial', '/trials/NCT99999999'],
  ])('%s', async (name, path) => {
    const page = await openForAxe(path, {
      extraHTTPHeaders: { accept: 'text/html' },
      allowedFaults: [/status of 404/],
    });
    expect(await page.locator('h1').innerText()).toBe(ENGLISH.errors.problem['not-found'].title);
    expect.soft(await axeViolations(page)).toEqual([]);
    await shootWidths(page, name);
  });
});

test('a comparison of nothing', async () => {
  const page = await openForAxe('/compare?trials=NCT99999999');
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole('link', { name: ENGLISH.compare.choose }).click();
  await page.waitForURL(/view=clinician#results$/);
});

test('the embedded list', async () => {
  const page = await openForAxe('/embed/v1/');
  expect(await axeViolations(page)).toEqual([]);
  await shootWidths(page, 'embed');
});
