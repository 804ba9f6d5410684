import { expect, test } from 'vitest';
import { createSightings } from '../../src/http/sightings.ts';

test('who comes again was here, and nobody else', () => {
  const sightings = createSightings(1_024);
  const names = Array.from({ length: 100 }, (_, number) => `list|0|age=${number}d&limit=25`);
  for (const name of names) expect(sightings.wasHere(name)).toBe(false);
  const again = names.filter((name) => sightings.wasHere(name));
  // A few share a place, and the later one is remembered.
  expect(again.length).toBeGreaterThan(80);
});

test('it forgets, and never takes one for another', () => {
  const sightings = createSightings(1);
  expect(['a', 'b', 'a', 'a', '', ''].map((name) => sightings.wasHere(name))).toEqual([
    false,
    false,
    false,
    true,
    false,
    true,
  ]);
});
