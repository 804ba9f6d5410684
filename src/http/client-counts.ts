import { LRUCache } from 'lru-cache';

/** A count that the other replicas are to know of. */
export interface ClientCount {
  readonly client: string;
  /** Requests since the last exchange. */
  readonly more: number;
}

/** Requests of each client in the current minute, here and, once they are exchanged, on all replicas. */
export interface ClientCounts {
  /**
   * Counts one more; how many that makes, and for how many milliseconds they count. `null`, and nothing counted, when
   * it would be more than `most`.
   */
  count(client: string, most?: number): { current: number; leftMs: number } | null;
  /** What has come in since the last time; the minute it belongs to. */
  takeNews(): { minute: number; counts: ClientCount[] };
  /** How many requests of these clients all replicas have seen in that minute. */
  learn(minute: number, totals: ReadonlyMap<string, number>): void;
}

const MINUTE_MS = 60_000;
/** The newest so many clients are counted; who has not come for long makes room. */
const MOST_CLIENTS = 5_000;

interface Tally {
  readonly minute: number;
  own: number;
  told: number;
  others: number;
}

/** Minutes of the wall clock, so that all replicas mean the same one. */
export function createClientCounts(options: { nowMs: () => number }): ClientCounts {
  const tallies = new LRUCache<string, Tally>({ max: MOST_CLIENTS });
  const minuteNow = (): number => Math.floor(options.nowMs() / MINUTE_MS);
  const tallyOf = (client: string): Tally => {
    const minute = minuteNow();
    const known = tallies.get(client);
    if (known?.minute === minute) return known;
    const tally = { minute, own: 0, told: 0, others: 0 };
    tallies.set(client, tally);
    return tally;
  };
  return {
    count(client, most = Infinity) {
      const tally = tallyOf(client);
      if (tally.own + tally.others >= most) return null;
      tally.own++;
      return { current: tally.own + tally.others, leftMs: MINUTE_MS - (options.nowMs() % MINUTE_MS) };
    },
    takeNews() {
      const minute = minuteNow();
      const counts = [...tallies.entries()].flatMap(([client, tally]) => {
        const more = tally.own - tally.told;
        if (tally.minute !== minute || more === 0) return [];
        tally.told = tally.own;
        return [{ client, more }];
      });
      return { minute, counts };
    },
    learn(minute, totals) {
      for (const [client, total] of totals) {
        const tally = tallies.peek(client);
        if (tally?.minute === minute) tally.others = Math.max(0, total - tally.told);
      }
    },
  };
}
