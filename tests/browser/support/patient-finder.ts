import type { Locator, Page } from 'playwright-core';
import type { Treatment } from '../../../src/web/treatment.ts';
import { ENGLISH } from '../../../src/web/words/english.ts';
import type { AgeGroup } from '../../../src/trials/vocabulary.ts';

/** A family's answers, as the page takes them. */
export interface Answers {
  readonly age?: string;
  readonly groups?: readonly AgeGroup[];
  readonly treatment?: Treatment;
}

export function ageField(page: Page): Locator {
  return page.getByRole('textbox', { name: ENGLISH.form.age });
}

export function ageChip(page: Page, group: AgeGroup): Locator {
  return page.getByRole('checkbox', { name: ENGLISH.ageGroup[group], exact: true });
}

export function treatmentChoice(page: Page, treatment: Treatment): Locator {
  return page.getByRole('radio', { name: ENGLISH.treatment[treatment], exact: true });
}

/** Clears what was answered and answers anew, with keys and clicks as people do. */
export async function answer(page: Page, { age = '', groups = [], treatment }: Answers): Promise<void> {
  await page.getByText(ENGLISH.form.reset, { exact: true }).click();
  if (age !== '') {
    await ageField(page).pressSequentially(age);
    await ageField(page).press('Tab');
  }
  for (const group of groups) await ageChip(page, group).check();
  if (treatment !== undefined) await treatmentChoice(page, treatment).check();
}

/**
 * The trials of a page that are not hidden, be it by themselves or with their group, by number. Those that may not be
 * about ALL stand apart, and are no part of the list.
 */
export async function shownTrials(page: Page): Promise<string[]> {
  return readShown(page, '[data-trial]:not([data-group="maybe"] *)');
}

/** Those that stand apart. */
export async function maybeTrials(page: Page): Promise<string[]> {
  return readShown(page, '[data-group="maybe"] [data-trial]');
}

async function readShown(page: Page, selector: string): Promise<string[]> {
  const ids = await page
    .locator(selector)
    .evaluateAll((cards) =>
      cards
        .filter((card) => card.closest('[hidden]') === null)
        .map((card) => (JSON.parse(card.getAttribute('data-trial') ?? '') as { nctId: string }).nctId),
    );
  return ids.toSorted();
}

/** What the API shows for a query. */
export async function apiTrials(origin: string, query: Readonly<Record<string, string>>): Promise<string[]> {
  const address = `${origin}/v1/trials?${new URLSearchParams({ ...query, limit: '200' }).toString()}`;
  const { data } = (await (await fetch(address)).json()) as { data: { nctId: string }[] };
  return data.map(({ nctId }) => nctId).toSorted();
}
