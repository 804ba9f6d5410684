import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createFacetFinder } from '../../src/eligibility/find-facets.ts';
import type { StudyText } from '../../src/eligibility/study-sentences.ts';
import { pack } from '../support/sample.ts';

const findFacets = createFacetFinder(pack.facets);
const nothing: StudyText = {
  briefTitle: 'A study',
  officialTitle: null,
  acronym: null,
  conditions: [],
  keywords: [],
  meshTerms: [],
  briefSummary: null,
  criteria: '',
  interventionNames: [],
  interventionOtherNames: [],
  armGroupLabels: [],
};
const placeIn: Readonly<Record<string, (text: string) => Partial<StudyText>>> = {
  T: (briefTitle) => ({ briefTitle }),
  C: (condition) => ({ conditions: [condition] }),
  S: (briefSummary) => ({ briefSummary }),
  I: (text) => ({ criteria: `Inclusion Criteria:\n\n* ${text}` }),
  X: (text) => ({ criteria: `Exclusion Criteria:\n\n* ${text}` }),
  U: (criteria) => ({ criteria }),
};
const read = (section: string, text: string): Record<string, string> =>
  Object.fromEntries(
    findFacets({ ...nothing, ...placeIn[section]?.(text) }).map(({ id, polarity }) => [id, polarity]),
  );

interface Phrase {
  src: string;
  sec: string;
  text: string;
  expect?: Record<string, string>;
  absent?: string[];
}
const phrases = JSON.parse(await readFile('tests/fixtures/phrases.json', 'utf8')) as Phrase[];

describe('labelled phrases of real records', () => {
  test.each(phrases.map((phrase) => [phrase.src, phrase] as const))('%s', (_source, phrase) => {
    const found = read(phrase.sec, phrase.text);
    for (const [id, polarity] of Object.entries(phrase.expect ?? {}))
      expect([id, found[id]]).toEqual([id, polarity.replace('-', '_')]);
    for (const id of phrase.absent ?? []) expect(found).not.toHaveProperty([id]);
  });
});
