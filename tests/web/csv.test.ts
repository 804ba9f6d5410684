import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCsv } from '../../src/web/csv.ts';

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['  =HYPERLINK("x")', `"'  =HYPERLINK(""x"")"`],
  ['＝1+1', "'＝1+1"],
  [' ＋1', "' ＋1"],
  ['－1', "'－1"],
  ['＠SUM(A1)', "'＠SUM(A1)"],
  ['B-ALL, "Ph+"', '"B-ALL, ""Ph+"""'],
  ['two\nlines', '"two\nlines"'],
  ['plain', 'plain'],
])('%j is written as %j', (text, written) => {
  expect(writeCsv([[text]])).toBe(`${written}\r\n`);
});

/** RFC 4180, section 2, read back. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

test('what is written can be read again, and nothing in it runs', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '=', '"', ',', '\n', '\r', ' ', '-', '@', '\t') });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 3 })), (rows) => {
      const read = readCsv(writeCsv(rows));
      expect(read.map((row) => row.map((text) => text.replace(/^'/, '')))).toEqual(rows);
      for (const text of read.flat()) expect(text).not.toMatch(/^\s*[=+\-@\t\r]/);
    }),
  );
});
