import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/registry/retry-after.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['seconds', '17', 17_000],
    ['no seconds at all', '0', 0],
    ['blanks around it', ' 17 ', 17_000],
    ['a date', 'Tue, 24 Nov 2026 12:00:40 GMT', 40_000],
    ['a date in the past', 'Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['the obsolete form of RFC 850', 'Tuesday, 24-Nov-26 12:00:40 GMT', 40_000],
    [
      'the obsolete form of asctime, which is UTC though it does not say so',
      'Tue Nov 24 12:00:40 2026',
      40_000,
    ],
    ['asctime with a one-digit day', 'Tue Dec  1 12:00:00 2026', 7 * 86_400_000],
  ])('%s', (_name, header, waitMs) => {
    expect(parseRetryAfter(header, NOW)).toBe(waitMs);
  });

  test.each([
    undefined,
    '',
    'soon',
    '-5',
    '1.5',
    '1e3',
    'Tue, 24 Nov 2026 12:00:40',
    'Tue, 24 Nov 2026 12:00:40 PST',
    '2026-11-24T12:00:40Z',
    'Tue, 99 Nov 2026 12:00:40 GMT',
  ])('%j says nothing', (header) => {
    expect(parseRetryAfter(header, NOW)).toBeNull();
  });

  test('the answer to any header is a wait that can be waited for, or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (header) => {
          const waitMs = parseRetryAfter(header, NOW);
          expect(waitMs === null || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true);
        },
      ),
    );
  });
});
