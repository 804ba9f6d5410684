import { expect, test } from 'vitest';
import { createSnapshotBuilder, takeSteps } from '../../src/catalog/build-snapshot.ts';
import { pack, sampleHarvest, sampleSnapshot } from '../support/sample.ts';

/** Requests come between the steps of a list in the making, and change nothing of it. */

test('a study is judged in several steps, and a long one in more: the same list as at once', async () => {
  let rests = 0;
  const build = createSnapshotBuilder(pack, {
    modifications: '/v1/meta',
    rest: async () => void rests++,
  });
  const restsFor = async (studies: typeof sampleHarvest.studies): Promise<number> => {
    rests = 0;
    await build({ ...sampleHarvest, studies });
    return rests;
  };
  const alone: number[] = [];
  for (const study of sampleHarvest.studies) alone.push(await restsFor([study]));
  const none = await restsFor([]);
  expect(Math.min(...alone) - none).toBeGreaterThanOrEqual(3);
  expect(Math.max(...alone) - none).toBeGreaterThanOrEqual(5);
  expect((await build(sampleHarvest)).id).toBe(sampleSnapshot.id);
});

test('there is a rest behind the last step too, so that what follows is another', async () => {
  const told: string[] = [];
  const steps = function* (): Generator<undefined, string> {
    told.push('one');
    yield;
    told.push('two');
    return 'done';
  };
  const rest = async (): Promise<void> => void told.push('rest');
  expect(await takeSteps(steps(), rest, { stepsBetweenRests: 1 })).toBe('done');
  expect(told).toEqual(['one', 'rest', 'two', 'rest']);
});

test('who gives up is heard between two steps of one study', async () => {
  const stop = new AbortController();
  const build = createSnapshotBuilder(pack, {
    modifications: '/v1/meta',
    rest: async () => stop.abort(new Error('enough')),
  });
  await expect(build(sampleHarvest, stop.signal)).rejects.toThrow('enough');
});
