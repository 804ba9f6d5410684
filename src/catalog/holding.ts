import type { Clock } from '../registry/clock.ts';
import { compareSnapshots, fingerprint, type SnapshotDiff } from './compare-snapshots.ts';
import type { Harvest } from './build-snapshot.ts';
import type { GuardReason } from './guards.ts';
import type { Snapshot } from './snapshot.ts';
import { isSamePack, type HeldList } from './store.ts';

/** A list that has been judged and could be published. */
export interface Candidate {
  readonly snapshot: Snapshot;
  readonly harvest: Harvest;
  /** Against what is being served. */
  readonly diff: SnapshotDiff;
  readonly reasons: readonly GuardReason[];
}

/** How a held list becomes the list by itself (P10). */
export const AGREEMENT = { syncs: 3, apartMs: 3_600_000 } as const;

/** The one list that is kept aside, until enough syncs agree, an operator accepts, or the registry recovers. */
export interface Holding {
  readonly held: HeldList | null;
  /** Time until a further sync can count, in milliseconds; 0 when nothing is held. */
  readonly countsInMs: number;
  /** Keeps the candidate aside; true when this was the last agreement that it needed. */
  hold(candidate: Candidate): boolean;
  drop(): void;
}

export function createHolding(options: { clock: Clock; question: string; held: HeldList | null }): Holding {
  const { clock, question } = options;
  let held = options.held !== null && isSamePack(options.held.question, question) ? options.held : null;
  /** Of this process; a list held by an earlier one has only its wall time. */
  let countedMs: number | null = null;

  const countsInMs = (): number => {
    if (held === null) return 0;
    const agoMs =
      countedMs === null ? clock.nowMs() - Date.parse(held.agreedAt) : clock.monotonicMs() - countedMs;
    // A negative age means that the clock went back: the hour begins again.
    return agoMs < 0 ? AGREEMENT.apartMs : Math.max(0, AGREEMENT.apartMs - agoMs);
  };

  const count = (next: HeldList): void => {
    held = next;
    countedMs = clock.monotonicMs();
  };

  return {
    get held() {
      return held;
    },
    get countsInMs() {
      return countsInMs();
    },
    hold({ snapshot, harvest, reasons, diff }) {
      const agreedAt = new Date(clock.nowMs()).toISOString();
      const print = fingerprint(snapshot);
      const candidate = {
        id: snapshot.id,
        harvest,
        fingerprint: print,
        reasons: [...reasons],
        diff,
        question,
      };
      if (held?.fingerprint !== print) count({ ...candidate, heldAt: agreedAt, agreed: 1, agreedAt });
      else if (countsInMs() === 0)
        count({ ...candidate, heldAt: held.heldAt, agreed: held.agreed + 1, agreedAt });
      return held !== null && held.agreed >= AGREEMENT.syncs;
    },
    drop() {
      held = null;
      countedMs = null;
    },
  };
}

/** A held list as a candidate again, against what is served now. */
export function reviveHeld(held: HeldList, snapshot: Snapshot, served: Snapshot | null): Candidate {
  return {
    snapshot,
    harvest: held.harvest,
    diff: compareSnapshots(served, snapshot),
    reasons: held.reasons,
  };
}
