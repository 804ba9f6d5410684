import type { KeptState } from './knowledge.ts';
import type { CatalogStore } from './store.ts';

/** Saves what must outlive the process, one thing after the other, and again until it has worked. */
export interface Keeper {
  /** What changed and is to be saved. */
  mark(changed: 'list' | 'held'): void;
  /** Never throws: what could not be saved is tried again the next time. */
  save(): Promise<void>;
  /** The memory alone, at once. */
  remember(): Promise<void>;
  /** True while something could not be saved. */
  readonly isBehind: boolean;
  /** Everything that was begun has ended. */
  settled(): Promise<void>;
}

export function createKeeper(options: {
  store: CatalogStore;
  read: () => KeptState;
  onSaveFailed: (error: unknown) => void;
}): Keeper {
  const { store, read, onSaveFailed } = options;
  const unsaved = new Set<'list' | 'held' | 'memory'>();
  let saving: Promise<void> = Promise.resolve();
  const saveNext = async (task: () => Promise<void>): Promise<void> => {
    saving = saving.then(task).catch(onSaveFailed);
    return saving;
  };
  const remember = async (): Promise<void> => {
    unsaved.add('memory');
    return saveNext(async () => {
      await store.saveMemory(read().memory);
      unsaved.delete('memory');
    });
  };
  return {
    get isBehind() {
      return unsaved.size > 0;
    },
    mark(changed) {
      unsaved.add(changed);
    },
    async save() {
      if (unsaved.has('list'))
        await saveNext(async () => {
          const { list } = read();
          if (list !== null) await store.saveList(list);
          unsaved.delete('list');
        });
      if (unsaved.has('held'))
        await saveNext(async () => {
          await store.saveHeld(read().held);
          unsaved.delete('held');
        });
      await remember();
    },
    remember,
    settled: async () => saving,
  };
}
