import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGE_STOPS_YEARS, placeOnBar, renderAgeBar, renderAgeLine } from '../../src/web/age-bar.ts';

const days = (years: number): number => years * 365.25;

test('the stops are evenly spaced', () => {
  expect(AGE_STOPS_YEARS).toEqual([0, 1, 10, 15, 18, 40, 65, 90]);
  expect(AGE_STOPS_YEARS.map((years) => placeOnBar(days(years)))).toEqual([0, 20, 40, 60, 80, 100, 120, 140]);
});

test('an older age is never further left, and nothing leaves the bar', () => {
  fc.assert(
    fc.property(fc.nat({ max: 60_000 }), fc.nat({ max: 60_000 }), (one, other) => {
      const [young, old] = [Math.min(one, other), Math.max(one, other)];
      expect(placeOnBar(young)).toBeLessThanOrEqual(placeOnBar(old));
      expect(placeOnBar(old)).toBeLessThanOrEqual(140);
      expect(placeOnBar(young)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('each open end has an arrow', () => {
  const arrows = (fromDays: number | null, beforeDays: number | null): number =>
    renderAgeBar({ fromDays, beforeDays }, 'ages').toString().split('class="age-bar-range" d=').length - 1;
  expect(arrows(null, null)).toBe(2);
  expect(arrows(days(18), null)).toBe(1);
  expect(arrows(null, days(22))).toBe(1);
  expect(arrows(days(1), days(32))).toBe(0);
});

test('the entered age is a line, and the label is the title', () => {
  const range = { fromDays: days(1), beforeDays: days(32) };
  expect(renderAgeBar(range, 'Takes <all>').toString()).toContain('<title>Takes &lt;all&gt;</title>');
  expect(renderAgeBar(range, 'ages').toString()).not.toContain('data-age-line');
  const bar = renderAgeBar(range, 'ages', renderAgeLine(days(18))).toString();
  expect(bar).toMatch(/data-age-line\s+d="M88 0v18"/);
});
