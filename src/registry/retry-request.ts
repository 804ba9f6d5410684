import type { Clock } from './clock.ts';
import { RegistryBusy, RegistryUnreachable } from './registry-errors.ts';

/** When to try again, and how often. */
export interface RetryPolicy {
  readonly retries: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

/**
 * Repeats a request after failures that pass: no answer, or the registry asked to wait. Waits follow full jitter
 * (anything between nothing and a doubling bound), but `Retry-After` is honoured in full; when that is longer
 * than the time left, the caller gets the error and must wait itself.
 */
export async function retryRequest<Result>(
  attempt: () => Promise<Result>,
  options: {
    policy: RetryPolicy;
    clock: Clock;
    random: () => number;
    deadlineMs: number;
    signal?: AbortSignal | undefined;
  },
): Promise<Result> {
  const { policy, clock, random, deadlineMs, signal } = options;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = waitBefore(error, { tries, policy, random });
      if (waitMs === null || clock.monotonicMs() + waitMs > deadlineMs) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
}

function waitBefore(
  error: unknown,
  state: { tries: number; policy: RetryPolicy; random: () => number },
): number | null {
  const { tries, policy, random } = state;
  if (tries >= policy.retries) return null;
  if (error instanceof RegistryBusy) return error.retryAfterMs;
  if (!(error instanceof RegistryUnreachable)) return null;
  const bound = Math.min(policy.longestMs, policy.shortestMs * 2 ** (tries + 1));
  return Math.max(policy.shortestMs, random() * bound);
}
