import type { Clock } from '../registry/clock.ts';
import { circuitAfter, createWaiting, waitAfterFailures, type Waiting } from './back-off.ts';
import type { Harvest } from './build-snapshot.ts';
import { createHolding, type Holding } from './holding.ts';
import type { HeldList, OpenCircuit, Pause, SavedList, SyncMemory } from './store.ts';
import type { SyncFailureCode } from './sync-failure.ts';

/** What an earlier process, or another replica, left. */
export interface KeptState {
  readonly list: SavedList | null;
  readonly held: HeldList | null;
  readonly memory: SyncMemory;
}

/** What a sync knows of those before it. */
export interface Knowledge {
  /** The registry's answer that was accepted last under this very question. */
  readonly accepted: Harvest | null;
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

export function createKnowledge(options: {
  kept: KeptState;
  clock: Clock;
  question: string;
  jittered: (durationMs: number) => number;
}): Knowledge {
  const { kept, clock, question, jittered } = options;
  const isOfQuestion = (list: SavedList | null): list is SavedList => list?.question === question;
  let accepted = isOfQuestion(kept.list) ? kept.list.harvest : null;
  let holding = createHolding({ clock, question, held: findHeld(kept) });
  let pause = createWaiting(clock, kept.memory.pause);
  let circuit = createWaiting(clock, kept.memory.circuit);
  let { failures, lastSuccessAt, lastError, confirmed } = kept.memory;
  return {
    get accepted() {
      return accepted;
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
    accept(list) {
      accepted = isOfQuestion(list) ? list.harvest : null;
    },
    succeed(confirmedAt) {
      failures = 0;
      lastError = null;
      circuit.end();
      if (confirmedAt === null) return;
      lastSuccessAt = confirmedAt;
      confirmed = { etag: accepted?.etag ?? null, at: confirmedAt };
    },
    fail(code) {
      failures++;
      lastError = { code, at: new Date(clock.nowMs()).toISOString() };
      if (circuitAfter(failures) === 'open') circuit.begin('circuit', jittered(waitAfterFailures(failures)));
    },
    adoptMemory(memory) {
      ({ failures, lastSuccessAt, lastError, confirmed } = memory);
      pause = createWaiting(clock, memory.pause);
      circuit = createWaiting(clock, memory.circuit);
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
