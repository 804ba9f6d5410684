import { expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { createPreparation } from '../../src/http/prepare-answers.ts';
import type { TrialAnswers } from '../../src/http/trial-answers.ts';
import { sampleSnapshot } from '../support/sample.ts';
import { CHECKED_AT, NOW } from '../support/test-app.ts';

test('an answer that cannot be prepared costs only the preparation, and the next list is prepared', async () => {
  const catalog = createCatalog({
    staleAfterMs: 1_000,
    clock: { nowMs: () => NOW, monotonicMs: () => 0 },
  });
  let tries = 0;
  const faults: unknown[] = [];
  const fail = (): never => {
    tries++;
    throw new Error('too long');
  };
  const preparation = createPreparation({
    catalog,
    servedEdition: () => catalog.current,
    answers: { list: fail, trial: fail } as unknown as TrialAnswers,
    findCommonPages: () => [],
    remember: fail,
    maxBytes: 1,
    rest: async () => {},
    onFault: (error) => void faults.push(error),
  });
  preparation.start();
  for (let time = 1; time <= 2; time++) {
    catalog.publish({ snapshot: sampleSnapshot, source: 'registry', checkedAt: CHECKED_AT });
    await preparation.settled();
    expect(tries).toBe(time);
    expect(faults).toHaveLength(time);
  }
  await preparation.stop();
});
