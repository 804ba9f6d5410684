import type { SnapshotSource } from '../trials/vocabulary.ts';
import type { Snapshot } from './snapshot.ts';
import { updateTombstones, type Tombstone } from './tombstones.ts';

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
  readonly tombstones: readonly Tombstone[];
  /** The edition of a cursor: the current one or the one before. */
  findEdition(snapshotId: string): Edition | null;
  findTombstone(nctId: string): Tombstone | null;
  /** Puts an edition in place; only a list of the registry can bury what an earlier one held. */
  publish(edition: Edition, options?: { tombstones?: readonly Tombstone[] }): void;
  /** The registry says that nothing has changed. */
  confirm(checkedAt: string): void;
  isStale(edition: Edition): boolean;
}

export function createCatalog(options: { staleAfterMs: number; nowMs: () => number }): Catalog {
  let current: Edition | null = null;
  let previous: Edition | null = null;
  let tombstones: readonly Tombstone[] = [];
  return {
    get current() {
      return current;
    },
    get tombstones() {
      return tombstones;
    },
    findEdition: (snapshotId) =>
      [current, previous].find((edition) => edition?.snapshot.id === snapshotId) ?? null,
    findTombstone: (nctId) => tombstones.find((tombstone) => tombstone.nctId === nctId) ?? null,
    publish(edition, given = {}) {
      const before = current?.source === 'bundled' ? null : (current?.snapshot ?? null);
      const nowMs = options.nowMs();
      tombstones = updateTombstones(given.tombstones ?? tombstones, {
        before,
        after: edition.snapshot,
        nowMs,
      });
      if (current?.snapshot.id !== edition.snapshot.id) previous = current;
      current = edition;
    },
    confirm(checkedAt) {
      if (current !== null) current = { ...current, checkedAt };
    },
    isStale: (edition) =>
      edition.source === 'bundled' ||
      edition.checkedAt === null ||
      options.nowMs() - Date.parse(edition.checkedAt) > options.staleAfterMs,
  };
}
