import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainText, plainTitle } from '../../src/registry/plain-text.ts';

describe('Markdown of the registry', () => {
  test.each([
    ['ANC \\>= 1.5 x 10\\^9', 'ANC >= 1.5 x 10^9'],
    ['less than 16 \\[\\<16\\] years', 'less than 16 [<16] years'],
    ['age < 18 and > 2', 'age < 18 and > 2'],
    ['line<br>next', 'line\nnext'],
    ['10<sup>9</sup>', '10^9'],
    ['a &gt; b &amp; c', 'a > b & c'],
    ['\\<b\\>bold\\</b\\>', '<b>bold</b>'],
    ['&lt;script&gt;', '<script>'],
    ['one\r\ntwo', 'one\ntwo'],
    ['nul\u0000 and \u202eoverride', 'nul and override'],
    ['a\u00a0b', 'a b'],
    ['C:\\path', 'C:\\path'],
  ])('%j reads %j', (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  test('a lone surrogate becomes a replacement sign', () => {
    expect(plainText('a\ud800b')).toBe('a\ufffdb');
  });

  test('text without markup stays as it is', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '0', ',', '.', '\n') });
    fc.assert(fc.property(plain, (text) => plainText(text) === text));
  });

  test('a megabyte of one sign is read', () => {
    for (const sign of ['<', '\\', '&', '<br', '&lt'])
      expect(plainText(sign.repeat(1_000_000 / sign.length)).length).toBeGreaterThan(400_000);
  });
});

test('a title is one clean line, and its backslashes are its own', () => {
  expect(plainTitle('  A\n  \\> B ')).toBe('A \\> B');
});
