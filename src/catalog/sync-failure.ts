import { REGISTRY_FAILURE, RegistryError } from '../registry/registry-errors.ts';
import { valuesOf, type Term } from '../trials/vocabulary.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a sync failed: what can go wrong at the registry, and what cannot be judged. The list is closed. */
export const SYNC_FAILURE = {
  ...REGISTRY_FAILURE,
  too_many_unreadable: {
    label: 'Too many unreadable studies',
    definition: 'At least 10 studies, or 5 % of them, could not be read; the list before is kept.',
  },
  lead_lost: {
    label: 'Lead lost',
    definition: 'Another replica had become the leader before this one could publish; its list is shown.',
  },
  internal: { label: 'Internal', definition: 'A fault of this service; see its log.' },
} as const satisfies Record<string, Term>;
export type SyncFailureCode = keyof typeof SYNC_FAILURE;
export const SYNC_FAILURE_CODES = valuesOf(SYNC_FAILURE);

/** So many records are unreadable that the answer as a whole is not to be believed (P9). */
export class TooManyUnreadable extends Error {
  override readonly name = 'TooManyUnreadable';
}

/** Another replica leads: what this one has brought is not published. */
export class LeadLost extends Error {
  override readonly name = 'LeadLost';
}

const MOST_UNREADABLE = 10;
const MOST_UNREADABLE_SHARE = 0.05;

/**
 * One bad study costs only itself, however short the list is.
 * @throws TooManyUnreadable
 */
export function refuseUnreadable(snapshot: Snapshot, proposed: number): void {
  const unreadable = snapshot.setAside.length;
  const share = unreadable / Math.max(1, proposed);
  if (unreadable >= MOST_UNREADABLE || (unreadable > 1 && share >= MOST_UNREADABLE_SHARE))
    throw new TooManyUnreadable(`${unreadable} of ${proposed} studies could not be read`);
}

export function codeOfFailure(error: unknown): SyncFailureCode {
  if (error instanceof RegistryError) return error.code;
  if (error instanceof LeadLost) return 'lead_lost';
  return error instanceof TooManyUnreadable ? 'too_many_unreadable' : 'internal';
}
