import type { SnapshotDiff } from './compare-snapshots.ts';
import type { Snapshot } from './snapshot.ts';
import type { HeldList, Pause } from './store.ts';
import type { SyncFailureCode } from './sync-failure.ts';

/** How a synchronisation, or the acceptance of a held list, ended. */
export type SyncOutcome =
  | { readonly result: 'unchanged' }
  | { readonly result: 'published'; readonly snapshot: Snapshot; readonly diff: SnapshotDiff }
  | { readonly result: 'held'; readonly held: HeldList }
  | { readonly result: 'failed'; readonly code: SyncFailureCode; readonly error: unknown }
  | { readonly result: 'paused'; readonly pause: Pause }
  | { readonly result: 'nothing_held' }
  | { readonly result: 'stopped' };
