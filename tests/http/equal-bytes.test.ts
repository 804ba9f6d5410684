import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ANSWER_HASHES, describePackers, hashAnswers, type KnownHashes } from '../support/answer-hashes.ts';

/**
 * The same snapshot has to give the same bodies and tags on every replica and version of Node. A failure after a
 * change of the sample, the rules or the form of answers means `npm run bytes`; a failure after a change of nothing
 * but Node means that two replicas would disagree.
 */
const known = JSON.parse(await readFile(ANSWER_HASHES, 'utf8')) as KnownHashes;
const made = await hashAnswers();

test('the snapshot has the id that every version of Node gives it', () => {
  expect(made.snapshotId).toBe(known.snapshotId);
});

test('typical answers have the bodies and tags that every version of Node gives them', () => {
  expect(Object.keys(known.answers)).toHaveLength(10);
  expect(made.answers).toEqual(known.answers);
});

test('a tag names one body in one coding', () => {
  const tags = Object.values(made.answers).flatMap((answer) => Object.values(answer.tags));
  expect(new Set(tags).size).toBe(tags.length);
});

/** A strong tag promises equal bytes (RFC 9110, section 8.8.1), and the tags do not name the library that packs. */
test('every known library on this kind of processor packs the same bytes', () => {
  const processor = describePackers().split(', ').at(-1) ?? '';
  const alike = Object.entries(known.packed).filter(([packer]) => packer.endsWith(processor));
  for (const [packer, packed] of alike) expect(made.packed, packer).toEqual(packed);
});
