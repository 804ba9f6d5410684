import {
  ANSWER_FAULTS,
  PAGE_FAULTS,
  STUDY_CHANGES,
  type RegistryFault,
  type StudyChange,
} from './made-up-registry.ts';
import { createRandom, type Random } from './random.ts';

export const READS = ['list', 'trial', 'gone', 'ready', 'meta', 'excluded', 'never'] as const;

/** One thing that happens to the world. Choices among what is there then are made by `pick`, from 0 to 1. */
export type Step =
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'sync'; readonly callers: number }
  | { readonly kind: 'operator'; readonly action: 'sync' | 'accept' }
  | { readonly kind: 'fault'; readonly fault: RegistryFault }
  | { readonly kind: 'no_fault' }
  | { readonly kind: 'registry'; readonly change: StudyChange; readonly pick: number }
  | { readonly kind: 'wall_jump'; readonly ms: number }
  | { readonly kind: 'read'; readonly what: (typeof READS)[number]; readonly pick: number }
  | { readonly kind: 'walk'; readonly fresh: boolean }
  | { readonly kind: 'restart'; readonly downMs: number }
  | { readonly kind: 'kill'; readonly downMs: number; readonly powerLoss: boolean }
  | {
      readonly kind: 'kill_in_save';
      readonly downMs: number;
      readonly powerLoss: boolean;
      readonly diskSteps: number;
    }
  | { readonly kind: 'disk'; readonly failingShare: number };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Weights in thousandths. A start costs a new application, so that they are rare. */
const WEIGHTS: readonly (readonly [number, (random: Random) => Step])[] = [
  [330, (random) => ({ kind: 'advance', ms: chooseDuration(random) })],
  [300, (random) => ({ kind: 'read', what: random.pick(READS), pick: random.next() })],
  [80, (random) => ({ kind: 'walk', fresh: random.next() < 0.15 })],
  [25, (random) => ({ kind: 'sync', callers: random.between(1, 4) })],
  [30, (random) => ({ kind: 'operator', action: random.next() < 0.5 ? 'sync' : 'accept' })],
  [40, (random) => ({ kind: 'fault', fault: chooseFault(random) })],
  [50, () => ({ kind: 'no_fault' })],
  [80, (random) => ({ kind: 'registry', change: random.pick(STUDY_CHANGES), pick: random.next() })],
  [
    15,
    (random) => ({
      kind: 'wall_jump',
      ms: (random.next() < 0.5 ? -1 : 1) * random.between(MINUTE, 36 * HOUR),
    }),
  ],
  [8, (random) => ({ kind: 'restart', downMs: chooseDown(random) })],
  [6, (random) => ({ kind: 'kill', downMs: chooseDown(random), powerLoss: random.next() < 0.5 })],
  [
    6,
    (random) => ({
      kind: 'kill_in_save',
      downMs: chooseDown(random),
      powerLoss: random.next() < 0.5,
      diskSteps: random.between(1, 12),
    }),
  ],
  [30, (random) => ({ kind: 'disk', failingShare: random.pick([0, 0, 0.2, 1]) })],
];
const ALL_WEIGHTS = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);

/** The plan of a seed; a shorter one is the beginning of a longer one. */
export function makePlan(seed: number, steps: number): Step[] {
  const random = createRandom(seed);
  const plan: Step[] = [];
  while (plan.length < steps)
    plan.push(...(random.next() < 0.003 ? chooseRudeRestart(random) : [chooseStep(random)]));
  return plan.slice(0, steps);
}

/** Told to wait, and started anew meanwhile: by chance alone that would come too seldom to prove anything. */
function chooseRudeRestart(random: Random): Step[] {
  const kind = random.pick(['busy', 'busy_until', 'busy_503', 'forbidden'] as const);
  const downMs = random.between(SECOND, MINUTE);
  return [
    { kind: 'disk', failingShare: 0 },
    { kind: 'fault', fault: { kind, times: 1, retryAfterSeconds: random.between(600, 14_400) } },
    { kind: 'sync', callers: 1 },
    { kind: 'advance', ms: 5 * SECOND },
    random.next() < 0.5
      ? { kind: 'restart', downMs }
      : { kind: 'kill', downMs, powerLoss: random.next() < 0.5 },
    { kind: 'advance', ms: random.between(5 * SECOND, 5 * MINUTE) },
  ];
}

function chooseStep(random: Random): Step {
  let left = random.below(ALL_WEIGHTS);
  const found = WEIGHTS.find(([weight]) => (left -= weight) < 0) as (typeof WEIGHTS)[number];
  return found[1](random);
}

function chooseDuration(random: Random): number {
  const among = random.next();
  if (among < 0.4) return random.between(100, 10 * SECOND);
  if (among < 0.65) return random.between(10 * SECOND, 30 * MINUTE);
  if (among < 0.95) return random.between(30 * MINUTE, 4 * HOUR);
  return random.between(4 * HOUR, 72 * HOUR);
}

/** A process takes a second to come up at the very least, so that two never ask the registry within one. */
function chooseDown(random: Random): number {
  return random.next() < 0.8 ? random.between(SECOND, MINUTE) : random.between(MINUTE, 12 * HOUR);
}

function chooseFault(random: Random): RegistryFault {
  const kind = random.pick([...ANSWER_FAULTS, ...PAGE_FAULTS]);
  const long = random.next() < 0.3;
  return {
    kind,
    times: random.next() < 0.5 ? random.between(1, 4) : Infinity,
    retryAfterSeconds: long ? random.between(120, 14_400) : random.between(0, 60),
  };
}
