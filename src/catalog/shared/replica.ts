import type { Clock } from '../../registry/clock.ts';
import type { Company } from '../company.ts';
import type { KeptState } from '../knowledge.ts';
import type { SealedKind } from '../sealed-file.ts';
import { HeldList, SavedList, SyncMemory, type CatalogStore } from '../store.ts';
import type { RedisLink } from './redis-link.ts';
import { SharedStoreAway, SharedStoreRefused } from './shared-store-errors.ts';
import { LEASE_MS, type Look, type SharedState } from './shared-state.ts';

/** Milliseconds. */
export const REPLICA_TIMES = {
  /** How often the lease is renewed and the versions are compared; messages only make it sooner. */
  lookEveryMs: 3_000,
  /** A leader that dies has lost the lead after this time. */
  leaseMs: LEASE_MS,
  /** A lease is not relied on in its last moments: a message may be on its way. */
  leaseMarginMs: 1_000,
  /** Without the store for that long, a replica asks the registry itself when its list is due. */
  aloneAfterMs: 60_000,
  /** With nothing to serve it does so at once. */
  aloneWithoutListAfterMs: 3_000,
} as const;
export type ReplicaTimes = { readonly [Name in keyof typeof REPLICA_TIMES]: number };

/** What is worth a metric or a line. */
export interface ReplicaEvents {
  onRole?(role: Company['role']): void;
  /** The store can be asked again, or cannot. */
  onStore?(isThere: boolean, problem: string): void;
  /** Something in the store cannot be read: what is served stays. */
  onBadShared?(kind: SealedKind, problem: string): void;
}

/** What replicas need of the sync. */
export interface ReplicaSync {
  readonly kept: KeptState;
  adopt(shared: Partial<KeptState>): Promise<void>;
}

/** One of several processes that share a store: leads, or follows the one that does. */
export interface Replica extends Company {
  /** The store of a sync: everything is kept on the own disk as well, so that a start needs no store. */
  wrap(own: CatalogStore): CatalogStore;
  /** What is shared now; nothing when the store cannot be asked. */
  readKept(): Promise<Partial<KeptState>>;
  start(sync: ReplicaSync): void;
  /** One look now, which may take the lead, and everything that it brings. */
  meet(): Promise<void>;
  stop(): Promise<void>;
}

/** What was read, and the versions that are known once it is taken over. */
interface News {
  readonly kept: Partial<KeptState>;
  readonly seen: Partial<Record<SealedKind, number>>;
}

const SCHEMAS = { list: SavedList, held: HeldList, memory: SyncMemory } as const;
const KINDS = ['list', 'held', 'memory'] as const;

