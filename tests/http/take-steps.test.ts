import { expect, test } from 'vitest';
import { createSharedSteps, takeSteps } from '../../src/http/take-steps.ts';

function* count(taken: number[], most: number): Generator<undefined, string> {
  for (let step = 1; step <= most; step++) {
    taken.push(step);
    yield;
  }
  return 'done';
}

test('steps are taken until it is over', async () => {
  const taken: number[] = [];
  expect(await takeSteps(count(taken, 5), async () => taken.length === 3)).toBeNull();
  expect(taken).toEqual([1, 2, 3]);
  expect(await takeSteps(count([], 5), async () => false)).toBe('done');
});

test('who asks for the same meanwhile waits for the same, with a rest after each step', async () => {
  let rests = 0;
  const share = createSharedSteps<string>(async () => void rests++);
  const taken: number[] = [];
  const begin = (): Generator<undefined, string> => count(taken, 4);
  const answers = await Promise.all([share('a', begin), share('a', begin), share('a', begin)]);
  expect(answers).toEqual(['done', 'done', 'done']);
  expect([taken, rests]).toEqual([[1, 2, 3, 4], 4]);
  await share('a', begin);
  expect(taken).toHaveLength(8);
});

test('what fails fails for all who wait, and is tried anew for the next', async () => {
  const share = createSharedSteps<string>(async () => {});
  let tries = 0;
  function* fail(): Generator<undefined, string> {
    yield;
    tries++;
    throw new Error('cannot be rendered');
  }
  const asked = await Promise.allSettled([share('a', fail), share('a', fail)]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(share('a', fail)).rejects.toThrow('cannot be rendered');
  expect(tries).toBe(2);
});
