import { randomUUID } from 'node:crypto';
import type { Clock } from '../../registry/clock.ts';
import { describeOutcome } from '../describe-outcome.ts';
import {
  ASKED_EVERY_MS,
  OperatorAnswer,
  OperatorRequest,
  REQUEST_LASTS_MS,
  type OperatorRequests,
} from '../operator-requests.ts';
import type { RedisLink } from './redis-link.ts';

/** How `npm run sync` asks the leader, on whatever machine it is: a key that lasts as long as the command waits. */

const PUT = `return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`;
const TAKE = `
local text = redis.call('GET', KEYS[1])
if text then redis.call('DEL', KEYS[1]) end
return text`;

const keyOf = (packKey: string, name: string): string => `uab-all-trials:{${packKey}}:${name}`;

async function take(link: RedisLink, key: string): Promise<unknown> {
  const text = await link.run(TAKE, [key], []);
  return typeof text === 'string' ? JSON.parse(text) : null;
}

async function put(link: RedisLink, key: string, value: unknown): Promise<void> {
  await link.run(PUT, [key], [JSON.stringify(value), String(REQUEST_LASTS_MS)]);
}

/** The side of the service. */
export function createSharedRequests(link: RedisLink, packKey: string): OperatorRequests {
  return {
    async take() {
      const request = await take(link, keyOf(packKey, 'request')).catch(() => null);
      const parsed = OperatorRequest.safeParse(request);
      return parsed.success ? parsed.data : null;
    },
    async answer({ id }, outcome) {
      const answer: OperatorAnswer = { result: outcome.result, lines: describeOutcome(outcome) };
      await put(link, keyOf(packKey, `answer:${id}`), answer).catch(() => undefined);
    },
  };
}

/**
 * The side of the command: asks the leader and waits for what it says.
 * @returns `null` when it did not answer in time
 * @throws SharedStoreAway
 */
export async function askLeader(
  link: RedisLink,
  options: { packKey: string; clock: Clock; action: OperatorRequest['action'] },
): Promise<OperatorAnswer | null> {
  const { packKey, clock, action } = options;
  const request: OperatorRequest = { id: randomUUID(), action, at: new Date(clock.nowMs()).toISOString() };
  await put(link, keyOf(packKey, 'request'), request);
  const untilMs = clock.monotonicMs() + REQUEST_LASTS_MS;
  while (clock.monotonicMs() < untilMs) {
    await clock.sleep(ASKED_EVERY_MS);
    const answer = OperatorAnswer.safeParse(await take(link, keyOf(packKey, `answer:${request.id}`)));
    if (answer.success) return answer.data;
  }
  return null;
}
