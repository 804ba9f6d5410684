import { text } from 'node:stream/consumers';
import { getHeapSnapshot } from 'node:v8';
import { expect, test } from 'vitest';
import { createQuestionReader } from '../../src/http/list-questions.ts';
import { siteKeysOf } from '../../src/http/service.ts';
import { createTrialFiltersSchema } from '../../src/trials/trial-query.ts';
import { pack } from '../support/sample.ts';

/** What is kept of a question to read the next one sooner holds nobody's age and nobody's words (PRIVACY.md). */

const filters = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);

/** In parts, so that this file itself does not hold them. */
const AGE = ['5318', '731'];
const WORD = ['zebra', 'finch'];

/** Reads in a function of its own, so that nothing else holds what was asked. */
function readOnce(read: ReturnType<typeof createQuestionReader>): void {
  const age = `${AGE.join('.')}d`;
  for (const rest of ['phase=3&limit=9', `q=${WORD.join('')}`, `ageMin=${age}`])
    expect(read(`age=${age}&${rest}`)?.told.text).toContain(age);
}

test('neither age nor words are held once they are answered', async () => {
  const read = createQuestionReader(filters);
  readOnce(read);
  const heap = await text(getHeapSnapshot());
  const isHeld = (parts: readonly string[], between = ''): boolean => heap.includes(parts.join(between));
  expect([isHeld(AGE, '.'), isHeld(WORD)]).toEqual([false, false]);
  // It is the question that is known.
  expect(heap).toContain('age=&phase=3&limit=9');
  expect(read('age=8&phase=3&limit=9')).not.toBeNull();
});
