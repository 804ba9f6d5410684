import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashInSteps } from '../../src/catalog/hash-content.ts';
import { createSnapshot, snapshotInSteps } from '../../src/catalog/snapshot.ts';
import { runSteps } from '../../src/trials/run-steps.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

const plainHash = (content: object, vocabulary: object): string =>
  createHash('sha256')
    .update(JSON.stringify([content, vocabulary]))
    .digest('hex')
    .slice(0, 16);

test('piece by piece it is the hash of the whole JSON', () => {
  const content = fc.dictionary(fc.string(), fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(content, fc.dictionary(fc.string(), fc.jsonValue()), (one, vocabulary) => {
      expect(runSteps(hashInSteps(one, vocabulary))).toBe(plainHash(one, vocabulary));
    }),
  );
});

test('the id of a snapshot is the hash of its content and of the words that it is judged by', () => {
  const { trials, provenance, excluded, quality, setAside, queries, sourceDataTimestamp } = sampleSnapshot;
  const content = { trials, provenance, excluded, quality, setAside, queries, sourceDataTimestamp };
  expect(sampleSnapshot.id).toBe(plainHash(content, pack.facets));
  expect(createSnapshot(sampleSnapshot, pack.facets).id).toBe(sampleSnapshot.id);
});

test('a snapshot gives way for every trial, when it is hashed, shortened and indexed', () => {
  const given = [...snapshotInSteps(sampleSnapshot, pack.facets)].length;
  expect(given).toBeGreaterThan(3 * sampleSnapshot.trials.length);
});
