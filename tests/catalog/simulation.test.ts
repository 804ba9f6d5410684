import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { simulate } from '../simulation/simulate.ts';
import { simulateWeek } from '../simulation/week.ts';

/** `npm run simulate` runs longer plans; a seed that failed here is run again by its number. */
const STEPS = 300;
const SEEDS = [3, 8, 13, 21, randomInt(1_000_000_000)];

test.each(SEEDS)('nothing goes wrong in the plan of seed %d', { timeout: 60_000 }, async (seed) => {
  const { figures, violation } = await simulate(seed, STEPS);
  expect(violation?.message ?? null).toBeNull();
  expect(figures.steps).toBe(STEPS);
  expect(figures.reads).toBeGreaterThan(STEPS / 10);
});

test('the same seed is the same world', { timeout: 60_000 }, async () => {
  const [one, other] = [await simulate(5, 150), await simulate(5, 150)];
  expect(one).toEqual(other);
});

test(
  'a week without the registry: served, stale, and the registry left alone',
  { timeout: 60_000 },
  async () => {
    const [, , untilNow = '', ...days] = await simulateWeek();
    expect(untilNow).toContain('| 200 | false |');
    expect(days).toHaveLength(7);
    for (const day of days) {
      expect(day).toContain('| 200 | true | 2026-11-24T12:00:');
      expect(day).toContain('| waiting | open |');
      // At most three requests for each attempt, and an attempt an hour once the circuit is open.
      expect(Number(day.split('|').at(-2))).toBeLessThanOrEqual(100);
    }
  },
);
