import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { foldSigns } from '../src/eligibility/study-sentences.ts';
import { plainText } from '../src/registry/plain-text.ts';
import {
  buildAccuracyPage,
  compareWithLabels,
  findFalseExclusions,
  halfOf,
  Label,
} from '../tools/build-accuracy-page.ts';

const compared = await compareWithLabels();
const studies = JSON.parse(await readFile('accuracy/studies.json', 'utf8')) as {
  protocolSection: { identificationModule: { nctId: string } };
}[];

test('the page is what the rules and the labels say', async () => {
  expect(await readFile('docs/accuracy.md', 'utf8')).toBe(await buildAccuracyPage());
});

test('there are at least 150 labelled records, each once, in two halves', () => {
  const ids = compared.map(({ label }) => label.nctId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(150);
  expect(ids.filter((id) => halfOf(id) === 'untouched').length).toBeGreaterThan(60);
});

test('no trial is said not to fit a patient whom it would take', () => {
  expect(findFalseExclusions(compared)).toEqual([]);
});

describe('labels', () => {
  const foldText = (text: string): string => foldSigns(plainText(text)).toLowerCase();
  const texts = new Map(
    studies.map((study) => [
      study.protocolSection.identificationModule.nctId,
      foldText(
        JSON.stringify(study)
          .replaceAll(String.raw`\n`, ' ')
          .replaceAll(String.raw`\"`, '"')
          .replaceAll('\\\\', '\\'),
      ),
    ]),
  );
  test.each(compared.map(({ label }) => [label.nctId, label] as const))(
    '%s: every facet has a quote from the record',
    (nctId, label) => {
      expect(Label.safeParse(label).success).toBe(true);
      for (const id of Object.keys(label.facets)) expect(label.quotes).toHaveProperty([id]);
      // Several conditions in one quote were joined by a bar, and some readers kept the name of the line.
      const parts = Object.values(label.quotes).flatMap((quote) =>
        quote.replace(/^(?:CONDITIONS|KEYWORDS|MESH): /, '').split(' | '),
      );
      for (const part of parts) expect(texts.get(nctId)).toContain(foldText(part));
    },
  );

  test('the records hold no people and no places', async () => {
    const text = await readFile('accuracy/studies.json', 'utf8');
    expect(text).not.toMatch(/contactsLocationsModule|overallOfficials|"email"|"phone"/);
  });
});
