import type { Bitset } from './bitset.ts';
import type { FacetFilter } from './facet-groups.ts';
import { countClasses, selectClasses } from './partition.ts';
import { passClasses, type Classes } from './pass-classes.ts';
import { askPlaces, type AskedPlaces, type PlaceIndex } from './place-index.ts';
import { ASPECT_NAMES, type AspectName } from './trial-aspects.ts';
import type { TrialQuery } from './trial-query.ts';
import { intersectAll, meet, type Scratch, type Tuning } from './trial-set.ts';
import {
  askLevels,
  selectLevels,
  selectVerdicts,
  type AskedLevels,
  type LevelSelections,
  type VerdictIndex,
} from './verdict-index.ts';
import type { WordIndex } from './word-index.ts';

/** What narrows a list: the aspects of the fields, the words, the verdicts. */
type Narrower = AspectName | 'words' | 'fit';
const NARROWERS: readonly Narrower[] = [...ASPECT_NAMES, 'words', 'fit'];

/** What is known of all trials before anything is asked. */
export interface Tables extends Classes {
  readonly placeIndex: PlaceIndex;
  readonly verdicts: VerdictIndex;
  readonly words: WordIndex;
  readonly scratch: Scratch;
  readonly rooms: Readonly<Record<AspectName, ClassRoom>>;
  readonly tuning: Tuning;
}

/** Room for what a question finds of each class of an aspect. */
export interface ClassRoom {
  /** 1 for those that pass. */
  readonly passes: Uint8Array;
  /** The same for what is asked beside the question. */
  readonly alsoPasses: Uint8Array;
  readonly counts: Uint32Array;
  isCounted: boolean;
}

export function createClassRoom(classes: number): ClassRoom {
  return {
    passes: new Uint8Array(classes),
    alsoPasses: new Uint8Array(classes),
    counts: new Uint32Array(classes),
    isCounted: false,
  };
}

/** The trials that a question leaves, and what it would leave without one of the things that narrow it. */
export interface Narrowed {
  readonly tables: Tables;
  readonly query: TrialQuery;
  readonly places: AskedPlaces;
  readonly all: Bitset;
  readonly others: Others;
  /** Without relevance and without places, which hide trials even where nothing is asked. */
  readonly both: Bitset;
  readonly levels: AskedLevels;
  /** The trials that pass everything but the facets, by their verdict on all asked groups but one. */
  readonly levelsWithout: (group: FacetFilter | null) => LevelSelections;
  /** How many trials of each class pass everything but the filters of the aspect itself. */
  readonly countsOf: (aspect: AspectName) => Uint32Array;
}

/** In the order of `NARROWERS`; `null` stands for everything. */
type Sets = readonly (Bitset | null)[];
type Others = Readonly<Record<Narrower, Bitset>>;

/** Answers a question with sets: each rule is asked once for each class, each set is made once. */
export function narrowTrials(tables: Tables, query: TrialQuery): Narrowed {
  const { placeIndex, verdicts, words, scratch } = tables;
  const places = askPlaces(placeIndex, query);
  const levels = askLevels(query, verdicts, scratch);
  const sets = ASPECT_NAMES.map((name) => selectByAspect(tables, name, { query, places }));
  sets.push(words.find(query.q, scratch), selectVerdicts(levels.all, query.match, scratch));
  return describeNarrowed(tables, { query, places, sets, levels });
}

/** The trials that pass what is asked of an aspect; `null` when all do. */
function selectByAspect(
  tables: Tables,
  name: AspectName,
  { query, places }: Pick<Narrowed, 'query' | 'places'>,
): Bitset | null {
  const room = tables.rooms[name];
  room.isCounted = false;
  if (passClasses(room.passes, name, { classes: tables, query, places }))
    return selectClasses(tables.partitions[name], room.passes, tables.scratch);
  room.passes.fill(1);
  return null;
}

function describeNarrowed(
  tables: Tables,
  found: Pick<Narrowed, 'query' | 'places' | 'levels'> & { readonly sets: Sets },
): Narrowed {
  const { partitions, scratch, rooms, tuning } = tables;
  const { query, places, levels, sets } = found;
  const met = intersectAll(sets, scratch);
  const others = nameOthers(met.others);
  let ofAll: LevelSelections | null = null;
  return {
    tables,
    query,
    places,
    levels,
    others,
    all: met.all,
    both: findBoth(sets, scratch),
    levelsWithout: (group) => {
      const asked = group === null ? levels.all : levels.without(group);
      if (asked !== levels.all) return selectLevels(others.fit, asked, scratch);
      return (ofAll ??= selectLevels(others.fit, asked, scratch));
    },
    countsOf: (aspect) => {
      const room = rooms[aspect];
      if (!room.isCounted)
        countClasses(room.counts, {
          partition: partitions[aspect],
          selection: scratch.select(others[aspect]),
          tuning,
        });
      room.isCounted = true;
      return room.counts;
    },
  };
}

function nameOthers(others: readonly Bitset[]): Others {
  const named: Partial<Record<Narrower, Bitset>> = {};
  for (let place = 0; place < NARROWERS.length; place++)
    named[NARROWERS[place] as Narrower] = others[place] as Bitset;
  return named as Others;
}

function findBoth(sets: Sets, scratch: Scratch): Bitset {
  let both = scratch.everything;
  for (let place = 0; place < sets.length; place++) {
    const name = NARROWERS[place];
    if (name !== 'relevance' && name !== 'places')
      both = meet(sets[place] ?? scratch.everything, both, scratch);
  }
  return both;
}

export function forEachAspect<Value>(valueOf: (name: AspectName) => Value): Record<AspectName, Value> {
  const values: Partial<Record<AspectName, Value>> = {};
  for (const name of ASPECT_NAMES) values[name] = valueOf(name);
  return values as Record<AspectName, Value>;
}
