import { describe, expect, test } from 'vitest';
import { answer, apiTrials, maybeTrials, shownTrials, type Answers } from './support/patient-finder.ts';
import { TREATMENT } from '../../src/web/treatment.ts';
import { useVisits } from './support/visits.ts';
import { ENGLISH } from '../../src/web/words/english.ts';

/** The same question finds the same trials: by script, by form and server, and in the API. */

const visits = useVisits();

interface Question {
  readonly answers: Answers;
  readonly query: Readonly<Record<string, string>>;
}

/** What is answered on the page, and what it means to the API: an age goes before groups, treatment removes nothing. */
const QUESTIONS: readonly Question[] = [
  { answers: {}, query: {} },
  { answers: { age: '8 months' }, query: { age: '8mo' } },
  { answers: { age: '8 mo' }, query: { age: '8mo' } },
  { answers: { age: '0' }, query: { age: '0' } },
  { answers: { age: '1.5' }, query: { age: '1.5' } },
  { answers: { age: '9 ' }, query: { age: '9' } },
  { answers: { age: '17y' }, query: { age: '17' } },
  { answers: { age: '21' }, query: { age: '21' } },
  { answers: { age: '34' }, query: { age: '34' } },
  { answers: { age: '90' }, query: { age: '90' } },
  { answers: { groups: ['infant'] }, query: { ageGroup: 'infant' } },
  { answers: { groups: ['child', 'older_adult'] }, query: { ageGroup: 'child,older_adult' } },
  { answers: { groups: ['aya'], treatment: 'came_back' }, query: { ageGroup: 'aya' } },
  { answers: { age: '5', groups: ['adult'] }, query: { age: '5' } },
  { answers: { age: '34', treatment: 'after_transplant' }, query: { age: '34' } },
  { answers: { treatment: 'newly_diagnosed' }, query: {} },
];

/** Studies that do not name ALL and are not closed: families find them folded, the API when it is asked for them. */
const apiMaybe = async (query: Readonly<Record<string, string>>): Promise<string[]> =>
  apiTrials(visits.site.origin, {
    ...query,
    relevance: 'possible',
    availability: 'open,opening_soon,by_invitation,unknown,paused',
  });

test('by script', async () => {
  const { page } = await visits.open('/');
  for (const { answers, query } of QUESTIONS) {
    await answer(page, answers);
    const expected = await apiTrials(visits.site.origin, query);
    await expect.poll(async () => shownTrials(page), { message: JSON.stringify(answers) }).toEqual(expected);
    expect(await maybeTrials(page), JSON.stringify(answers)).toEqual(await apiMaybe(query));
  }
});

describe('without a script', () => {
  test('by the form', async () => {
    const { page } = await visits.open('/', { javaScriptEnabled: false });
    // What the form sends is one matter, what the server makes of it the next test's.
    for (const { answers, query } of QUESTIONS.filter((_question, place) => place % 4 === 1)) {
      await page.goto('/');
      await answer(page, answers);
      await page.getByRole('button', { name: ENGLISH.form.submit }).click();
      // The click waits for the first bytes of the page only.
      await page.waitForURL(/\?/);
      expect(await shownTrials(page), JSON.stringify(answers)).toEqual(
        await apiTrials(visits.site.origin, query),
      );
      expect(await maybeTrials(page), JSON.stringify(answers)).toEqual(await apiMaybe(query));
    }
  });

  test('by the address', async () => {
    const { page } = await visits.open('/', { javaScriptEnabled: false });
    for (const { answers, query } of QUESTIONS) {
      const { age = '', groups = [], treatment = 'not_sure' } = answers;
      const parameters = new URLSearchParams({ age, setting: TREATMENT[treatment].join() });
      for (const group of groups) parameters.append('ageGroup', group);
      await page.goto(`/?${parameters.toString()}`);
      expect(await shownTrials(page), JSON.stringify(answers)).toEqual(
        await apiTrials(visits.site.origin, query),
      );
    }
  });
});

test('an address that was shared is answered with and without a script alike', async () => {
  const shared = '/?age=8%20months&ageGroup=child&setting=newly_diagnosed&nonsense=1';
  const { page: scripted } = await visits.open(shared);
  const { page: plain } = await visits.open(shared, { javaScriptEnabled: false });
  const expected = await apiTrials(visits.site.origin, { age: '8mo' });
  expect(await shownTrials(plain)).toEqual(expected);
  await expect.poll(async () => shownTrials(scripted)).toEqual(expected);
});
