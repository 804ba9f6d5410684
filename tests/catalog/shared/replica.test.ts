import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { KeptState } from '../../../src/catalog/knowledge.ts';
import type { SealedKind } from '../../../src/catalog/sealed-file.ts';
import type { RedisLink } from '../../../src/catalog/shared/redis-link.ts';
import { SharedStoreAway } from '../../../src/catalog/shared/shared-store-errors.ts';
import { createReplica, type ReplicaEvents } from '../../../src/catalog/shared/replica.ts';
import type { SharedState } from '../../../src/catalog/shared/shared-state.ts';
import type { CatalogStore, SavedList } from '../../../src/catalog/store.ts';
import { createSteppedClock } from '../../support/stepped-clock.ts';
import { START } from '../../support/sync-world.ts';

/** A store in memory, whose answers come when the test lets them. */
function createStoreStub() {
  const versions: Record<SealedKind, number> = { list: 0, held: 0, memory: 0 };
  const contents: Record<SealedKind, unknown> = { list: null, held: null, memory: null };
  const published: SealedKind[] = [];
  let gate: Promise<void> = Promise.resolve();
  let looks = 0;
  let away = false;
  let tell: () => void = () => undefined;
  const write = (kind: SealedKind, content: unknown): number => {
    contents[kind] = content;
    return ++versions[kind];
  };
  const state: SharedState = {
    channel: 'changes',
    async look() {
      looks++;
      if (away) throw new SharedStoreAway('nobody answers');
      const answer = { fence: 1, versions: { ...versions } };
      await gate;
      return answer;
    },
    async publish(kind, content, { known }) {
      published.push(kind);
      if (versions[kind] > known) return { result: 'lost' };
      // Whoever listens is told, who published included.
      queueMicrotask(tell);
      return { result: 'done', version: write(kind, content) };
    },
    read: async (kind) => contents[kind] as never,
    release: async () => undefined,
  };
  return {
    state,
    published,
    write,
    onChange(listener: () => void) {
      tell = listener;
    },
    setAway(isAway: boolean) {
      away = isAway;
    },
    get looks() {
      return looks;
    },
    /** Answers are kept back until the returned function is called. */
    holdAnswers() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

const settle = async (): Promise<void> => setImmediate();
const list = { checkedAt: '2026-11-24T12:00:00Z' } as SavedList;
const kept = { list, held: null, memory: { failures: 0 } } as unknown as KeptState;

function startReplica(known: KeptState = kept) {
  const store = createStoreStub();
  const clock = createSteppedClock(START, settle);
  const adopted: Partial<KeptState>[] = [];
  const adoption = { until: Promise.resolve() };
  let onMessage: () => void = () => undefined;
  const link = {
    listen(_channel: string, listener: () => void) {
      onMessage = listener;
      store.onChange(listener);
    },
  } as unknown as RedisLink;
  const stores: [boolean, string][] = [];
  const events: ReplicaEvents = { onStore: (isThere, problem) => stores.push([isThere, problem]) };
  const replica = createReplica({ link, state: store.state, clock, hasList: () => true, events });
  const own = { saveMemory: async () => undefined } as unknown as CatalogStore;
  const start = async (): Promise<void> => {
    replica.start({
      kept: known,
      async adopt(news) {
        adopted.push(news);
        await adoption.until;
      },
    });
    await settle();
  };
  return {
    store,
    clock,
    replica,
    stores,
    adopted,
    adoption,
    start,
    saving: replica.wrap(own),
    message: () => onMessage(),
  };
}

test('a leader fills a store that has nothing, once', async () => {
  const { store, start, clock } = startReplica();
  await start();
  await clock.advance(3_000);
  expect(store.published).toEqual(['memory', 'list', 'held']);
});

test('a leader that has no list yet says what it remembers once, and is not woken by its own words', async () => {
  const { store, start, clock } = startReplica({ ...kept, list: null });
  await start();
  for (let look = 0; look < 5; look++) await clock.advance(3_000);
  expect(store.published).toEqual(['memory']);
  expect(store.looks).toBeLessThan(12);
});

test('what is published while an answer is under way is not taken for news, nor for a loss', async () => {
  const { store, start, replica, saving, adopted, message } = startReplica();
  await start();
  const before = store.published.length;
  const letGo = store.holdAnswers();
  message();
  await settle();
  // The answer that is on its way was made before both.
  const saved = saving.saveMemory(kept.memory);
  const announced = replica.announce(list);
  letGo();
  await saved;
  expect(await announced).toBe('shared');
  for (let look = 0; look < 3; look++) await replica.meet();
  expect(store.published.slice(before)).toEqual(['memory', 'list']);
  expect(adopted).toEqual([]);
});

test('the lead is renewed while news wait for a sync to end, and what comes meanwhile is taken over after it', async () => {
  const { store, start, replica, adopted, adoption, clock } = startReplica();
  await start();
  const { promise, resolve } = Promise.withResolvers<void>();
  adoption.until = promise;
  store.write('list', { checkedAt: '2026-11-24T13:00:00Z' });
  await clock.advance(3_000);
  expect(adopted).toHaveLength(1);
  for (let look = 0; look < 10; look++) await clock.advance(3_000);
  expect(replica.role).toBe('leader');
  store.write('list', { checkedAt: '2026-11-24T14:00:00Z' });
  await clock.advance(3_000);
  expect(adopted).toHaveLength(1);
  // A sync that ends now has not seen either.
  expect(await replica.announce(list)).toBe('lost');
  resolve();
  await settle();
  await replica.meet();
  expect(adopted.map((news) => news.list?.checkedAt)).toEqual([
    '2026-11-24T13:00:00Z',
    '2026-11-24T14:00:00Z',
  ]);
});

test('a store that is away is told once, also when it was so from the start; and that it is there', async () => {
  const { store, stores, replica, start, clock } = startReplica();
  store.setAway(true);
  expect(await replica.readKept()).toEqual({});
  await start();
  await clock.advance(9_000);
  expect(stores).toEqual([[false, 'nobody answers']]);
  store.setAway(false);
  await clock.advance(9_000);
  expect(stores).toEqual([
    [false, 'nobody answers'],
    [true, ''],
  ]);
});

test('a store that is there from the start is no news', async () => {
  const { stores, replica, start, clock } = startReplica();
  await replica.readKept();
  await start();
  await clock.advance(9_000);
  expect(stores).toEqual([]);
});
