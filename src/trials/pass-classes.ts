import type { PlainFilter } from './counted-values.ts';
import { FIELD_RULES, isAsked, type FilterableTrial } from './filter-trials.ts';
import type { Partition } from './partition.ts';
import type { AskedPlaces } from './place-index.ts';
import type { AspectName } from './trial-aspects.ts';
import { AGE_FILTERS, type TrialQuery } from './trial-query.ts';
import { askedMask, type ValueMasks } from './value-masks.ts';

/** Which classes of an aspect pass the filters that look at it: 1 for each that does. */

/** The filter of each aspect that has only one. */
const FILTER_OF: Readonly<Record<Exclude<AspectName, 'ages' | 'places'>, PlainFilter>> = {
  ageGroups: 'ageGroup',
  phases: 'phase',
  sex: 'sex',
  studyType: 'studyType',
  relevance: 'relevance',
};

/** What the classes of the aspects are, and what their trials have. */
export interface Classes {
  readonly partitions: Readonly<Record<AspectName, Partition<FilterableTrial>>>;
  readonly valueMasks: ValueMasks;
}

/** @returns false when the question asks nothing of the aspect; then nothing is written */
export function passClasses(
  passes: Uint8Array,
  name: AspectName,
  { classes, query, places }: { classes: Classes; query: TrialQuery; places: AskedPlaces },
): boolean {
  if (name === 'places') return passByRank(passes, places.bySiteAndKind, places.takes);
  if (name === 'ages') return passAges(passes, classes.partitions.ages.kinds, query);
  const filter = FILTER_OF[name];
  return passByMask(passes, classes.valueMasks[filter], askedMask(filter, query));
}

/** A trial without a site of ours is never listed, whatever is asked. */
export function passByRank(passes: Uint8Array, ranks: Uint8Array, takes: Uint8Array): true {
  for (let number = 0; number < ranks.length; number++)
    passes[number] = takes[ranks[number] as number] as number;
  return true;
}

function passByMask(passes: Uint8Array, masks: Uint32Array, asked: number | null): boolean {
  if (asked === null) return false;
  for (let number = 0; number < masks.length; number++)
    passes[number] = ((masks[number] as number) & asked) === 0 ? 0 : 1;
  return true;
}

function passAges(passes: Uint8Array, kinds: readonly FilterableTrial[], query: TrialQuery): boolean {
  let isRuled = false;
  for (const filter of AGE_FILTERS) {
    if (!isAsked(query, filter)) continue;
    if (!isRuled) passes.fill(1);
    isRuled = true;
    const passesRule = FIELD_RULES[filter];
    for (let number = 0; number < kinds.length; number++)
      if (passes[number] === 1 && !passesRule(kinds[number] as FilterableTrial, query)) passes[number] = 0;
  }
  return isRuled;
}
