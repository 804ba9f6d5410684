import type { Clock } from '../../registry/clock.ts';
import {
  askAndWait,
  createRequests,
  REQUEST_LASTS_MS,
  type Asking,
  type OperatorAnswer,
  type OperatorRequests,
} from '../operator-requests.ts';
import type { RedisLink } from './redis-link.ts';
import { createStoreKeys } from './store-keys.ts';

/** How `npm run sync` asks the leader, on whatever machine it is: keys that last as long as the command waits. */

const PUT = `return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`;
const READ = `return redis.call('GET', KEYS[1])`;
const TAKE = `
local text = redis.call('GET', KEYS[1])
if text then redis.call('DEL', KEYS[1]) end
return text`;

/** The two keys, by what is done with them. @throws SharedStoreAway */
function createKeys(link: RedisLink, packKey: string) {
  const key = createStoreKeys(packKey);
  const text = (answer: unknown): string | null => (typeof answer === 'string' ? answer : null);
  const put = async (name: string, value: unknown): Promise<void> => {
    await link.run(PUT, [key(name)], [JSON.stringify(value), String(REQUEST_LASTS_MS)]);
  };
  return {
    put,
    read: async (name: string) => text(await link.run(READ, [key(name)], [])),
    take: async (name: string) => text(await link.run(TAKE, [key(name)], [])),
  };
}

/** The side of the service; only a leader takes. */
export function createSharedRequests(
  link: RedisLink,
  options: { packKey: string; clock: Clock },
): OperatorRequests {
  const keys = createKeys(link, options.packKey);
  return createRequests({
    clock: options.clock,
    takeText: async () => keys.take('request'),
    putAnswer: async (id, answer) => keys.put(`answer:${id}`, answer),
  });
}

/**
 * Asks the leader and waits for what it says.
 * @throws SharedStoreAway
 */
export async function askLeader(
  link: RedisLink,
  { packKey, ...asking }: Asking & { packKey: string },
): Promise<OperatorAnswer> {
  const keys = createKeys(link, packKey);
  return askAndWait(asking, {
    putRequest: async (request) => keys.put('request', request),
    withdraw: async () => void (await keys.take('request')),
    findAnswer: async (id) => keys.read(`answer:${id}`),
    isHeard: async () => true,
  });
}
