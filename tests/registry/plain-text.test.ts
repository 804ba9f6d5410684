import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainText, plainTitle } from '../../src/registry/plain-text.ts';

const ASCII_PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'.split('');
const HOSTILE = [
  '<',
  '\\',
  '&',
  '<br',
  '&lt',
  '&#1',
  '<a ',
  '<a href="',
  '<a b="c" ',
  '<sup>1',
  '\u0000',
  '\r',
  ' ',
];

describe('Markdown of the registry', () => {
  test.each([
    ['ANC \\>= 1.5 x 10\\^9', 'ANC >= 1.5 x 10^9'],
    ['less than 16 \\[\\<16\\] years', 'less than 16 [<16] years'],
    ['age < 18 and > 2', 'age < 18 and > 2'],
    ['HbA1c \\</= 10.0%', 'HbA1c </= 10.0%'],
    ['a dose <b and c> 3', 'a dose <b and c> 3'],
    ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
    ['a\u00a0b\u202fc', 'a b c'],
    ['C:\\path', 'C:\\path'],
    ['the end\\', 'the end\\'],
    ['', ''],
  ])('%j reads %j', (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  test.each(ASCII_PUNCTUATION)('\\%s is the sign itself', (sign) => {
    expect(plainText(`a\\${sign}b`)).toBe(`a${sign}b`);
  });

  test('nothing else is an escape', () => {
    const letter = fc.constantFrom('a', 'Z', '0', ' ', '\n', 'é', '≥');
    fc.assert(fc.property(letter, (sign) => plainText(`\\${sign}`) === `\\${sign}`));
  });
});

describe('HTML inside it', () => {
  test.each([
    ['line<br>next<BR/>last', 'line\nnext\nlast'],
    ['<p>one</p><p>two</p>', '\none\n\ntwo\n'],
    ['<ul><li>one</li><li>two</li></ul>', '\n\none\n\ntwo\n\n'],
    ['<div class="x">in <b>bold</b>, <i>i</i>, <u>u</u>, <em>em</em></div>', '\nin bold, i, u, em\n'],
    ['see <a href="https://example.org/?a=1" target=_blank>here</a>', 'see here'],
    ["<span style='color: red'>red</span>", 'red'],
    ['a &gt; b &amp; c &#8805; d &#x2265; e', 'a > b & c ≥ d ≥ e'],
    ['R&D; 5 &unknown; &amp', 'R&D; 5 &unknown; &amp'],
  ])('%j reads %j', (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  test('an escaped tag and an entity stay text', () => {
    expect(plainText('\\<b\\>x\\</b\\>')).toBe('<b>x</b>');
    expect(plainText('&lt;b&gt;x')).toBe('<b>x');
  });

  test('nothing is undone twice', () => {
    expect(plainText('&amp;lt;b&amp;gt;')).toBe('&lt;b&gt;');
    expect(plainText('\\\\<b>')).toBe('\\');
    expect(plainText('&#92;&#60;br&#62;')).toBe('\\<br>');
  });

  test('an entity behind an escaped ampersand is what its author meant (NCT06713512)', () => {
    expect(plainText('Men and women aged \\&gt; 18 years')).toBe('Men and women aged > 18 years');
  });

  test('a power stays a power', () => {
    expect(plainText('10<sup>9</sup>/L, m<sup>2</sup>, 10<sup>-6</sup>')).toBe('10^9/L, m^2, 10^-6');
    expect(plainText('CD3<sup>+</sup>, [<sup>18</sup>F]FDG, H<sub>2</sub>O')).toBe('CD3+, [18F]FDG, H2O');
  });
});

describe('characters', () => {
  test.each([
    ['nul\u0000, escape\u001b and \u0085next', 'nul, escape and next'],
    ['\ufefftab\tstays', 'tab\tstays'],
    ['an \u202eoverride\u202c, \u2066isolated\u2069', 'an override, isolated'],
    ['&#8238;override', 'override'],
    ['a\ud800b', 'a\ufffdb'],
    ['&#xD800;', '\ufffd'],
    ['ok 𝛃', 'ok 𝛃'],
  ])('%j reads %j', (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  test('what comes out is well-formed, without controls, for any input', () => {
    // oxlint-disable-next-line no-control-regex -- controls are what must not be there
    const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<br>', '\\', '&#0;', '\ud800', '\u202e'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        for (const text of [plainText(parts.join('')), plainTitle(parts.join(''))])
          expect(text.isWellFormed() && !controls.test(text)).toBe(true);
      }),
    );
  });

  test('text without markup stays as it is', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '0', ',', '.', '\n', '<', '&', '≥') });
    fc.assert(fc.property(plain, (text) => plainText(text) === text));
  });
});

describe('hostile input', () => {
  test.each(HOSTILE)(
    'of %j is read, and would meet the time limit of a test if it cost more than its length',
    (sign) => {
      for (const read of [plainText, plainTitle])
        expect(() => read(sign.repeat(262_144 / sign.length))).not.toThrow();
    },
  );

  test.each(['<', '\\', '&', '<br', '&lt'])('a megabyte of %j is read', (sign) => {
    expect(plainText(sign.repeat(1_000_000 / sign.length)).length).toBeGreaterThan(400_000);
  });
});

describe('a title', () => {
  test.each([
    ['  A\n  \\> B ', 'A \\> B'],
    ['Sitagliptin&#39;s Effects', "Sitagliptin's Effects"],
    ['[<sup>18</sup>F]FDG', '[18F]FDG'],
    ['One<br>Two', 'One Two'],
    ['age < 18 \u202eand > 2', 'age < 18 and > 2'],
    ['a\u00a0\tb', 'a b'],
  ])('%j reads %j', (text, title) => {
    expect(plainTitle(text)).toBe(title);
  });

  test('that is passed over is as it is when it is cleaned', () => {
    const unit = fc.constantFrom(
      ...'aB1 .,;\\>()&<'.split(''),
      '  ',
      '&lt;',
      '<b>',
      '\t',
      '\u00a0',
      '\u200b',
      'é',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
        // A control makes it be cleaned, and is gone then.
        expect(plainTitle(text)).toBe(plainTitle(`\u0000${text}`));
      }),
    );
  });
});
