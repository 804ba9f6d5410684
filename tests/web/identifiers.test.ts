import { expect, test } from 'vitest';
import { identifiersOf } from '../../src/web/trial-parts.ts';
import { sampleTrial } from '../support/sample.ts';

test.each([
  ['NCT03914625', 'AALL1731'],
  ['NCT04530565', 'EA9181'],
  ['NCT03150693', 'A041501'],
  ['NCT02402244', 'APEC14B1'],
  ['NCT05521087', 'CR109192'],
  ['NCT04975555', 'IRB-300007103'],
])('%s is known as %s', (nctId, protocol) => {
  expect(identifiersOf(sampleTrial(nctId))).toEqual([protocol, nctId]);
});

test.each(['U10CA180886', 'NCI-2018-02484', '2022-000380-46', 'IRB12345', 'CDR0000478867'])(
  '%s is no number of a protocol',
  (id) => {
    const trial = { ...sampleTrial('NCT03914625'), secondaryIds: [id] };
    expect(identifiersOf(trial)).toEqual(['NCT03914625']);
  },
);

test('an acronym is what a trial is called', () => {
  expect(identifiersOf({ ...sampleTrial('NCT03914625'), acronym: 'BLAST' })[0]).toBe('BLAST');
});
