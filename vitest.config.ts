import { defineConfig } from 'vitest/config';

/** Tests of their own commands need more than Node: a server of Redis or Valkey, a Chromium. */
const OF_THEIR_OWN: readonly string[] = ['redis', 'browser'];

export default defineConfig(({ mode }) => ({
  test: {
    include: [OF_THEIR_OWN.includes(mode) ? `tests/${mode}/**/*.test.ts` : 'tests/**/*.test.ts'],
    exclude: OF_THEIR_OWN.filter((one) => one !== mode).map((one) => `tests/${one}/**`),
    // Tests own their randomness: a property test prints its seed, and order never matters.
    sequence: { shuffle: true },
    restoreMocks: true,
    // A browser has processes of its own: two at a time, and none of its steps is quick on a busy machine.
    ...(mode === 'browser' && {
      maxWorkers: 2,
      testTimeout: 120_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 10_000 } },
    }),
  },
}));
