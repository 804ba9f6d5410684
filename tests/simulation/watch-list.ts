import { createHash } from 'node:crypto';
import type { Edition } from '../../src/catalog/catalog.ts';
import type { Snapshot } from '../../src/catalog/snapshot.ts';
import type { SteppedClock } from '../support/stepped-clock.ts';

/** A list that was accepted, as this test understands it. */
export interface Accepted {
  readonly id: string;
  readonly stamp: string | null;
  /** By number, the trial's fields in writing. */
  readonly trials: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly aliases: ReadonlySet<string>;
  /** Numbers that left a list before this one, and when by wall time. */
  readonly gone: ReadonlyMap<string, number>;
  /** When the registry confirmed it, by the latest that a wall clock ever said: a file may keep no better one. */
  confirmedWallMs: number;
}

/** A list that a sync brought and a guard spoke against, or the mark of a publish. */
interface Vote {
  readonly said: string;
  /** How many lists had been accepted. */
  readonly after: number;
  readonly life: number;
  readonly atMs: number;
  readonly atWallMs: number;
}

const HOUR = 3_600_000;
const AGREEING = 3;
const PUBLISHED = 'published';

/** Keeps its own account of the lists: which were accepted, by what right, and which of them a crash may not lose. */
export interface WatchList {
  /** What a reader of this process should get; `null` before there was any. */
  readonly served: Accepted | null;
  readonly published: number;
  readonly held: number;
  /** When the registry last brought the list that is published or held now; monotonic. */
  readonly votedMs: number;
  onBuilt(snapshot: Snapshot): void;
  onTransition(from: string, to: string): void;
  onAcceptAsked(): void;
  onPublish(edition: Edition): void;
  onConfirmed(edition: Edition | null): void;
  /** Everything that was to be saved has been. */
  onSaved(): void;
  /** A process begins: with what it restored, or with nothing. */
  begin(life: number): void;
  onRestored(edition: Edition): void;
  checkRestored(): void;
}

export function createWatchList(clock: SteppedClock, report: (problem: string) => void): WatchList {
  let accepted: Accepted[] = [];
  let served: Accepted | null = null;
  let durable = -1;
  let life = 0;
  let built: Snapshot | null = null;
  let votes: Vote[] = [];
  let transition = { from: '', to: '' };
  let acceptAsked = false;
  let published = 0;
  let held = 0;
  let voted = { atMs: -Infinity, atWallMs: -Infinity };

  const vote = (): void => {
    if (built === null) return;
    const said = hashTrials(built);
    voted = { atMs: clock.monotonicMs(), atWallMs: clock.nowMs() };
    votes.push({ said, life, after: accepted.length, ...voted });
  };

  /**
   * The votes for the last one: another list in between, or a publish, ends a count in the same process. A process
   * after it may know less, because what was not on the disk is gone, but nothing from before the list saved last.
   */
  const findAgreeing = (): Vote[] => {
    const said = votes.at(-1)?.said;
    const broken = votes.findLastIndex((one) => one.life === life && one.said !== said);
    return votes.slice(broken + 1).filter((one) => one.said === said);
  };

  const checkSwap = (edition: Edition, next: Accepted): void => {
    if (transition.to !== 'publishing') report(`a list was swapped in state ${transition.to}`);
    const reasons = findReasons(served, next);
    if (transition.from === 'judging') {
      const agreeing = countAgreeing(findAgreeing());
      if (reasons.length > 0 && agreeing < AGREEING)
        report(`published against the guards (${reasons.join('; ')}) after ${agreeing} agreeing syncs`);
      return;
    }
    if (!acceptAsked) report('a held list was published that nobody accepted');
    const said = hashTrials(edition.snapshot);
    if (!votes.some((one) => one.said === said))
      report('another list than the held one was published by an accept');
  };

  return {
    get served() {
      return served;
    },
    get published() {
      return published;
    },
    get held() {
      return held;
    },
    get votedMs() {
      return voted.atMs;
    },
    onBuilt(snapshot) {
      built = snapshot;
    },
    onTransition(from, to) {
      transition = { from, to };
      if (from !== 'judging' || (to !== 'held' && to !== 'publishing')) return;
      if (to === 'held') held++;
      vote();
    },
    onAcceptAsked() {
      acceptAsked = true;
    },
    onPublish(edition) {
      if (edition.source !== 'registry') return;
      const next = { ...describeAccepted(edition, served, clock.nowMs()), confirmedWallMs: voted.atWallMs };
      checkSwap(edition, next);
      acceptAsked = false;
      published++;
      accepted.push(next);
      served = next;
      votes.push({ said: PUBLISHED, life, after: accepted.length, ...voted });
    },
    onConfirmed(edition) {
      if (served === null || edition?.snapshot.id !== served.id)
        report('a list was confirmed that is not served');
      else served.confirmedWallMs = Math.max(served.confirmedWallMs, clock.nowMs());
    },
    onSaved() {
      durable = accepted.length - 1;
      votes = votes.filter(({ after }) => after >= accepted.length);
    },
    begin(number) {
      life = number;
      served = null;
      acceptAsked = false;
      transition = { from: '', to: 'idle' };
    },
    onRestored({ snapshot }) {
      const found = accepted.findLastIndex(({ id }) => id === snapshot.id);
      if (found < 0) report(`list ${snapshot.id} was restored, which was never accepted`);
      else if (found < durable) report('an older list was restored than the one saved last');
      served = accepted[found] ?? null;
      accepted = accepted.slice(0, found + 1);
    },
    checkRestored() {
      if (served === null && durable >= 0) report('a saved list was not restored');
    },
  };
}

