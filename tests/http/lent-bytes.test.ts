import { expect, test } from 'vitest';
import { lendBytes } from '../../src/http/lent-bytes.ts';

/** Shows bytes that are all the same, and says what was shown. */
function lend(byte: number, { length = 5_000, isDone = true } = {}): Buffer {
  const shown: Buffer[] = [];
  lendBytes(
    length,
    (bytes) => void bytes.fill(byte),
    (bytes) => {
      shown.push(bytes);
      return isDone;
    },
  );
  return shown[0] as Buffer;
}
const areAll = (bytes: Buffer, byte: number): boolean => bytes.every((one) => one === byte);

test('who is done makes room for the next', () => {
  const [first, second] = [lend(1), lend(2)];
  expect(second.buffer).toBe(first.buffer);
  expect([second.length, areAll(second, 2)]).toEqual([5_000, true]);
});

test('who is not done keeps his bytes', () => {
  const kept = lend(1, { isDone: false });
  for (let byte = 2; byte < 5; byte++) lend(byte);
  expect(areAll(kept, 1)).toBe(true);
});

test('who fails may have kept his bytes', () => {
  const kept: Buffer[] = [];
  const fail = (bytes: Buffer): never => {
    kept.push(bytes);
    throw new Error('the connection is gone');
  };
  expect(() => lendBytes(5_000, (bytes) => void bytes.fill(1), fail)).toThrow('the connection is gone');
  lend(2);
  expect(areAll(kept[0] as Buffer, 1)).toBe(true);
});

test('who lends within a use gets other bytes', () => {
  let outer = true;
  lendBytes(
    5_000,
    (bytes) => void bytes.fill(1),
    (bytes) => {
      lend(2);
      outer = areAll(bytes, 1);
      return true;
    },
  );
  expect(outer).toBe(true);
});

test.each([1, 4_096, 4_097, 30_000, 65_536, 200_000, 262_144, 262_145, 3_000_000])(
  'of %i bytes no more than twice of them is held, or one small room',
  (length) => {
    const { byteLength } = lend(1, { length, isDone: false }).buffer;
    expect(byteLength).toBeLessThanOrEqual(Math.max(4_096, 2 * length - 1));
  },
);

test('room for much is not kept', () => {
  const [first, second] = [lend(1, { length: 262_145 }), lend(2, { length: 262_145 })];
  expect(second.buffer).not.toBe(first.buffer);
  const [large, other] = [lend(1, { length: 262_144 }), lend(2, { length: 262_144 })];
  expect(other.buffer).toBe(large.buffer);
});
