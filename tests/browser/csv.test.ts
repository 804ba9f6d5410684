import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { SPANISH } from '../../src/web/words/spanish.ts';
import { useVisits, type Visits } from './support/visits.ts';

/** What care teams save says where it comes from, wherever it is opened. */

const { column, csvColumn, allDrugs } = ENGLISH.clinician;
/** All that the table shows, in its order. */
const SHOWN = Object.entries(column).flatMap(([name, title]) => (name === 'pick' ? [] : [title]));

async function saveList(visits: Visits, address: string): Promise<{ head: string; rows: string[] }> {
  const { page } = await visits.open(address);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-csv]').click()]);
  const text = await readFile(await download.path(), 'utf8');
  const [head = '', ...rows] = text.replace('\uFEFF', '').trimEnd().split('\r\n');
  return { head, rows };
}

describe('of the registry', () => {
  const visits = useVisits();

  test('each row has the source and the day of the data, behind all that was there before', async () => {
    const { head, rows } = await saveList(visits, '/?view=clinician&setting=relapsed');
    expect(head).toBe([...SHOWN, allDrugs, csvColumn.source, csvColumn.day, csvColumn.note].join(','));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(row).toMatch(/,"ClinicalTrials\.gov, modified",2026-08-22,$/);
  });

  test('in Spanish', async () => {
    const { head, rows } = await saveList(visits, '/?view=clinician&lang=es');
    const { source, day, note } = SPANISH.clinician.csvColumn;
    expect(head).toMatch(new RegExp(`,${source},${day},${note}$`));
    for (const row of rows) expect(row).toContain(`,"${SPANISH.clinician.csvSource}",2026-08-22,`);
  });
});

describe('of the bundled sample', () => {
  const visits = useVisits(() => ({ isBundled: true }));

  test('each row says that it is no list of today', async () => {
    const { rows } = await saveList(visits, '/?view=clinician');
    for (const row of rows)
      expect(row).toMatch(
        /,2026-08-22,"This is sample data, not the current list\. Data of Aug 22, 2026\."$/,
      );
  });

  test('so does a trial that is copied as text', async () => {
    const { page } = await visits.open('/?view=clinician', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.locator('[data-trial]:visible summary').first().click();
    await page.locator('[data-copy-text]:visible').first().click();
    await expect.poll(async () => page.locator('[data-told]').innerText()).toBe(ENGLISH.clinician.copied);
    const copied = await page.evaluate(async () => navigator.clipboard.readText());
    expect(copied.split('\n').at(-1)).toBe(
      `${csvColumn.note}: This is sample data, not the current list. Data of Aug 22, 2026.`,
    );
  });
});

describe('of a list that could not be refreshed', () => {
  const visits = useVisits(() => ({ isStale: true }));

  test('each row says from when it is', async () => {
    const { rows } = await saveList(visits, '/?view=clinician');
    for (const row of rows)
      expect(row).toMatch(/,"We could not refresh today\. This list is from Nov 24, 2026\."$/);
  });
});
