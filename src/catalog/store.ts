import { z } from 'zod';
import type { Harvest } from './build-snapshot.ts';
import { GuardReason } from './guards.ts';
import { JournalEntry } from './journal.ts';
import { SnapshotDiff } from './compare-snapshots.ts';
import { SYNC_FAILURE_CODES } from './sync-failure.ts';
import { Tombstone } from './tombstones.ts';

/** What outlives the process, in forms that a file or a shared store can hold. */

/** With its fields always in this order, so that equal harvests have equal JSON. */
export const HarvestForm = z.object({
  dataTimestamp: z.string().nullable(),
  etag: z.string().nullable(),
  queries: z.array(z.object({ name: z.string(), totalCount: z.int(), rows: z.int(), pages: z.int() })),
  followedUp: z.boolean().optional(),
  studies: z.array(
    z.object({
      study: z.unknown(),
      nctId: z.string().nullable(),
      foundBy: z.array(z.string()),
      leftOutSitesCount: z.int().optional(),
      dataDate: z.string().nullish(),
      unreadable: z.string().optional(),
    }),
  ),
});

/** The list that was accepted last: the registry's answer, so that a newer version reads it by its own rules. */
export const SavedList = z.object({
  harvest: HarvestForm,
  tombstones: z.array(Tombstone),
  journal: z.array(JournalEntry).default([]),
  /** When the registry was asked for it. */
  checkedAt: z.iso.datetime(),
  /** What the registry was asked, and under which pack (see `isSamePack`). A file without it is of no known question. */
  question: z.string().default(''),
});
export type SavedList = Omit<z.infer<typeof SavedList>, 'harvest'> & { readonly harvest: Harvest };

/** A list that a guard holds back. */
export const HeldList = z.object({
  id: z.string(),
  harvest: HarvestForm,
  /** Equal for candidates that say the same (see `fingerprint`). */
  fingerprint: z.string(),
  reasons: z.array(GuardReason),
  diff: SnapshotDiff,
  heldAt: z.iso.datetime(),
  /** How many syncs, far enough apart, have brought it; and when the last of them was. */
  agreed: z.int().min(1),
  agreedAt: z.iso.datetime(),
  question: z.string(),
});
export type HeldList = Omit<z.infer<typeof HeldList>, 'harvest'> & { readonly harvest: Harvest };

const span = { from: z.iso.datetime(), until: z.iso.datetime() };

/** A stretch of wall time in which the registry is not asked: because it said so, or after failures of its own. */
export const Pause = z.object({ ...span, reason: z.enum(['busy', 'refused']) });
export type Pause = z.infer<typeof Pause>;
export const OpenCircuit = z.object({ ...span, reason: z.literal('circuit') });
export type OpenCircuit = z.infer<typeof OpenCircuit>;

/** What a sync must know of those before it. */
export const SyncMemory = z.object({
  failures: z.int().min(0),
  /** Asked for by the registry (429, 503, 403), and binding for everybody. */
  pause: Pause.nullable(),
  /** Ours, after failures in a row. */
  circuit: OpenCircuit.nullable(),
  lastSuccessAt: z.iso.datetime().nullable(),
  lastError: z
    .object({ code: z.enum(SYNC_FAILURE_CODES).catch('internal'), at: z.iso.datetime() })
    .nullable(),
  /** The registry's tag that was confirmed last, and when: a list that has not changed is not saved again. */
  confirmed: z.object({ etag: z.string().nullable(), at: z.iso.datetime() }).nullable(),
});
export type SyncMemory = z.infer<typeof SyncMemory>;

export const EMPTY_MEMORY: SyncMemory = {
  failures: 0,
  pause: null,
  circuit: null,
  lastSuccessAt: null,
  lastError: null,
  confirmed: null,
};

/** Keeps the list, what is held back, and the sync's memory. Reading never throws: what cannot be read is not there. */
export interface CatalogStore {
  readList(): Promise<SavedList | null>;
  /** @throws Error when it could not be saved whole */
  saveList(list: SavedList): Promise<void>;
  readHeld(): Promise<HeldList | null>;
  saveHeld(held: HeldList | null): Promise<void>;
  readMemory(): Promise<SyncMemory>;
  saveMemory(memory: SyncMemory): Promise<void>;
}

/** Keeps nothing (`DATA_DIR` empty). */
export const NO_STORE: CatalogStore = {
  readList: async () => null,
  saveList: async () => undefined,
  readHeld: async () => null,
  saveHeld: async () => undefined,
  readMemory: async () => EMPTY_MEMORY,
  saveMemory: async () => undefined,
};

/**
 * A question is `<pack>.<queries>`. Under the same pack lists are compared (P10), also when a newer version of ours
 * asks for more fields; only under the very same question can the registry say that nothing has changed.
 */
export function isSamePack(question: string, other: string): boolean {
  const packOf = (text: string): string => text.slice(0, text.indexOf('.'));
  return question !== '' && packOf(question) === packOf(other);
}
