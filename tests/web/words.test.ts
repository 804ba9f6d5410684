import { describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { countSyllables, readingGrade, sentencesOf, wordsOf } from './reading-grade.ts';
import { textsOf } from './texts-of.ts';

const GRADE_MAX = 8;
const SENTENCE_WORDS_MAX = 15;
const GLOSSARY_WORDS_MAX = 40;
/** Fewer words have no grade: two long ones make a doctorate. */
const GRADED_WORDS_MIN = 12;

const SECTIONS = Object.keys(ENGLISH);
const TEXTS = textsOf(ENGLISH);

describe('the grade', () => {
  test.each([
    ['study', 2],
    ['studies', 2],
    ['trial', 2],
    ['stopped', 1],
    ['wanted', 2],
    ['places', 2],
    ['table', 2],
    ['patient', 2],
    ['treatment', 2],
    ['age', 1],
    ['diagnosed', 3],
    ['invitation', 4],
    ['people', 2],
    ['studying', 3],
    ['leukemia', 2],
    ['MRD', 1],
  ])('%s has %i syllables', (word, syllables) => expect(countSyllables(word)).toBe(syllables));

  test('is that of known texts', () => {
    expect(readingGrade(sentencesOf('The cat sat on the mat. The dog ran to the man.'))).toBeLessThan(1);
    expect(
      readingGrade(
        sentencesOf(
          'Eligible participants demonstrating refractory malignancies subsequently undergo investigational immunotherapy administration.',
        ),
      ),
    ).toBeGreaterThan(20);
  });
});

describe('English', () => {
  test.each(SECTIONS)('%s is read at grade 8 or lower', (section) => {
    const sentences = TEXTS.filter(({ path }) => path[0] === section).flatMap(({ text }) =>
      sentencesOf(text),
    );
    if (sentences.flatMap(wordsOf).length < GRADED_WORDS_MIN) return;
    expect(readingGrade(sentences)).toBeLessThanOrEqual(GRADE_MAX);
  });

  test('every text of some length is read at grade 8 or lower', () => {
    const graded = TEXTS.filter(({ text }) => wordsOf(text).length >= GRADED_WORDS_MIN).map(
      ({ path, text }) => ({
        path: path.join('.'),
        grade: Math.round(readingGrade(sentencesOf(text)) * 10) / 10,
      }),
    );
    expect(graded.length).toBeGreaterThan(5);
    expect(graded.filter(({ grade }) => grade > GRADE_MAX)).toEqual([]);
  });

  test('no sentence has more than 15 words', () => {
    const long = TEXTS.flatMap(({ text }) => sentencesOf(text)).filter(
      (sentence) => wordsOf(sentence).length > SENTENCE_WORDS_MAX,
    );
    expect(long).toEqual([]);
  });

  test('the glossary has at most 40 words', () => {
    const words = ENGLISH.intro.glossary.flatMap(({ word, meaning }) => wordsOf(`${word} ${meaning}`));
    expect(words.length).toBeLessThanOrEqual(GLOSSARY_WORDS_MAX);
  });

  test.each([
    ['eligible: only the study team decides', /\b(?:in)?eligib/i],
    ['you qualify: nor do we', /\bqualif(?:y|ies|ied)\b/i],
    ['best: there is no such order', /\bbest\b/i],
    ['hope and promise are not ours to give', /\b(?:breakthrough|miracle|promising|guarantee\w*|safest)\b/i],
  ])('never says %s', (_why, phrase) => {
    expect(TEXTS.filter(({ text }) => phrase.test(text))).toEqual([]);
  });
});
