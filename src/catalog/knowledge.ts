import type { Clock } from '../registry/clock.ts';
import { BACK_OFF, circuitAfter, createWaiting, waitAfterFailures, type Waiting } from './back-off.ts';
import type { Harvest } from './build-snapshot.ts';
import type { JournalEntry } from './journal.ts';
import { createHolding, type Holding } from './holding.ts';
import {
  isSamePack,
  type HeldList,
  type OpenCircuit,
  type Pause,
  type SavedList,
  type SyncMemory,
} from './store.ts';
import type { SyncFailureCode } from './sync-failure.ts';

/** What an earlier process, or another replica, left. */
export interface KeptState {
  readonly list: SavedList | null;
  readonly held: HeldList | null;
  readonly memory: SyncMemory;
}

/** What a sync knows of those before it. */
export interface Knowledge {
  /** The registry's answer that was accepted last under this pack: what new ones are compared with. */
  readonly accepted: Harvest | null;
  /** Its tag, when it answers this very question. */
  readonly etag: string | null;
  /** What was published, newest first. */
  readonly journal: readonly JournalEntry[];
  readonly holding: Holding;
  /** Asked for by the registry. */
  readonly pause: Waiting<Pause>;
  /** Ours, after failures in a row. */
  readonly circuit: Waiting<OpenCircuit>;
  readonly memory: SyncMemory;
  accept(list: SavedList): void;
  /** A sync has worked; the registry confirmed the list at that time, unless it is `null`. */
  succeed(confirmedAt: string | null): void;
  fail(code: SyncFailureCode): void;
  /** What another replica remembers is true of the registry for this one too. */
  adoptMemory(memory: SyncMemory): void;
  adoptHeld(held: HeldList | null): void;
}

/** The jitter included. What a file says beyond it is not ours. */
const LONGEST_CIRCUIT_MS = 1.1 * BACK_OFF.longestOpenMs;

export function createKnowledge(options: {
  kept: KeptState;
  clock: Clock;
  question: string;
  jittered: (durationMs: number) => number;
}): Knowledge {
  const { kept, clock, question, jittered } = options;
  let accepted: Harvest | null = null;
  let etag: string | null = null;
  let journal: readonly JournalEntry[] = [];
  const accept = (list: SavedList | null): void => {
    accepted = list !== null && isSamePack(list.question, question) ? list.harvest : null;
    etag = list?.question === question ? list.harvest.etag : null;
    journal = list?.journal ?? [];
  };
  accept(kept.list);
  let holding = createHolding({ clock, question, held: findHeld(kept) });
  let pause = createWaiting(clock, kept.memory.pause);
  let circuit = createWaiting(clock, kept.memory.circuit, LONGEST_CIRCUIT_MS);
  let { failures, lastSuccessAt, lastError, confirmed } = kept.memory;
  return {
    get accepted() {
      return accepted;
    },
    get etag() {
      return etag;
    },
    get journal() {
      return journal;
    },
    get holding() {
      return holding;
    },
    get pause() {
      return pause;
    },
    get circuit() {
      return circuit;
    },
    get memory() {
      const rest = { failures, lastSuccessAt, lastError, confirmed };
      return { ...rest, pause: pause.kept, circuit: circuit.kept };
    },
    accept,
    succeed(confirmedAt) {
      failures = 0;
      lastError = null;
      circuit.end();
      if (confirmedAt === null) return;
      lastSuccessAt = confirmedAt;
      confirmed = { etag, at: confirmedAt };
    },
    fail(code) {
      failures++;
      lastError = { code, at: new Date(clock.nowMs()).toISOString() };
      if (circuitAfter(failures) === 'open') circuit.begin('circuit', jittered(waitAfterFailures(failures)));
    },
    adoptMemory(memory) {
      ({ failures, lastSuccessAt, lastError, confirmed } = memory);
      const own = pause;
      pause = createWaiting(clock, memory.pause);
      // Ours binds the address from which all replicas may ask.
      if (own.kept !== null) pause.begin(own.kept.reason, own.leftMs);
      circuit = createWaiting(clock, memory.circuit, LONGEST_CIRCUIT_MS);
    },
    adoptHeld(held) {
      holding = createHolding({ clock, question, held });
    },
  };
}

/** A list that was held before the one saved last is over: a crash can bring its file back, with all its agreements. */
function findHeld({ held, list }: KeptState): HeldList | null {
  return held === null || list === null || held.agreedAt > list.checkedAt ? held : null;
}
