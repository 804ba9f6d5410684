import { valuesOf, type Term } from '../trials/vocabulary.ts';

/** What a sync is doing. The words are those of `/health/ready`, `/v1/meta`, the metrics and the log. */
export const SYNC_STATE = {
  idle: { label: 'Idle', definition: 'Not started, or stopped.' },
  checking: { label: 'Checking', definition: 'Asks the registry which dataset it serves.' },
  walking: { label: 'Walking', definition: 'Fetches every study of every query, page by page.' },
  judging: { label: 'Judging', definition: 'Reads the studies by our rules and asks the guards.' },
  publishing: { label: 'Publishing', definition: 'Puts the new list in place and saves it.' },
  held: {
    label: 'Held',
    definition: 'A guard holds a list back; waits for further syncs to agree or an operator to accept.',
  },
  waiting: { label: 'Waiting', definition: 'Waits for the next attempt.' },
} as const satisfies Record<string, Term>;
export type SyncState = keyof typeof SYNC_STATE;
export const SYNC_STATES = valuesOf(SYNC_STATE);

/** Which state may follow which. Whatever fails rests in `waiting`, or in `held` while a list is held back. */
export const SYNC_TRANSITIONS: Readonly<Record<SyncState, readonly SyncState[]>> = {
  idle: ['checking', 'publishing', 'waiting', 'held'],
  checking: ['walking', 'waiting', 'held', 'idle'],
  walking: ['judging', 'waiting', 'held', 'idle'],
  judging: ['publishing', 'held', 'waiting', 'idle'],
  publishing: ['waiting', 'held', 'idle'],
  held: ['checking', 'publishing', 'waiting', 'idle'],
  waiting: ['checking', 'publishing', 'held', 'idle'],
};

/** Holds the state; every change is told once. */
export function createSyncState(onTransition: (from: SyncState, to: SyncState) => void): {
  readonly current: SyncState;
  enter(next: SyncState): void;
} {
  let current: SyncState = 'idle';
  return {
    get current() {
      return current;
    },
    enter(next) {
      if (next === current) return;
      if (!SYNC_TRANSITIONS[current].includes(next))
        throw new Error(`A sync does not go from ${current} to ${next}`);
      const from = current;
      current = next;
      onTransition(from, next);
    },
  };
}
