import type { SnapshotBuilder } from './build-snapshot.ts';
import type { Catalog } from './catalog.ts';
import { isOlder } from './guards.ts';
import type { Keeper } from './keeper.ts';
import type { KeptState, Knowledge } from './knowledge.ts';
import type { SavedList, SyncMemory } from './store.ts';
import type { SyncDue } from './sync-due.ts';

/** Takes over what another replica has published, in place of what this one knows. */
export async function adoptShared(
  { list, held, memory }: Partial<KeptState>,
  context: {
    catalog: Catalog;
    knowledge: Knowledge;
    keeper: Pick<Keeper, 'mark'>;
    due: SyncDue;
    buildSnapshot: SnapshotBuilder;
    signal: AbortSignal;
  },
): Promise<void> {
  const { catalog, knowledge, keeper, due, buildSnapshot, signal } = context;

  const adoptList = async (given: SavedList): Promise<void> => {
    // Another replica can be behind for a moment, after the store was away: nobody is shown older data for it. What
    // was checked later is taken all the same: as a rule the registry went back, and three syncs or an operator
    // agreed; and if not, all replicas at least show one list.
    const isBehind = (): boolean =>
      isOlder(given.harvest.dataTimestamp, catalog.served?.sourceDataTimestamp ?? null) &&
      given.checkedAt <= (catalog.current?.checkedAt ?? '');
    if (isBehind()) return;
    const snapshot = await buildSnapshot(given.harvest, signal);
    if (isBehind()) return;
    catalog.publish({ snapshot, source: 'shared', checkedAt: given.checkedAt }, given.tombstones);
    knowledge.accept(given);
    keeper.mark('list');
  };

  const adoptMemory = (given: SyncMemory): void => {
    // A sync of ours may have ended since it was read, and knows more.
    if (lastWordOf(given) < lastWordOf(knowledge.memory)) return;
    knowledge.adoptMemory(given);
    const { confirmed } = given;
    if (confirmed === null) return;
    if (confirmed.etag === knowledge.etag) catalog.confirm(confirmed.at);
    due.setSince(confirmed.at);
  };

  if (list) await adoptList(list);
  if (held !== undefined) {
    knowledge.adoptHeld(held);
    keeper.mark('held');
  }
  if (memory !== undefined) adoptMemory(memory);
}

/** When a memory last learned anything of the registry. */
function lastWordOf({ confirmed, lastSuccessAt, lastError }: SyncMemory): string {
  const times = [confirmed?.at ?? '', lastSuccessAt ?? '', lastError?.at ?? ''];
  return times.toSorted().at(-1) ?? '';
}
