import type { RegistryClient, RequestHooks } from '../registry/registry-client.ts';
import { buildFollowUpQueries } from '../registry/study-query.ts';
import type { StudyQuery, WalkProgress } from '../registry/walk-studies.ts';
import type { Clock } from '../registry/clock.ts';
import type { PackPlace } from '../trials/institution-pack.ts';
import type { Harvest, SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import type { Company } from './company.ts';
import { reviveHeld, type Candidate } from './holding.ts';
import { findWhereabouts, judgeHarvest } from './judge-harvest.ts';
import { extendJournal } from './journal.ts';
import type { Keeper } from './keeper.ts';
import type { Knowledge } from './knowledge.ts';
import type { Snapshot } from './snapshot.ts';
import type { HeldList, SavedList } from './store.ts';
import { LeadLost } from './sync-failure.ts';
import type { SyncOutcome } from './sync-outcome.ts';
import type { SyncState } from './sync-state.ts';

/** Who is asked what, and what is made of the answer. */
export interface SyncBasis {
  readonly client: RegistryClient;
  readonly queries: readonly StudyQuery[];
  /** Equal for equal packs and queries: lists under different ones are not compared. */
  readonly question: string;
  readonly place: PackPlace;
  readonly buildSnapshot: SnapshotBuilder;
  readonly catalog: Catalog;
}

export interface SynchronisationOptions extends SyncBasis {
  readonly knowledge: Knowledge;
  readonly keeper: Pick<Keeper, 'mark'>;
  readonly company: Pick<Company, 'announce'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly hooks: RequestHooks & { readonly signal: AbortSignal };
  readonly onPage: (progress: WalkProgress) => void;
  readonly enter: (state: SyncState) => void;
}

/** One synchronisation: asks for the version, walks when it has changed, judges, publishes or holds. */
export interface Synchronisation {
  /** ISO 8601; `null` before the first. */
  readonly lastAttemptAt: string | null;
  /** @throws whatever went wrong, or the reason of the stop */
  attempt(): Promise<SyncOutcome>;
  /** Publishes the list that is held, and asks the registry nothing. */
  accept(): Promise<SyncOutcome>;
}

export function createSynchronisation(options: SynchronisationOptions): Synchronisation {
  const { client, catalog, knowledge, keeper, hooks, enter } = options;
  let lastAttemptAt: string | null = null;
  const isoNow = (): string => new Date(options.clock.nowMs()).toISOString();
  /** What an accepted list is compared with: never the sample, never a list under another pack. */
  const baseline = (): Snapshot | null => (knowledge.accepted === null ? null : catalog.served);

  const attempt = async (): Promise<SyncOutcome> => {
    const outcome = await synchronise();
    const confirmedAt = outcome.result === 'held' ? null : isoNow();
    if (confirmedAt !== null) catalog.confirm(confirmedAt);
    knowledge.succeed(confirmedAt);
    return outcome;
  };

  const synchronise = async (): Promise<SyncOutcome> => {
    enter('checking');
    lastAttemptAt = isoNow();
    if (await isUnchanged()) return { result: 'unchanged' };
    enter('walking');
    const harvest = await walk();
    enter('judging');
    const candidate = await judge(harvest);
    hooks.signal.throwIfAborted();
    const { holding } = knowledge;
    if (candidate.reasons.length > 0 && !holding.hold(candidate)) {
      enter('held');
      keeper.mark('held');
      return { result: 'held', held: holding.held as HeldList };
    }
    enter('publishing');
    return publish(candidate, isoNow());
  };

  /** A held list needs walks that agree, so that nothing is unchanged while there is one. */
  const isUnchanged = async (): Promise<boolean> => {
    const hasHeld = knowledge.holding.held !== null;
    const etag = hasHeld || catalog.served === null ? null : knowledge.etag;
    const answer = await client.fetchVersion({ ...hooks, etag });
    if (!answer.changed) return true;
    // A front that sends the same tag for other data would hide every change.
    const sameData = answer.version.dataTimestamp === (knowledge.accepted?.dataTimestamp ?? null);
    return etag !== null && answer.version.etag === etag && sameData;
  };

  const walk = async (): Promise<Harvest> => {
    const listed = baseline()?.trials ?? [];
    const { version, proposed, queries, followedUp } = await client.walkStudies(options.queries, {
      ...hooks,
      onPage: options.onPage,
      followUp: (found) =>
        buildFollowUpQueries(listed.flatMap(({ nctId }) => (found.has(nctId) ? [] : [nctId]))),
    });
    const { dataTimestamp, etag } = version;
    return { dataTimestamp, etag, queries, followedUp, studies: proposed };
  };

  const judge = async (harvest: Harvest): Promise<Candidate> => {
    const { buildSnapshot, place } = options;
    const { accepted } = knowledge;
    const before = { served: catalog.served, baseline: baseline(), accepted };
    return judgeHarvest(harvest, { buildSnapshot, place, ...before, signal: hooks.signal });
  };

  /** Where there are replicas, the list is theirs first: one that has lost the lead must not show what they do not. */
  const publish = async (candidate: Candidate, checkedAt: string): Promise<SyncOutcome> => {
    const { snapshot, harvest, diff } = candidate;
    const tombstones = [...catalog.findTombstonesWith(snapshot, findWhereabouts(harvest))];
    const journal = extendJournal(knowledge.journal, { at: checkedAt, snapshot, diff });
    const list: SavedList = { harvest, tombstones, journal, checkedAt, question: options.question };
    const announced = await options.company.announce(list);
    if (announced === 'lost') throw new LeadLost();
    catalog.publish(
      { snapshot, source: announced === 'shared' ? 'shared' : 'registry', checkedAt },
      tombstones,
    );
    knowledge.accept(list);
    knowledge.holding.drop();
    keeper.mark('list');
    keeper.mark('held');
    return { result: 'published', snapshot, diff };
  };

  const accept = async (): Promise<SyncOutcome> => {
    const { held } = knowledge.holding;
    if (held === null) return { result: 'nothing_held' };
    enter('publishing');
    const snapshot = await options.buildSnapshot(held.harvest);
    return publish(reviveHeld(held, snapshot, catalog.served), held.agreedAt);
  };

  return {
    get lastAttemptAt() {
      return lastAttemptAt;
    },
    attempt,
    accept,
  };
}
