import type { Clock } from './clock.ts';
import { RegistryBusy, RegistryUnreachable } from './registry-errors.ts';

/** When to try again, and how often. */
export interface RetryPolicy {
  readonly retries: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** The bound of the waits grows so fast because there are only two of them, and an outage of 20 s is on record. */
const GROWTH = 4;

/**
 * Repeats a request after failures that pass: no answer, or the registry asked to wait. Waits are spread evenly
 * between the shortest and a growing bound (full jitter), but `Retry-After` is honoured in full; when the wait is
 * longer than the time left, the caller gets the error and must wait itself.
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
  const boundMs = Math.min(policy.longestMs, policy.shortestMs * GROWTH ** (tries + 1));
  const jitterMs = policy.shortestMs + random() * (boundMs - policy.shortestMs);
  if (error instanceof RegistryBusy) return Math.max(error.retryAfterMs, jitterMs);
  return error instanceof RegistryUnreachable ? jitterMs : null;
}