/** The rule of P10 in this test's own words. */
function findReasons(before: Accepted | null, after: Accepted): string[] {
  const reasons: string[] = [];
  const count = after.trials.size;
  if (count === 0) reasons.push('empty');
  if (before === null) return reasons;
  const had = before.trials.size;
  if (count < had * 0.8) reasons.push(`${count} after ${had}`);
  if (had > 0 && count > had * 1.5) reasons.push(`${count} after ${had}`);
  const shared = [...after.trials].filter(([nctId]) => before.trials.has(nctId));
  const fields = new Set(shared.flatMap(([, trial]) => [...trial.keys()]));
  for (const field of fields) {
    const changed = shared.filter(
      ([nctId, trial]) => trial.get(field) !== before.trials.get(nctId)?.get(field),
    ).length;
    if (changed / shared.length > 0.3) reasons.push(`${field} of ${changed} of ${shared.length}`);
  }
  if (after.stamp !== null && before.stamp !== null && after.stamp < before.stamp)
    reasons.push(`${after.stamp} after ${before.stamp}`);
  return reasons;
}

/** Votes at least an hour apart, by the clock that never jumps within one process and by wall time across two. */
function countAgreeing(votes: readonly Vote[]): number {
  let counted: Vote | null = null;
  let count = 0;
  for (const one of votes) {
    const apartMs: number =
      counted === null
        ? Infinity
        : counted.life === one.life
          ? one.atMs - counted.atMs
          : Math.max(one.atMs - counted.atMs, one.atWallMs - counted.atWallMs);
    if (apartMs < HOUR) continue;
    counted = one;
    count++;
  }
  return count;
}

/** `source` and `notices` carry the day and no word of the study. */
function describeTrials({ trials }: Snapshot): [string, [string, string][]][] {
  return trials.map((trial) => [
    trial.nctId,
    Object.entries(trial).flatMap(([field, value]) =>
      field === 'source' || field === 'notices' ? [] : [[field, JSON.stringify(value)] as [string, string]],
    ),
  ]);
}

function hashTrials(snapshot: Snapshot): string {
  return createHash('sha256')
    .update(JSON.stringify(describeTrials(snapshot)))
    .digest('hex');
}

function describeAccepted({ snapshot }: Edition, before: Accepted | null, nowMs: number): Accepted {
  const trials = new Map(describeTrials(snapshot).map(([nctId, fields]) => [nctId, new Map(fields)]));
  const aliases = new Set(snapshot.trials.flatMap((trial) => trial.aliases));
  const isHere = (nctId: string): boolean => trials.has(nctId) || aliases.has(nctId);
  const left = before === null ? [] : [...before.trials.keys(), ...before.aliases];
  const gone = new Map(
    [...(before?.gone ?? []), ...left.map((nctId) => [nctId, nowMs] as const)].filter(
      ([nctId]) => !isHere(nctId),
    ),
  );
  return {
    id: snapshot.id,
    stamp: snapshot.sourceDataTimestamp,
    trials,
    aliases,
    gone,
    confirmedWallMs: nowMs,
  };
}
