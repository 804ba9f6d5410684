import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/registry/clock.ts';

/** One millisecond more than a timer of Node can hold; longer ones fire at once. */
const LONGER_THAN_A_TIMER_MS = 2 ** 31;

describe('the clock of the system', () => {
  test('sleeps through a wait longer than a timer can hold, such as a Retry-After of a month', async () => {
    const abort = new AbortController();
    const sleep = systemClock.sleep(LONGER_THAN_A_TIMER_MS, abort.signal);
    const first = await Promise.race([sleep.then(() => 'woke'), systemClock.sleep(20).then(() => 'asleep')]);
    expect(first).toBe('asleep');
    abort.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
  });

  test('wakes after a short wait', async () => {
    const before = systemClock.monotonicMs();
    await systemClock.sleep(5);
    expect(systemClock.monotonicMs()).toBeGreaterThan(before);
  });
});
