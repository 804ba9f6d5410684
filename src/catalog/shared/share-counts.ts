import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../registry/clock.ts';
import type { RedisLink } from './redis-link.ts';
import { createStoreKeys } from './store-keys.ts';

/** What is exchanged: requests of clients in one minute. */
export interface SharedCounts {
  takeNews(): { minute: number; counts: { client: string; more: number }[] };
  learn(minute: number, totals: ReadonlyMap<string, number>): void;
}

const EXCHANGE_EVERY_MS = 1_000;
const KEPT_SECONDS = 120;

const EXCHANGE = `
local totals = {}
for index = 2, #ARGV, 2 do
  totals[#totals + 1] = redis.call('HINCRBY', KEYS[1], ARGV[index], ARGV[index + 1])
end
if #totals > 0 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return totals`;

/** Whoever is first decides; all others take what is there. */
const SECRET = `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])`;

/**
 * Adds what this replica has counted to what the others have, once a second and in the background: a request never
 * waits for it. Addresses leave the process only under a secret that lies in the store (P14). Without the store each
 * replica counts for itself.
 */
export function createCountExchange(options: {
  link: RedisLink;
  packKey: string;
  counts: SharedCounts;
  clock: Clock;
}): { start(): void; stop(): Promise<void> } {
  const { link, packKey, counts, clock } = options;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  const key = createStoreKeys(packKey);
  const hide = (client: string, by: string): string =>
    createHmac('sha256', by).update(client).digest('base64url').slice(0, 16);

  const exchange = async (): Promise<void> => {
    // Asked each time: a store that was emptied has another one.
    const secret = String(await link.run(SECRET, [key('secret')], [randomBytes(24).toString('base64url')]));
    const { minute, counts: news } = counts.takeNews();
    if (news.length === 0) return;
    const fields = news.flatMap(({ client, more }) => [hide(client, secret), String(more)]);
    const totals = (await link.run(
      EXCHANGE,
      [key(`clients:${minute}`)],
      [String(KEPT_SECONDS), ...fields],
    )) as number[];
    counts.learn(minute, new Map(news.map(({ client }, index) => [client, totals[index] ?? 0])));
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await exchange().catch(() => undefined);
      await clock.sleep(EXCHANGE_EVERY_MS, stopping.signal).catch(() => undefined);
    }
  };
  return {
    start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
