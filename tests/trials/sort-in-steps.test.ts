import { expect, test } from 'vitest';
import { sortInSteps } from '../../src/trials/sort-in-steps.ts';

/** Equal everywhere and in every run: no chance is in it. */
const scatter = (length: number): { key: number; place: number }[] =>
  Array.from({ length }, (_, place) => ({ key: (place * 7_919) % 1_009, place }));

test.each([0, 1, 2_047, 2_048, 2_049, 4_097, 10_000])('sorts %i values as toSorted does', (length) => {
  const values = scatter(length);
  const compare = (one: { key: number }, other: { key: number }): number => one.key - other.key;
  const steps = sortInSteps(values, compare);
  let given = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) given++;
  // Equal keys stay in their order.
  expect(step.value).toEqual(values.toSorted(compare));
  expect(given).toBeGreaterThanOrEqual(Math.ceil(length / 2_048));
});
