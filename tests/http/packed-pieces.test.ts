import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeGzip, frameBrotliRest, packBegin, type PackedEncoding } from '../../src/http/packed-pieces.ts';

/** What is put together here is read by Node's own unpackers. */

const ENCODINGS = ['br', 'gzip'] as const;

function packTogether(begin: Buffer, end: Buffer, encoding: PackedEncoding): Buffer {
  const packed = packBegin(begin, encoding);
  if (encoding === 'gzip') return Buffer.concat([packed.bytes, closeGzip(packed, end)]);
  const { before, after } = frameBrotliRest(end.length);
  return Buffer.concat([packed.bytes, before, end, after]);
}

function unpack(packed: Buffer, encoding: PackedEncoding): Buffer {
  return encoding === 'br' ? brotliDecompressSync(packed) : gunzipSync(packed);
}

const LINE = '{"nctId":"NCT03914625","phases":["PHASE3"]},';
const lines = (length: number): Buffer =>
  Buffer.from(LINE.repeat(Math.ceil(length / LINE.length)).slice(0, length));

describe.each(ENCODINGS)('%s', (encoding) => {
  test('a beginning and a rest of any bytes are unpacked to both', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((values) => Buffer.from(values)),
      fc.integer({ min: 0, max: 80_000 }).map(lines),
    );
    fc.assert(
      fc.property(bytes, bytes, (begin, end) => {
        const whole = Buffer.concat([begin, end]);
        expect(unpack(packTogether(begin, end, encoding), encoding).equals(whole)).toBe(true);
      }),
    );
  });

  // Where a format counts on with more digits, or in another block.
  test.each([0, 1, 65_534, 65_535, 65_536, 65_537, 131_070, 131_071, 2 ** 20, 2 ** 20 + 1, 2 ** 24])(
    'a rest of %i bytes',
    (length) => {
      const [begin, end] = [lines(30_000), lines(length)];
      const whole = Buffer.concat([begin, end]);
      expect(unpack(packTogether(begin, end, encoding), encoding).equals(whole)).toBe(true);
    },
  );

  test('one beginning serves any rest', () => {
    const begin = lines(30_000);
    const packed = packBegin(begin, encoding);
    for (const end of [lines(10), Buffer.from('{"age":"8y"}'), lines(5_000)])
      expect(packTogether(begin, end, encoding).subarray(0, packed.bytes.length).equals(packed.bytes)).toBe(
        true,
      );
  });
});

test('what is longer than a meta-block can be is refused', () => {
  expect(() => frameBrotliRest(2 ** 24 + 1)).toThrow(RangeError);
});
