import { expect, test } from 'vitest';
import { createClientCounts } from '../../src/http/client-counts.ts';

const MINUTE = 60_000;

test('a client is counted within a minute of the wall clock', () => {
  let nowMs = 10 * MINUTE + 15_000;
  const counts = createClientCounts({ nowMs: () => nowMs });
  expect([counts.count('a'), counts.count('a'), counts.count('b')]).toEqual([
    { current: 1, leftMs: 45_000 },
    { current: 2, leftMs: 45_000 },
    { current: 1, leftMs: 45_000 },
  ]);
  nowMs += 45_000;
  expect(counts.count('a')).toEqual({ current: 1, leftMs: MINUTE });
});

test('what other replicas have seen counts too, and is told once', () => {
  const counts = createClientCounts({ nowMs: () => MINUTE });
  counts.count('a');
  counts.count('a');
  expect(counts.takeNews()).toEqual({ minute: 1, counts: [{ client: 'a', more: 2 }] });
  expect(counts.takeNews().counts).toEqual([]);
  counts.learn(1, new Map([['a', 9]]));
  expect(counts.count('a')?.current).toBe(10);
  counts.learn(0, new Map([['a', 99]]));
  expect(counts.count('a')?.current).toBe(11);
});

test('of a million clients the newest five thousand are known', () => {
  const counts = createClientCounts({ nowMs: () => MINUTE });
  for (let client = 0; client < 1_000_000; client++) counts.count(`client ${client}`);
  expect(counts.takeNews().counts).toHaveLength(5_000);
});
