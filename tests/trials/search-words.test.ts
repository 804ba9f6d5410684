import { expect, test } from 'vitest';
import { wordsOf } from '../../src/trials/search-words.ts';

test('a hyphenated word is its parts and the whole', () => {
  expect([...wordsOf(['CAR-T cells'])]).toEqual(['car', 't', 'cells', 'cart']);
});

test.each([
  { texts: ['CAR', 'T'], words: ['car', 't'] },
  { texts: ['CAR-', 'T'], words: ['car', 't'] },
  { texts: ['CAR', '-T'], words: ['car', 't'] },
  { texts: ['ΛΟΓΟΣ', 'ΛΟΓΟΣ'], words: ['λογος'] },
  { texts: ['', 'e', '\u0301', ''], words: ['e'] },
])('no word goes on in the next text: $texts', ({ texts, words }) => {
  expect([...wordsOf(texts)]).toEqual(words);
});
