import { assert, constantFrom, array, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  createForm,
  createFragment,
  fillForm,
  holdParts,
  lendBody,
  measureParts,
  type Part,
} from '../../src/http/answer-bodies.ts';

const lengthOf = (part: Part): number => measureParts([part]).length;
const nameOf = (part: Part): string => measureParts([part]).names;
const write = (part: Part): string => bytesOf(holdParts([part], lengthOf(part))).toString();

describe('a form', () => {
  test('is written as its texts with the numbers between them', () => {
    const number = constantFrom(0, 7, 10, 99, 100, 65_536, 600_000);
    assert(
      property(
        array(
          string({ unit: 'binary', maxLength: 6 }).filter((text) => text.isWellFormed()),
          {
            minLength: 1,
          },
        ),
        array(number, { minLength: 30, maxLength: 30 }),
        integer({ min: 0, max: 5 }),
        (texts, numbers, before) => {
          const filled = fillForm(createForm(texts), numbers.slice(0, texts.length - 1));
          const expected = texts
            .map((text, gap) => (gap === 0 ? '' : String(numbers[gap - 1])) + text)
            .join('');
          expect(lengthOf(filled)).toBe(Buffer.byteLength(expected));
          expect(write(filled)).toBe(expected);
          const lead = 'x'.repeat(before);
          const behind = holdParts([lead, filled, '!'], before + lengthOf(filled) + 1);
          expect(bytesOf(behind).toString()).toBe(`${lead}${expected}!`);
        },
      ),
    );
  });

  test('has a name of its texts as they are cut and of its numbers', () => {
    const nameIn = (texts: string[], ...numbers: number[]): string =>
      nameOf(fillForm(createForm(texts), numbers));
    const names = [
      nameIn(['a', 'b', 'c'], 1, 23),
      nameIn(['a', 'b', 'c'], 12, 3),
      nameIn(['ab', '', 'c'], 1, 23),
      nameIn(['a', 'b', 'd'], 1, 23),
      nameOf(createFragment('a1b23c')),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameIn(['a', 'b', 'c'], 1, 23)).toBe(names[0]);
  });
});

test('a body that is shorter than was said is never shown: the rest would be of another', () => {
  const short = holdParts(['abc'], 4);
  expect(() => lendBody(short, () => true)).toThrow('A body of 4 bytes has 3.');
  expect(() => bytesOf(short)).toThrow('A body of 4 bytes has 3.');
});