export function createReplica(options: {
  link: RedisLink;
  state: SharedState;
  clock: Clock;
  /** True while there is a list to serve that is more than the sample. */
  hasList: () => boolean;
  times?: Partial<ReplicaTimes>;
  events?: ReplicaEvents;
}): Replica {
  const { link, state, clock, hasList, events = {} } = options;
  const times = { ...REPLICA_TIMES, ...options.times };
  const stopping = new AbortController();
  const known: Record<SealedKind, number> = { list: 0, held: 0, memory: 0 };
  let lease: { fence: number; untilMs: number } | null = null;
  let awaySinceMs: number | null = clock.monotonicMs();
  let told: Company['role'] | null = null;
  /** A store that is there from the start is no news. */
  let toldThere = true;
  let sync: ReplicaSync | null = null;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let takingOver: Promise<void> | null = null;
  let answeredInTime = true;
  /** The store did not take what was published here, or holds what cannot be read. */
  let isBehind = false;
  let loop: Promise<void> = Promise.resolve();
  let turn: Promise<unknown> = Promise.resolve();
  /**
   * One exchange with the store at a time: versions that were read before a publication of our own would look like
   * news from another, or like a store that lost something.
   */
  const inTurn = async <Result>(task: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(task);
    turn = result.catch(() => undefined);
    return result;
  };

  const holdsLease = (): boolean =>
    lease !== null && clock.monotonicMs() < lease.untilMs - times.leaseMarginMs;
  const role = (): Company['role'] => {
    if (holdsLease()) return 'leader';
    if (awaySinceMs === null) return 'follower';
    const awayMs = clock.monotonicMs() - awaySinceMs;
    return awayMs > (hasList() ? times.aloneAfterMs : times.aloneWithoutListAfterMs) ? 'alone' : 'follower';
  };
  const tellRole = (): void => {
    const now = role();
    if (now === told) return;
    told = now;
    events.onRole?.(now);
  };
  const tellStore = (isThere: boolean, problem: string): void => {
    if (isThere === toldThere) return;
    toldThere = isThere;
    events.onStore?.(isThere, problem);
  };
  const noteAway = (error: unknown): void => {
    awaySinceMs ??= clock.monotonicMs();
    tellStore(false, (error as Error).message);
  };

  const publishNow = async (kind: SealedKind, content: unknown): Promise<'shared' | 'lost' | 'away'> => {
    if (!holdsLease()) return awaySinceMs === null ? 'lost' : 'away';
    try {
      const by = { fence: lease?.fence ?? 0, known: known[kind] };
      const publication = await state.publish(kind, content, by);
      if (publication.result === 'lost') {
        lease = null;
        return 'lost';
      }
      known[kind] = publication.version;
      return 'shared';
    } catch (error) {
      noteAway(error);
      return 'away';
    }
  };

  const publish = async (kind: 'held' | 'memory', content: unknown): Promise<void> => {
    const result = await inTurn(async () => publishNow(kind, content));
    if (result === 'away') isBehind = true;
  };

  const readOne = async (kind: SealedKind): Promise<unknown> => {
    try {
      return await state.read(kind, SCHEMAS[kind]);
    } catch (error) {
      if (error instanceof SharedStoreAway && !(error instanceof SharedStoreRefused)) throw error;
      events.onBadShared?.(kind, (error as Error).message);
      isBehind = true;
      return undefined;
    }
  };

  /** Reads what has a version that is not known yet. What cannot be read is passed over until the next version. */
  const readNews = async ({ versions }: Look): Promise<News> => {
    const kept: Record<string, unknown> = {};
    const seen: Partial<Record<SealedKind, number>> = {};
    for (const kind of KINDS) {
      if (versions[kind] <= known[kind]) continue;
      const content = await readOne(kind);
      if (content !== undefined && (content !== null || kind === 'held')) kept[kind] = content;
      seen[kind] = versions[kind];
    }
    return { kept, seen };
  };

  /** A leader brings in what the store does not have: it was emptied, or written over, or away when there was news. */
  const republish = async ({ versions }: Look, own: ReplicaSync): Promise<void> => {
    const { list, held, memory } = own.kept;
    const lacks = (kind: SealedKind): boolean =>
      versions[kind] < known[kind] || (versions[kind] === 0 && kind !== 'held');
    const kinds = list === null ? (['memory'] as const) : KINDS;
    if (!kinds.some(lacks) && !isBehind) return;
    if ((await publishNow('memory', memory)) !== 'shared') return;
    if (list === null) {
      isBehind = false;
      return;
    }
    if ((await publishNow('list', list)) !== 'shared') return;
    if ((await publishNow('held', held)) !== 'shared') return;
    isBehind = false;
  };

  /**
   * What is held or remembered is known as soon as it is read, so that a leader may save it here. A list counts as
   * known only once it is taken over: a sync that ends meanwhile must not write over it.
   */
  const takeOver = async ({ kept, seen }: News, own: ReplicaSync): Promise<void> => {
    // Also one that has what the store lacks: a list that is older than its own it does not take.
    if (Object.keys(kept).length > 0) await own.adopt(kept);
    known.list = Math.max(known.list, seen.list ?? 0);
  };

  const look = async (): Promise<void> => {
    const askedMs = clock.monotonicMs();
    try {
      // One whose answers come too late would hold the lead without knowing it.
      const found = await state.look(answeredInTime);
      answeredInTime = true;
      awaySinceMs = null;
      tellStore(true, '');
      lease = found.fence === null ? null : { fence: found.fence, untilMs: askedMs + times.leaseMs };
      // A sync must end before its news are taken over, which can take long: the lease is renewed all the same.
      if (sync === null || takingOver !== null) return;
      const news = await readNews(found);
      known.held = news.seen.held ?? known.held;
      known.memory = news.seen.memory ?? known.memory;
      if (Object.keys(news.seen).length > 0)
        takingOver = takeOver(news, sync).finally(() => {
          takingOver = null;
          // Meanwhile there may have been more.
          void lookOnce();
        });
      else if (holdsLease()) await republish(found, sync);
    } catch (error) {
      answeredInTime = false;
      noteAway(error);
    } finally {
      tellRole();
    }
  };

  /** One look at a time; a message during one asks for one more. */
  const lookOnce = async (): Promise<void> => {
    if (stopping.signal.aborted) return;
    if (looking !== null) {
      lookAgain = true;
      return looking;
    }
    looking = inTurn(look).finally(() => {
      looking = null;
    });
    await looking;
    if (!lookAgain) return;
    lookAgain = false;
    await lookOnce();
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await lookOnce();
      await clock.sleep(times.lookEveryMs, stopping.signal).catch(() => undefined);
    }
  };

  return {
    get role() {
      return role();
    },
    async announce(list) {
      const result = await inTurn(async () => (role() === 'alone' ? 'away' : publishNow('list', list)));
      if (result === 'away') isBehind = true;
      return result;
    },
    wrap: (own) => ({
      ...own,
      async saveHeld(held) {
        await publish('held', held);
        await own.saveHeld(held);
      },
      async saveMemory(memory) {
        await publish('memory', memory);
        await own.saveMemory(memory);
      },
    }),
    async readKept() {
      try {
        const { kept, seen } = await readNews(await state.look(false));
        Object.assign(known, seen);
        awaySinceMs = null;
        return kept;
      } catch (error) {
        noteAway(error);
        return {};
      }
    },
    async meet() {
      await lookOnce();
      await takingOver;
    },
    start(own) {
      sync = own;
      link.listen(state.channel, () => void lookOnce());
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
      await looking;
      await takingOver;
      if (lease !== null) await state.release().catch(() => undefined);
      lease = null;
    },
  };
}
