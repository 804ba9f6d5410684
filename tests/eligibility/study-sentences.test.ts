import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  foldSigns,
  readCriteriaSentences,
  readSentences,
  type StudyText,
} from '../../src/eligibility/study-sentences.ts';
import { sampleSnapshot } from '../support/sample.ts';
import { emptyStudyText } from '../support/study-text.ts';

const nothing: StudyText = { ...emptyStudyText, briefTitle: '' };
const sentencesOf = (briefSummary: string): string[] =>
  readSentences({ ...nothing, briefSummary }).map(({ verbatim }) => verbatim);

/** What Unicode's own division says, which the quick one must never differ from. */
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
const dividedByUnicode = (text: string): string[] =>
  [...segmenter.segment(text.replace(/\s/g, ' '))].map(({ segment }) => segment.trim()).filter(Boolean);
const onOneLine = (text: string): string => text.replace(/\s/g, ' ');

const PIECES = [
  '.|. |.  |? |!|...|.)|."|.\u201d |., |.; |.: |.- |\u2026 |a|b c|A|The|e.g. |i.e., |U.S. ',
  'Dr. |No. 5|2.5| 3 mg|(|) |\u2265 18|\n|\n\n|\t|\r\n|\u00a0|\u2028|\u0085|\u3002|\uff0e',
  '\u2024|\u203c|\u0589|\u00c9|\u00e9|\u0301|\u200d|\u4e2d|\u0e01|\ud83d\ude00|\ud83d|1| |-',
  "'",
].flatMap((line) => line.split('|'));
const piece = fc.constantFrom(...PIECES);

test('sentences are those of Unicode, quickly read or not', () => {
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 14 }), (text) => {
      expect(sentencesOf(text).map(onOneLine)).toEqual(dividedByUnicode(text));
    }),
    { numRuns: 5_000 },
  );
});

test('and so they are in all real summaries', () => {
  for (const { briefSummary } of sampleSnapshot.trials)
    expect(sentencesOf(briefSummary ?? '').map(onOneLine)).toEqual(dividedByUnicode(briefSummary ?? ''));
});

test('criteria that are asked for in turns are each their own', () => {
  const textsOf = (criteria: string): string[] => readCriteriaSentences(criteria).map(({ text }) => text);
  for (let turn = 0; turn < 2; turn++) {
    expect(textsOf('* Age 18. Consent')).toEqual(['Age 18.', 'Consent']);
    expect(textsOf('* Donors of 18')).toEqual(['Donors of 18']);
  }
});

test('a sentence that is passed over is as it is when its signs are folded', () => {
  const unit = fc.constantFrom(
    'a',
    ' ',
    '\u2013',
    '\u2212',
    '\u2019',
    '`',
    '\u00b4',
    '\u02bc',
    '\t',
    '\u00a0',
    '-',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
      expect(foldSigns(text)).toBe(foldSigns(`\u2010${text}`).slice(1));
    }),
  );
});
