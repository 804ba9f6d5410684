import { expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { layoutShifts } from './support/layout-shifts.ts';
import {
  ageChip,
  ageField,
  answer,
  apiTrials,
  shownTrials,
  treatmentChoice,
} from './support/patient-finder.ts';
import { useVisits } from './support/visits.ts';

/** Ages and answers stay on the device, and nobody needs the network once the page is there. */

const visits = useVisits();

test('nothing that is answered leaves the page, is stored or comes into the address', async () => {
  const { page, watch } = await visits.open('/');
  const before = { url: page.url(), history: await page.evaluate(() => history.length) };
  watch.requests.length = 0;
  await ageField(page).pressSequentially('8 months');
  await ageField(page).press('Enter');
  await ageChip(page, 'child').check();
  await treatmentChoice(page, 'came_back').check();
  await expect
    .poll(async () => shownTrials(page))
    .toEqual(await apiTrials(visits.site.origin, { age: '8mo' }));
  expect(watch.requests).toEqual([]);
  expect(page.url()).toBe(before.url);
  expect(
    await page.evaluate(async () => ({
      history: history.length,
      local: localStorage.length,
      session: sessionStorage.length,
      caches: (await caches.keys()).length,
      databases: (await indexedDB.databases()).length,
      cookies: document.cookie,
    })),
  ).toEqual({ history: before.history, local: 0, session: 0, caches: 0, databases: 0, cookies: '' });
  expect(await page.context().cookies()).toEqual([]);
});

test('filters work offline', async () => {
  const { page } = await visits.open('/');
  await page.context().setOffline(true);
  for (const [answers, query] of [
    [{ age: '34' }, { age: '34' }],
    [{ groups: ['infant'] }, { ageGroup: 'infant' }],
  ] as const) {
    await answer(page, answers);
    const expected = await apiTrials(visits.site.origin, query);
    await expect.poll(async () => shownTrials(page)).toEqual(expected);
  }
});

test('nothing shifts but what was asked to: loading, an age, an error, no study, and back', async () => {
  const { page } = await visits.open('/');
  const all = await apiTrials(visits.site.origin, {});
  await answer(page, { age: '8 months', treatment: 'newly_diagnosed' });
  await expect.poll(async () => shownTrials(page)).not.toEqual(all);
  await answer(page, { age: 'eight' });
  await page.getByText(ENGLISH.form.ageError).waitFor();
  await answer(page, {});
  await expect.poll(async () => shownTrials(page)).toEqual(all);
  expect(await layoutShifts(page)).toEqual([]);
});
