import { RegistryError } from '../../src/registry/registry-errors.ts';

/** What a call to the registry fails with; anything else fails the test. */
export async function failure(promise: Promise<unknown>): Promise<RegistryError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RegistryError) return error;
  throw new Error('expected a registry error', { cause: error });
}
