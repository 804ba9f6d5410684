import { describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { axeViolations } from './support/axe.ts';
import { overflowing } from './support/inspect-page.ts';
import { answer, shownTrials } from './support/patient-finder.ts';
import { shootWidths } from './support/screenshots.ts';
import { snapshotWith } from './support/site.ts';
import { useVisits } from './support/visits.ts';
import { sampleSnapshot, type StudyDraft } from '../support/sample.ts';

/** Lists that are not as they usually are: the sample, one of yesterday, titles without end, and none that fits. */

describe('the bundled sample', () => {
  const visits = useVisits(() => ({ isBundled: true }));
  test('says so, first of all', async () => {
    const { page } = await visits.open('/', { bypassCSP: true });
    expect(await page.locator('body').innerText()).toContain(ENGLISH.page.sample);
    expect(await axeViolations(page)).toEqual([]);
    await shootWidths(page, 'finder-sample');
  });
});

describe('a list of yesterday', () => {
  const visits = useVisits(() => ({ isStale: true }));
  test('says of which day it is', async () => {
    const { page } = await visits.open('/', { bypassCSP: true });
    expect(await page.locator('body').innerText()).toContain(
      ENGLISH.page.stale.replace('{date}', 'Nov 24, 2026'),
    );
    expect(await axeViolations(page)).toEqual([]);
    await shootWidths(page, 'finder-stale');
  });
});

describe('texts that are long', () => {
  const LONG = `${'Immunochemotherapeutic '.repeat(12)}${'Pneumonoultramicroscopic'.repeat(2)} End`;
  const visits = useVisits(async () => ({
    snapshot: await snapshotWith({
      NCT03959085: ({ protocolSection }) => {
        protocolSection.identificationModule['briefTitle'] = LONG;
        protocolSection.identificationModule['acronym'] = 'AVERYLONGACRONYM'.repeat(4);
      },
    }),
  }));

  test('a title of 300 characters breaks nothing', async () => {
    expect(LONG.length).toBeGreaterThanOrEqual(300);
    const { page } = await visits.open('/', { bypassCSP: true, viewport: { width: 320, height: 700 } });
    expect(await page.getByText('Pneumonoultramicroscopic').first().isVisible()).toBe(true);
    expect(await overflowing(page)).toEqual([]);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto('/trials/NCT03959085');
    expect(await overflowing(page)).toEqual([]);
    await shootWidths(page, 'trial-long-title');
  });
});

describe('answers that leave no study', () => {
  const visits = useVisits(async () => ({ snapshot: await snapshotWithoutOpenEnds() }));

  test.each([
    ['with', '/'],
    ['without', '/?age=99'],
  ])('say how to undo each, and whom to call, %s a script', async (how, address) => {
    const { page } = await visits.open(address, { javaScriptEnabled: how === 'with' });
    if (how === 'with') await answer(page, { age: '99' });
    await expect.poll(async () => shownTrials(page)).toEqual([]);
    const nothing = page.locator('[data-nothing]');
    await nothing.waitFor();
    expect(await nothing.locator('a[href^="tel:"]').count()).toBeGreaterThan(0);
    expect(await nothing.innerText()).toContain(ENGLISH.results.noneText);
    await shootWidths(page, 'finder-nothing');
    // One tap undoes it.
    await nothing.getByText('99').last().click();
    await expect.poll(async () => (await shownTrials(page)).length).toBeGreaterThan(0);
  });

  test('are no less accessible', async () => {
    const { page } = await visits.open('/?age=99', { bypassCSP: true });
    await page.locator('[data-nothing]').waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });
});

/** Every study takes people up to 60 years. */
async function snapshotWithoutOpenEnds() {
  return snapshotWith(
    Object.fromEntries(
      sampleSnapshot.trials.map(({ nctId }) => [
        nctId,
        ({ protocolSection }: StudyDraft) => {
          protocolSection.eligibilityModule['maximumAge'] = '60 Years';
        },
      ]),
    ),
  );
}
