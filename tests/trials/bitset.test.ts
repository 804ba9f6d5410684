import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addBit,
  countBits,
  countCommon,
  createBitset,
  createFullBitset,
  hasBit,
  intersect,
  listBits,
  removeBit,
  sliceBits,
  subtract,
  unite,
  type Bitset,
} from '../../src/trials/bitset.ts';

const CAPACITY = 1_100;
/** Sparse and dense sets, and sets that end in the middle of a word. */
const numbers = fc.oneof(
  fc.uniqueArray(fc.nat(CAPACITY - 1), { maxLength: 20 }),
  fc.uniqueArray(fc.nat(CAPACITY - 1), { minLength: 700, maxLength: CAPACITY, size: 'max' }),
  fc.nat(CAPACITY).map((length) => Array.from({ length }, (_, number) => number)),
);
const bitsOf = (members: readonly number[]): Bitset => {
  const bits = createBitset(CAPACITY);
  for (const number of members) addBit(bits, number);
  return bits;
};
const listOf = (bits: Bitset): number[] => {
  const list = new Uint32Array(CAPACITY);
  return Array.from(list.subarray(0, listBits(bits, list)));
};
const sorted = (members: Iterable<number>): number[] => [...members].toSorted((one, other) => one - other);

test('a bitset is the set that it stands for', () => {
  fc.assert(
    fc.property(numbers, numbers, fc.nat(CAPACITY), (one, other, at) => {
      const [left, right] = [new Set(one), new Set(other)];
      const [leftBits, rightBits] = [bitsOf(one), bitsOf(other)];
      expect(listOf(leftBits)).toEqual(sorted(left));
      expect(countBits(leftBits)).toBe(left.size);
      expect(countCommon(leftBits, rightBits)).toBe(one.filter((number) => right.has(number)).length);
      expect(listOf(intersect(createBitset(CAPACITY), leftBits, rightBits))).toEqual(
        sorted(one.filter((number) => right.has(number))),
      );
      expect(listOf(subtract(createBitset(CAPACITY), leftBits, rightBits))).toEqual(
        sorted(one.filter((number) => !right.has(number))),
      );
      expect(sliceBits(leftBits, at, 7)).toEqual(sorted(left).slice(at, at + 7));
      expect(listOf(unite(bitsOf(one), rightBits))).toEqual(sorted(new Set([...one, ...other])));
      const place = at % CAPACITY;
      removeBit(leftBits, place);
      expect(hasBit(leftBits, place)).toBe(0);
      left.delete(place);
      expect(countBits(leftBits)).toBe(left.size);
    }),
  );
});

test('lengths on both sides of every way of counting', () => {
  for (const capacity of [0, 1, 31, 32, 33, 480, 511, 512, 513, 767, 768, 769, 1024]) {
    const full = createFullBitset(capacity);
    expect(countBits(full)).toBe(capacity);
    expect(countCommon(full, createBitset(capacity))).toBe(0);
    expect(sliceBits(full, 0, capacity + 1)).toHaveLength(capacity);
  }
});
