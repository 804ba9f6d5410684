import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    // Tests of their own commands need more than Node: a server of Redis or Valkey.
    include: mode === 'redis' ? ['tests/redis/**/*.test.ts'] : ['tests/**/*.test.ts'],
    exclude: mode === 'redis' ? [] : ['tests/redis/**'],
    // Tests own their randomness: a property test prints its seed, and order never matters.
    sequence: { shuffle: true },
    restoreMocks: true,
  },
}));
