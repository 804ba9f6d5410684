import { expect, test } from 'vitest';
import { AGE_STOPS_YEARS, placeOnBar, renderAgeBar } from '../../src/web/age-bar.ts';

const years = (count: number): number => count * 365.25;

test('the stops are evenly spaced, although the years between them are not', () => {
  const places = AGE_STOPS_YEARS.map((stop) => placeOnBar(years(stop)));
  const steps = places.slice(1).map((place, index) => place - (places[index] as number));
  expect(new Set(steps).size).toBe(1);
});

test('an age between two stops lies between them, and nothing lies beyond the last', () => {
  expect(placeOnBar(years(5.5))).toBe((placeOnBar(years(1)) + placeOnBar(years(10))) / 2);
  expect(placeOnBar(years(104))).toBe(placeOnBar(years(90)));
});

test('the picture says in words what it shows', () => {
  const bar = renderAgeBar(
    { fromDays: years(18), beforeDays: null },
    'Takes ages: 18 years and older.',
  ).toString();
  expect(bar).toContain('Takes ages: 18 years and older.');
});
