import type { SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import type { SavedList } from './store.ts';
import type { KeptState } from './knowledge.ts';

/** Serves the list that an earlier process saved, or that replicas share, made anew by today's rules; false when there is none. */
export async function restoreList(
  kept: KeptState,
  options: {
    catalog: Catalog;
    buildSnapshot: SnapshotBuilder;
    question: string;
    source: 'saved' | 'shared';
  },
): Promise<boolean> {
  const { list } = kept;
  if (list === null) return false;
  const snapshot = await options.buildSnapshot(list.harvest);
  const checkedAt = lastChecked(list, kept, options.question);
  options.catalog.publish({ snapshot, source: options.source, checkedAt }, list.tombstones);
  return true;
}

/** A list that the registry has confirmed since it was saved is as current as that. */
function lastChecked(list: SavedList, { memory: { confirmed } }: KeptState, question: string): string {
  if (confirmed === null || confirmed.etag === null || confirmed.at < list.checkedAt) return list.checkedAt;
  const same = confirmed.etag === list.harvest.etag && list.question === question;
  return same ? confirmed.at : list.checkedAt;
}
