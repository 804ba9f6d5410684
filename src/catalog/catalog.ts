import type { Clock } from '../registry/clock.ts';
import type { SnapshotSource } from '../trials/vocabulary.ts';
import { isRecent } from './recent-past.ts';
import type { Snapshot } from './snapshot.ts';
import { NOWHERE, updateTombstones, type Tombstone, type Whereabouts } from './tombstones.ts';

/** What is being served: one snapshot, where it came from, and when it was last known to be current. */
export interface Edition {
  readonly snapshot: Snapshot;
  readonly source: SnapshotSource;
  /** When the registry last confirmed this list, ISO 8601; `null` for the sample, which nobody confirms. */
  readonly checkedAt: string | null;
}

/** Holds the list being served. A swap is one assignment: no answer mixes two snapshots. */
export interface Catalog {
  readonly current: Edition | null;
  /** The snapshot being served, unless it is the sample: that one nobody compares with. */
  readonly served: Snapshot | null;
  readonly tombstones: readonly Tombstone[];
  /** The edition of a cursor: the current one or the one before. */
  findEdition(snapshotId: string): Edition | null;
  findTombstone(nctId: string): Tombstone | null;
  /** What the tombstones would be with that snapshot in place: only a list of the registry can bury what one held. */
  findTombstonesWith(snapshot: Snapshot, whereabouts?: Whereabouts): readonly Tombstone[];
  /** Puts an edition in place, with the tombstones that belong to it; those that follow from the change unless given. */
  publish(edition: Edition, tombstones?: readonly Tombstone[]): void;
  /** The registry says that nothing has changed. */
  confirm(checkedAt: string): void;
  /** How long ago the registry confirmed the edition, in milliseconds; `null` when nobody knows. */
  checkedAgoMs(edition: Edition): number | null;
  isStale(edition: Edition): boolean;
  /** Called after every change of what is served, its confirmation included. */
  subscribe(listener: () => void): void;
}

export function createCatalog(options: {
  staleAfterMs: number;
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
}): Catalog {
  const { staleAfterMs, clock } = options;
  let current: Edition | null = null;
  let previous: Edition | null = null;
  let tombstones: readonly Tombstone[] = [];
  const listeners: (() => void)[] = [];
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  /** When each edition was confirmed, on the clock that never jumps; of one of an earlier process by its age then. */
  const confirmed = new WeakMap<Edition, { readonly wallMs: number; readonly monotonicMs: number }>();

  /** The older of what two clocks say: one stands still while a machine sleeps, the other can be set back. */
  const checkedAgoMs = (edition: Edition): number | null => {
    const since = confirmed.get(edition);
    if (since === undefined) return null;
    return Math.max(clock.nowMs() - since.wallMs, clock.monotonicMs() - since.monotonicMs);
  };

  /** Checked in the future: the clock has gone back since, and nobody knows how long ago that was. */
  const noteAge = (edition: Edition): void => {
    if (edition.checkedAt === null) return;
    const wallMs = Date.parse(edition.checkedAt);
    const ageMs = clock.nowMs() - wallMs;
    if (ageMs >= 0) confirmed.set(edition, { wallMs, monotonicMs: clock.monotonicMs() - ageMs });
  };

  const served = (): Snapshot | null =>
    current === null || current.source === 'bundled' ? null : current.snapshot;

  const findTombstonesWith = (after: Snapshot, whereabouts = NOWHERE): readonly Tombstone[] =>
    updateTombstones(tombstones, { before: served(), after, whereabouts, nowMs: clock.nowMs() });

  return {
    get current() {
      return current;
    },
    get served() {
      return served();
    },
    get tombstones() {
      return tombstones.filter((one) => isRecent(one.goneAt, clock.nowMs()));
    },
    findEdition: (snapshotId) =>
      [current, previous].find((edition) => edition?.snapshot.id === snapshotId) ?? null,
    findTombstone: (nctId) =>
      tombstones.find((one) => one.nctId === nctId && isRecent(one.goneAt, clock.nowMs())) ?? null,
    findTombstonesWith,
    publish(edition, given = findTombstonesWith(edition.snapshot)) {
      tombstones = given;
      if (current?.snapshot.id !== edition.snapshot.id) previous = current;
      current = edition;
      noteAge(edition);
      tell();
    },
    confirm(checkedAt) {
      if (current === null) return;
      current = { ...current, checkedAt };
      noteAge(current);
      tell();
    },
    checkedAgoMs,
    subscribe: (listener) => void listeners.push(listener),
    isStale(edition) {
      const agoMs = checkedAgoMs(edition);
      return edition.source === 'bundled' || agoMs === null || agoMs > staleAfterMs;
    },
  };
}
