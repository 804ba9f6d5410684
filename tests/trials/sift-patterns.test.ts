import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPatternSieve } from '../../src/trials/sift-patterns.ts';
import { findNeeds } from '../../src/trials/letter-triples.ts';
import { pack } from '../support/sample.ts';

const { facets, ownDisease, otherDiseases } = pack.facets;
const { condition } = pack;
const realPatterns = [
  ...ownDisease,
  ...otherDiseases,
  ...condition.patterns,
  ...condition.basketPatterns,
  ...facets.flatMap(({ patterns }) => patterns),
].map((pattern) => new RegExp(pattern, 'giu'));
const casedPatterns = [
  ...condition.patternsCaseSensitive,
  ...facets.flatMap(({ patternsCaseSensitive }) => patternsCaseSensitive),
].map((pattern) => new RegExp(pattern, 'gu'));

/** Places that the sieve holds back although the pattern matches there; there must be none. */
function findLost(patterns: readonly RegExp[], texts: readonly string[]): string[] {
  const places = createPatternSieve(patterns)(texts);
  return patterns.flatMap((pattern, number) =>
    texts.flatMap((text, place) =>
      text.search(pattern) >= 0 && places[number]?.includes(place) !== true
        ? [`${pattern.source} in ${text}`]
        : [],
    ),
  );
}

/** Words of the patterns, and signs around which matching is hard: other cases, the long s, the sign of kelvin. */
const WORDS = [
  'prior|transplant|HSCT|acute|lymphoblastic|leukemia|Leuka\u00e9mia|b|T-ALL|ALL|relapsed',
  'r/r|R / R|Ph+|ph-like|bcr-abl1|positive|t(9;22)|t(4;11)|KMT2A|L3|\u212aMT2A|bla\u017ft',
  'relap\u017fed|CD19|cd-22|cd 7|down\u2019s|syndrome|infants|<|1 year|36\u0131|na\u00efve',
  'mixed|lineage|gene|.|;|,|(|)|-|/|\u2013',
].flatMap((line) => line.split('|'));
const word = fc.constantFrom(...WORDS);
const sentence = fc
  .tuple(fc.array(word, { maxLength: 8 }), fc.constantFrom(' ', '', '-'))
  .map(([words, between]) => words.join(between));
const texts = fc.array(sentence, { minLength: 1, maxLength: 6 });

test('loses no match of a real pattern', () => {
  fc.assert(
    fc.property(texts, (given) => {
      expect(findLost([...realPatterns, ...casedPatterns], given)).toEqual([]);
    }),
  );
});

/** Pieces of patterns. */
const ATOMS = [
  'a|b|k|s|ab|kas|1| |-|\\b|\\d|\\w|\\s|\\(|.|^|$|[ab]|[- ]|[^a]|[a-k]|[\\d ]|[sk]|(?=a)',
  '(?!b)|(?<=a)|(?<!k)|\\u0061',
].flatMap((line) => line.split('|'));

describe('patterns of all kinds', () => {
  const atom = fc.constantFrom(...ATOMS);
  const quantity = fc.constantFrom('', '', '', '?', '*', '+', '{0,2}', '{2}', '{1,}', '??');
  const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
    pattern: fc
      .array(fc.array(tie('part'), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 2 })
      .map((ways) => ways.map((parts) => parts.join('')).join('|')),
    part: fc.oneof(
      { maxDepth: 1 },
      fc.tuple(atom, quantity).map(([one, many]) => (/^(?:\\b|\^|\$|\(\?)/.test(one) ? one : one + many)),
      // Bounded: an unbounded one around another would take for ever.
      fc
        .tuple(tie('pattern'), fc.constantFrom('', '?', '{0,2}', '{2}'))
        .map(([inner, many]) => `(?:${inner})${many}`),
    ),
  }));
  const signs = fc.constantFrom(
    'a',
    'b',
    'k',
    's',
    'A',
    'K',
    'S',
    '1',
    ' ',
    '-',
    '(',
    '\u212a',
    '\u017f',
    'é',
  );
  const text = fc.string({ unit: signs, maxLength: 8 });

  test.each(['giu', 'gu'])('lose no match, with the flags %s', (flags) => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 3 }), (source, given) => {
        expect(findLost([new RegExp(source, flags)], given)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('tells the sentences that have the letters of a match', () => {
  const sieve = createPatternSieve([/\bblinatumomab\b/giu, /\bprior\b[^.;]{0,60}\btransplant/giu]);
  const given = ['adults', 'no prior', 'prior transplant', 'Blinatumomab'];
  expect(sieve(given)).toEqual([[3], [2]]);
  expect(sieve(['bli nat umomab', 'prior'])).toEqual([[], []]);
});

test('tells every place of many texts, and nothing of the texts before', () => {
  const sieve = createPatternSieve([/\brelapsed\b/gu, /\bcns\b/gu, /\w\d/gu]);
  const places = Array.from({ length: 100 }, (_, place) => place);
  const given = places.map((place) => (place % 31 === 0 ? 'Relapsed' : place === 63 ? 'CNS' : 'adults'));
  expect(sieve(given)).toEqual([[0, 31, 62, 93], [63], places]);
  expect(sieve(['adults'])).toEqual([[], [], [0]]);
});

test.each([
  ['ab(?:c\\w+d)e', 'abcxde'],
  ['ab[^a]d', 'abkd'],
  ['ab[c-k]d', 'abfd'],
  ['abc?d', 'abd'],
  ['ab(?:cd){2}', 'abcdcd'],
  ['ab{2}c', 'abbc'],
  ['ab(?=c)cd', 'abcd'],
  ['ab(?:c|d\\w*e)f', 'abdxef'],
  ['ab(?:|cd)ef', 'abef'],
  ['abc\\.d', 'abc.d'],
  ['ab[\u{1f600}]cd', 'ab\u{1f600}cd'],
])('%s is not held back from %s', (source, text) => {
  expect(text).toMatch(new RegExp(source, 'u'));
  expect(findLost([new RegExp(source, 'gu')], [text])).toEqual([]);
});

test.each([
  ['abc', ['ab c']],
  ['abc?def', ['abc', 'abef', 'acdef']],
  ['ab[cd]e', ['abc', 'bde', 'abe']],
  ['\\w+abc[^x]{0,9}def', ['ab c', 'def']],
  ['(?:abc|def)\\w', ['abd', 'de f']],
  ['ab[- ]?c', ['ab', 'a-c']],
])('%s is held back from %j', (source, texts) => {
  expect(createPatternSieve([new RegExp(`${source}$`, 'gu')])(texts)).toEqual([[]]);
});

test('what it cannot read it does not judge by', () => {
  for (const source of ['\\u0061bc', '\\p{L}bcd', '(?<a>x)\\k<a>', '\\x61bcd', 'ab', 'abc|'])
    expect(findNeeds(source)).toBeNull();
  expect(findNeeds('abc')).toHaveLength(1);
});
