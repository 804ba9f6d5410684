import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  RegistryBusy,
  RegistryContractBroken,
  RegistryRefused,
  RegistryUnreachable,
} from '../../src/registry/registry-errors.ts';
import { retryRequest } from '../../src/registry/retry-request.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const policy = { retries: 2, shortestMs: 500, longestMs: 8_000 };

/** Runs attempts that fail with these errors, one after the other, and then succeed. */
const run = async (errors: readonly unknown[], random = () => 0.5, deadlineMs = 120_000) => {
  const clock = createFakeClock(0);
  let attempts = 0;
  const attempt = async () => {
    const error = errors[attempts++];
    if (error !== undefined) throw error;
    return 'done';
  };
  const result: unknown = await retryRequest(attempt, { policy, clock, random, deadlineMs }).catch(
    (error: unknown) => error,
  );
  return { result, attempts, sleptMs: clock.sleptMs };
};
const unreachable = () => new RegistryUnreachable('no');

describe('trying again', () => {
  test('waits between half a second and a bound that grows to eight seconds', async () => {
    expect((await run([unreachable(), unreachable()], () => 0)).sleptMs).toEqual([500, 500]);
    expect((await run([unreachable(), unreachable()], () => 1)).sleptMs).toEqual([2_000, 8_000]);
  });

  test('waits are spread over the whole range, so that many clients do not come back together', () => {
    const wait = async (chance: number) => (await run([unreachable()], () => chance)).sleptMs[0] ?? 0;
    return fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 2 }),
        async ([one = 0, other = 0]) => {
          const [first, second] = [await wait(one / 1_000), await wait(other / 1_000)];
          expect(Math.sign(first - second)).toBe(Math.sign(one - other));
        },
      ),
    );
  });

  test('stops after two retries with the last error', async () => {
    const errors = [unreachable(), unreachable(), unreachable(), unreachable()];
    expect(await run(errors)).toMatchObject({ result: errors[2], attempts: 3 });
  });

  test('a request to wait is honoured in full, and never shortens the jitter', async () => {
    expect((await run([new RegistryBusy('wait', 90_000)])).sleptMs).toEqual([90_000]);
    expect((await run([new RegistryBusy('wait', 0)], () => 1)).sleptMs).toEqual([2_000]);
  });

  test('a wait that would pass the deadline is not begun', async () => {
    const busy = new RegistryBusy('wait', 120_001);
    expect(await run([busy])).toEqual({ result: busy, attempts: 1, sleptMs: [] });
    const late = unreachable();
    expect(await run([late], () => 1, 1_999)).toEqual({ result: late, attempts: 1, sleptMs: [] });
  });

  test.each([
    new RegistryRefused('no'),
    new RegistryContractBroken('no', 400),
    new TypeError('a fault of ours'),
  ])('%o is not tried again', async (error) => {
    expect(await run([error])).toEqual({ result: error, attempts: 1, sleptMs: [] });
  });
});
