import type { Bitset } from './bitset.ts';
import type { FacetFilter } from './facet-groups.ts';
import type { FilterableTrial } from './filter-trials.ts';
import { countClasses, selectClasses, type Partition } from './partition.ts';
import { ASPECT_NAMES, asksAspect, passesAspect, type AspectName } from './trial-aspects.ts';
import type { TrialQuery } from './trial-query.ts';
import { intersectAll, type Scratch, type Tuning } from './trial-set.ts';
import {
  askLevels,
  selectLevels,
  selectVerdicts,
  type AskedLevels,
  type Levels,
  type LevelSelections,
  type VerdictIndex,
} from './verdict-index.ts';
import type { WordIndex } from './word-index.ts';

/** What narrows a list: the aspects of the fields, the words, the verdicts. */
type Narrower = AspectName | 'words' | 'fit';
const NARROWERS: readonly Narrower[] = [...ASPECT_NAMES, 'words', 'fit'];

/** What is known of all trials before anything is asked. */
export interface Tables {
  readonly partitions: Readonly<Record<AspectName, Partition<FilterableTrial>>>;
  readonly verdicts: VerdictIndex;
  readonly words: WordIndex;
  readonly scratch: Scratch;
  readonly tuning: Tuning;
}

/** The trials that a question leaves, and what it would leave without one of the things that narrow it. */
export interface Narrowed extends Tables {
  readonly query: TrialQuery;
  readonly all: Bitset;
  readonly others: Others;
  /** Without relevance and without places, which hide trials even where nothing is asked. */
  readonly both: Bitset;
  readonly levels: AskedLevels;
  /** The trials that pass everything but the facets, by their verdict on all asked groups but one. */
  readonly levelsWithout: (group: FacetFilter | null) => LevelSelections;
  /** Which classes of an aspect pass. */
  readonly passes: Readonly<Record<AspectName, readonly boolean[]>>;
  /** How many trials of each class pass everything but the filters of the aspect itself. */
  readonly countsOf: (aspect: AspectName) => Uint32Array;
}

/** Answers a question with sets: each rule is asked once for each class, each set is made once. */
export function narrowTrials(tables: Tables, query: TrialQuery): Narrowed {
  const { partitions, verdicts, words, scratch } = tables;
  const passes = forEachAspect((name) =>
    asksAspect(name, query) ? partitions[name].kinds.map((trial) => passesAspect(name, trial, query)) : [],
  );
  const levels = askLevels(query, verdicts, scratch);
  const sets: Readonly<Record<Narrower, Bitset | null>> = {
    ...forEachAspect((name) => selectClasses(partitions[name], passes[name], scratch)),
    words: words.find(query.q, scratch),
    fit: selectVerdicts(levels.all, query.match, scratch),
  };
  const met = intersectAll(
    NARROWERS.map((name) => sets[name]),
    scratch,
  );
  const others: Partial<Record<Narrower, Bitset>> = {};
  NARROWERS.forEach((name, place) => (others[name] = met.others[place] as Bitset));
  return describeNarrowed(tables, { query, passes, sets, levels, all: met.all, others: others as Others });
}

type Others = Readonly<Record<Narrower, Bitset>>;

function describeNarrowed(
  tables: Tables,
  found: Pick<Narrowed, 'query' | 'passes' | 'levels' | 'all' | 'others'> & {
    readonly sets: Readonly<Record<Narrower, Bitset | null>>;
  },
): Narrowed {
  const { partitions, scratch, tuning } = tables;
  const { others, levels, sets } = found;
  const counts = new Map<AspectName, Uint32Array>();
  const selections = new Map<Levels, LevelSelections>();
  return {
    ...tables,
    ...found,
    both: findBoth(sets, others, scratch),
    levelsWithout: (group) => {
      const asked = group === null ? levels.all : levels.without(group);
      const known = selections.get(asked) ?? selectLevels(others.fit, asked, scratch);
      selections.set(asked, known);
      return known;
    },
    countsOf: (aspect) => {
      const known =
        counts.get(aspect) ?? countClasses(partitions[aspect], scratch.select(others[aspect]), tuning);
      counts.set(aspect, known);
      return known;
    },
  };
}

function findBoth(sets: Readonly<Record<Narrower, Bitset | null>>, others: Others, scratch: Scratch): Bitset {
  if (sets.relevance === null) return others.places;
  if (sets.places === null) return others.relevance;
  const left = NARROWERS.filter((name) => name !== 'relevance' && name !== 'places').map(
    (name) => sets[name],
  );
  return intersectAll(left, scratch).all;
}

export function forEachAspect<Value>(valueOf: (name: AspectName) => Value): Record<AspectName, Value> {
  const values: Partial<Record<AspectName, Value>> = {};
  for (const name of ASPECT_NAMES) values[name] = valueOf(name);
  return values as Record<AspectName, Value>;
}
