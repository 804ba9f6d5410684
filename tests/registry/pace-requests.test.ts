import { describe, expect, test } from 'vitest';
import { createPacer } from '../../src/registry/pace-requests.ts';
import { RegistryBusy } from '../../src/registry/registry-errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const create = () => {
  const clock = createFakeClock(0);
  return { clock, pacer: createPacer({ clock, spacingMs: 1_000 }) };
};

describe('pacing', () => {
  test('starts are a second apart, and one task runs at a time, whoever asks', async () => {
    const { clock, pacer } = create();
    const startsMs: number[] = [];
    let running = 0;
    let most = 0;
    const task = async () => {
      startsMs.push(clock.monotonicMs());
      most = Math.max(most, ++running);
      await Promise.resolve();
      clock.advance(300);
      running--;
    };
    await Promise.all(Array.from({ length: 5 }, () => pacer.run(task, { deadlineMs: Infinity })));
    expect(startsMs).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    expect(most).toBe(1);
  });

  test('a task that took longer than the spacing is followed at once', async () => {
    const { clock, pacer } = create();
    await pacer.run(async () => clock.advance(5_000), { deadlineMs: Infinity });
    await pacer.run(async () => undefined, { deadlineMs: Infinity });
    expect(clock.sleptMs).toEqual([]);
  });

  test('a failed task does not hold up the next', async () => {
    const { pacer } = create();
    const failed = pacer.run(async () => Promise.reject(new Error('no')), { deadlineMs: Infinity });
    const next = pacer.run(async () => 'yes', { deadlineMs: Infinity });
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  test('an aborted task never starts', async () => {
    const { pacer } = create();
    let started = false;
    const task = async () => {
      started = true;
    };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(pacer.run(task, { deadlineMs: Infinity, signal })).rejects.toThrow('enough');
    expect(started).toBe(false);
  });

  test('a pause holds every task until it is over', async () => {
    const { clock, pacer } = create();
    pacer.pause(17_000);
    pacer.pause(2_000);
    await pacer.run(async () => undefined, { deadlineMs: 60_000 });
    expect(clock.monotonicMs()).toBe(17_000);
  });

  test('a pause beyond the deadline is told at once, with what is left of it', async () => {
    const { clock, pacer } = create();
    pacer.pause(3_600_000);
    clock.advance(600_000);
    const told = pacer.run(async () => undefined, { deadlineMs: clock.monotonicMs() + 120_000 });
    await expect(told).rejects.toBeInstanceOf(RegistryBusy);
    await expect(told).rejects.toMatchObject({ retryAfterMs: 3_000_000 });
    expect(clock.sleptMs).toEqual([]);
  });
});
