import { z } from 'zod';
import { CIRCUIT_STATES } from '../catalog/back-off.ts';
import { ROLES } from '../catalog/company.ts';
import { SnapshotDiff } from '../catalog/compare-snapshots.ts';
import { GuardReason } from '../catalog/guards.ts';
import { AGREEMENT } from '../catalog/holding.ts';
import type { HeldList } from '../catalog/store.ts';
import type { SyncStatus } from '../catalog/sync.ts';
import { SYNC_FAILURE_CODES } from '../catalog/sync-failure.ts';
import { SYNC_STATES } from '../catalog/sync-state.ts';

/** What the outside is told of the sync: `/health/ready` in short, `/v1/meta` also what a held list would change. */

const Agreement = {
  heldAt: z.string(),
  reasons: z.array(GuardReason),
  agreed: z.int().min(1).describe('Syncs, at least an hour apart, that have brought this list.'),
  needed: z.int().describe('As many publish it by themselves.'),
};

export const SyncStatusAnswer = z
  .object({
    state: z.enum(SYNC_STATES),
    role: z
      .enum(ROLES)
      .describe('Among replicas that share a store one leads and asks the registry, the others follow.'),
    lastAttemptAt: z.string().nullable(),
    lastSuccessAt: z.string().nullable().describe('When the registry last confirmed or changed the list.'),
    lastError: z.object({ code: z.enum(SYNC_FAILURE_CODES), at: z.string() }).nullable(),
    nextAttemptAt: z.string().nullable(),
    failures: z.int().min(0).describe('Failures in a row.'),
    circuit: z
      .enum(CIRCUIT_STATES)
      .describe(
        'Open after three failures in a row, until one works: the registry is left alone for 5 to 60 minutes each time.',
      ),
    pause: z
      .object({ reason: z.enum(['busy', 'refused']), until: z.string() })
      .nullable()
      .describe('The registry asked to wait, or refused us: it is not asked before then.'),
    held: z
      .object(Agreement)
      .nullable()
      .describe('A list that a guard holds back; `/v1/meta` shows what it would change.'),
  })
  .meta({ id: 'SyncStatus' });

export const HeldAnswer = z
  .object({
    ...Agreement,
    snapshotId: z.string(),
    sourceDataTimestamp: z.string().nullable(),
    diff: SnapshotDiff,
  })
  .meta({ id: 'HeldList' });

const NOT_STARTED: z.infer<typeof SyncStatusAnswer> = {
  state: 'idle',
  role: 'alone',
  lastAttemptAt: null,
  lastSuccessAt: null,
  lastError: null,
  nextAttemptAt: null,
  failures: 0,
  circuit: 'closed',
  pause: null,
  held: null,
};

export function describeSync(status: SyncStatus | null): z.infer<typeof SyncStatusAnswer> {
  if (status === null) return NOT_STARTED;
  const { held, pause, journal: _journal, ...rest } = status;
  return {
    ...rest,
    pause: pause === null ? null : { reason: pause.reason, until: pause.until },
    held: held === null ? null : describeAgreement(held),
  };
}

export function describeHeld(held: HeldList | null): z.infer<typeof HeldAnswer> | null {
  if (held === null) return null;
  const { id: snapshotId, diff, harvest } = held;
  return { ...describeAgreement(held), snapshotId, sourceDataTimestamp: harvest.dataTimestamp, diff };
}

function describeAgreement({ heldAt, reasons, agreed }: HeldList) {
  return { heldAt, reasons, agreed, needed: AGREEMENT.syncs };
}
