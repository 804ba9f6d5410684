import { expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { SPANISH } from '../../src/web/words/spanish.ts';
import { wordsOf } from './reading-grade.ts';
import { textsOf } from './texts-of.ts';

const english = textsOf(ENGLISH);
const spanish = textsOf(SPANISH);
const keyed = (texts: typeof english) => new Map(texts.map(({ path, text }) => [path.join('.'), text]));
const placesIn = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();

/** What is written alike in both: names, numbers, abbreviations, places that are filled in, and words of both. */
const ALIKE =
  /^(?:\{\w+\}|[\d/–-]+|UAB|ALL|MRD|NCT|CSV|API|HTML|CSS|PDF|EFS|no|a|total|sexo|Email|URL|ClinicalTrials\.gov)$/;
/** Words that no Spanish sentence has. */
const ENGLISH_WORDS =
  /\b(?:the|and|of|is|are|for|with|not|this|study|studies|team|your|you|we|our|open|ages?|trial|trials|site|ask)\b/i;
/** Names of others, in their own language; places that are filled in; and a value that a program reads. */
const NAMES =
  /Children[’']s of Alabama|ClinicalTrials\.gov|UAB Medicine|O[’']Neal[\w ]*|English|\{\w+\}|“trial”/g;

test('both languages have the same texts with the same places', () => {
  expect([...keyed(spanish).keys()]).toEqual([...keyed(english).keys()]);
  const others = english.filter(
    ({ path, text }) => placesIn(text).join() !== placesIn(keyed(spanish).get(path.join('.')) ?? '').join(),
  );
  expect(others).toEqual([]);
});

test('no text is English still', () => {
  const same = spanish.filter(
    ({ path, text }) =>
      text === keyed(english).get(path.join('.')) &&
      !wordsOf(text).every((word) => ALIKE.test(word) || word === 'x'),
  );
  expect(same).toEqual([]);
});

test('no text has an English word in it', () => {
  expect(spanish.filter(({ text }) => ENGLISH_WORDS.test(text.replaceAll(NAMES, '')))).toEqual([]);
});

test.each([
  ['elegible', /\b(?:in)?elegib/i],
  ['usted califica', /\bcalific(?:a|as|an|ar|ado|ada)\b/i],
  ['mejor', /\bmejor(?:es)?\b/i],
])('never says %s', (_phrase, forbidden) => {
  expect(spanish.filter(({ text }) => forbidden.test(text))).toEqual([]);
});

test('asks and tells as Spanish does: both marks, and formal', () => {
  const questions = spanish.filter(({ text }) => text.includes('?') !== text.includes('¿'));
  expect(questions).toEqual([]);
  expect(spanish.filter(({ text }) => /\b(?:tú|tu|tus|tienes|puedes|haz)\b/i.test(text))).toEqual([]);
});
