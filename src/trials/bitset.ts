/** A set of numbers from 0 to its capacity, one bit each. Bits beyond the capacity are never set. */
export type Bitset = Uint32Array;

export function createBitset(capacity: number): Bitset {
  return new Uint32Array((capacity + 31) >>> 5);
}

/** The set of all numbers below the capacity. */
export function createFullBitset(capacity: number): Bitset {
  const bits = createBitset(capacity).fill(0xffffffff);
  const beyond = bits.length * 32 - capacity;
  if (beyond > 0) bits[bits.length - 1] = 0xffffffff >>> beyond;
  return bits;
}

export function addBit(bits: Bitset, number: number): void {
  const word = number >>> 5;
  bits[word] = (bits[word] as number) | (1 << (number & 31));
}

export function removeBit(bits: Bitset, number: number): void {
  const word = number >>> 5;
  bits[word] = (bits[word] as number) & ~(1 << (number & 31));
}

/** 1 or 0, so that it can be added up. */
export function hasBit(bits: Bitset, number: number): number {
  return ((bits[number >>> 5] as number) >>> (number & 31)) & 1;
}

export function intersect(target: Bitset, one: Bitset, other: Bitset): Bitset {
  for (let word = 0; word < target.length; word++)
    target[word] = (one[word] as number) & (other[word] as number);
  return target;
}

export function subtract(target: Bitset, from: Bitset, taken: Bitset): Bitset {
  for (let word = 0; word < target.length; word++)
    target[word] = (from[word] as number) & ~(taken[word] as number);
  return target;
}

export function unite(target: Bitset, other: Bitset): Bitset {
  for (let word = 0; word < target.length; word++)
    target[word] = (target[word] as number) | (other[word] as number);
  return target;
}

/** The bits of one word that are set, counted in pairs, fours and bytes at once. */
function countWord(word: number): number {
  const pairs = (word - ((word >>> 1) & 0x55555555)) | 0;
  const fours = ((pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)) | 0;
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How many numbers are in both sets. */
export function countCommon(one: Bitset, other: Bitset): number {
  const { length } = one;
  // Carry-save adders (Harley and Seal) leave one word of eight to be counted; below two rounds plain counting is quicker.
  const inEights = length < 16 ? 0 : length - (length % 8);
  let count = inEights === 0 ? 0 : countEights(one, other, inEights);
  for (let word = inEights; word < length; word++)
    count += countWord((one[word] as number) & (other[word] as number));
  return count;
}

function countEights(one: Bitset, other: Bitset, until: number): number {
  let [ones, twos, fours, eights] = [0, 0, 0, 0];
  // Written out, because a function that reads both words is not inlined this often.
  for (let word = 0; word < until; word += 8) {
    let x = (one[word] as number) & (other[word] as number);
    let y = (one[word + 1] as number) & (other[word + 1] as number);
    let differ = ones ^ x;
    const twosA = (ones & x) | (differ & y);
    ones = differ ^ y;
    x = (one[word + 2] as number) & (other[word + 2] as number);
    y = (one[word + 3] as number) & (other[word + 3] as number);
    differ = ones ^ x;
    const twosB = (ones & x) | (differ & y);
    ones = differ ^ y;
    differ = twos ^ twosA;
    const foursA = (twos & twosA) | (differ & twosB);
    twos = differ ^ twosB;
    x = (one[word + 4] as number) & (other[word + 4] as number);
    y = (one[word + 5] as number) & (other[word + 5] as number);
    differ = ones ^ x;
    const twosC = (ones & x) | (differ & y);
    ones = differ ^ y;
    x = (one[word + 6] as number) & (other[word + 6] as number);
    y = (one[word + 7] as number) & (other[word + 7] as number);
    differ = ones ^ x;
    const twosD = (ones & x) | (differ & y);
    ones = differ ^ y;
    differ = twos ^ twosC;
    const foursB = (twos & twosC) | (differ & twosD);
    twos = differ ^ twosD;
    differ = fours ^ foursA;
    eights += countWord((fours & foursA) | (differ & foursB));
    fours = differ ^ foursB;
  }
  return 8 * eights + 4 * countWord(fours) + 2 * countWord(twos) + countWord(ones);
}

export function countBits(bits: Bitset): number {
  return countCommon(bits, bits);
}

/** Writes the numbers of a set in their order; `numbers` has to be long enough. */
export function listBits(bits: Bitset, numbers: Uint32Array): number {
  let count = 0;
  for (let word = 0; word < bits.length; word++)
    for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1)
      numbers[count++] = word * 32 + 31 - Math.clz32(rest & -rest);
  return count;
}

/** Some numbers of a set in their order, after the first `skipped`. */
export function sliceBits(bits: Bitset, skipped: number, limit: number): number[] {
  const numbers: number[] = [];
  let left = skipped;
  for (let word = 0; word < bits.length && numbers.length < limit; word++) {
    let rest = bits[word] as number;
    const count = countWord(rest);
    if (count <= left) {
      left -= count;
      continue;
    }
    for (; left > 0; left--) rest &= rest - 1;
    for (; rest !== 0 && numbers.length < limit; rest &= rest - 1)
      numbers.push(word * 32 + 31 - Math.clz32(rest & -rest));
  }
  return numbers;
}
