import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Tests own their randomness: a property test prints its seed, and order never matters.
    sequence: { shuffle: true },
    restoreMocks: true,
  },
});
