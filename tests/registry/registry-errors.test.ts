import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  REGISTRY_FAILURE,
  RegistryAnswerTooLarge,
  RegistryBusy,
  RegistryContractBroken,
  type RegistryError,
  RegistryInconsistent,
  RegistryRefused,
  RegistryUnreachable,
} from '../../src/registry/registry-errors.ts';

const errors: readonly RegistryError[] = [
  new RegistryUnreachable('m'),
  new RegistryBusy('m', 1),
  new RegistryRefused('m'),
  new RegistryContractBroken('m', 400),
  new RegistryInconsistent('m'),
  new RegistryAnswerTooLarge('m'),
];

describe('registry errors', () => {
  test('have exactly the codes that are documented', () => {
    expect(errors.map(({ code }) => code)).toEqual(Object.keys(REGISTRY_FAILURE));
  });

  test('carry their class name and cause', () => {
    const cause = new Error('socket');
    const error = new RegistryUnreachable('m', { cause });
    expect([error.name, error.cause]).toEqual(['RegistryUnreachable', cause]);
  });

  test('keep at most 200 printable characters of the registry, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (upstreamText) => {
        expect(new RegistryUnreachable('m', { upstreamText }).upstreamText).toMatch(/^[ -~]{0,200}$/);
      }),
    );
  });
});
