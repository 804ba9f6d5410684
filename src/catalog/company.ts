import type { SavedList } from './store.ts';

/** Who asks the registry: one for all, or each for itself. */
export const ROLES = ['leader', 'follower', 'alone'] as const;

/** The other replicas, as a sync sees them. */
export interface Company {
  /** A follower does not ask: what it serves comes from the leader. */
  readonly role: (typeof ROLES)[number];
  /**
   * Publishes a list for all. `lost`: another leads meanwhile, and the list must not be shown; `away`: nobody can be
   * reached, and it is shown here.
   */
  announce(list: SavedList): Promise<'shared' | 'lost' | 'away'>;
}

export const ALONE: Company = { role: 'alone', announce: async () => 'away' };
