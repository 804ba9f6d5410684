import { COUNTED_FILTERS, PLAIN_FILTERS, type CountedFilter, type PlainFilter } from './counted-values.ts';
import { FACET_FILTERS, FITS, type Fit } from './facet-groups.ts';
import {
  FIELD_FILTERS,
  FILTERS,
  isAsked,
  withoutFilter,
  type FieldFilter,
  type Filter,
} from './filter-trials.ts';
import type { Narrowed } from './narrow-trials.ts';
import { selectClasses } from './partition.ts';
import { passByRank, passClasses } from './pass-classes.ts';
import { NOWHERE, type PlaceIndex } from './place-index.ts';
import type { FacetCounts, FacetValues, NamedValues, TallySheet } from './tally-sheet.ts';
import { ASPECT_OF } from './trial-aspects.ts';
import { asksFacets } from './trial-query.ts';
import { meet } from './trial-set.ts';
import {
  countListed,
  countWithFacets,
  verdictsOn,
  type VerdictIndex,
  type VerdictSets,
} from './verdict-index.ts';

export { COUNTED_FILTERS, type CountedFilter, type FacetCounts, type FacetValues, type NamedValues };

/** What a sheet counts, found once in an index. */
export interface CountedSets {
  readonly sheet: TallySheet;
  /** Of each facet filter, in its order. */
  readonly verdicts: readonly (readonly VerdictSets[])[];
  /** Where each site of the index is counted; -1 for one without a name. */
  readonly sitePlaces: Int32Array;
  /** Room for the counts of a question. */
  readonly totals: Uint32Array;
}

export function findCountedSets(
  sheet: TallySheet,
  { verdicts, placeIndex }: { verdicts: VerdictIndex; placeIndex: PlaceIndex },
): CountedSets {
  const valuesOf = (filter: CountedFilter | (typeof FACET_FILTERS)[number]): readonly string[] =>
    sheet.parts.find((part) => part.filter === filter)?.values ?? [];
  const siteKeys = valuesOf('site');
  return {
    sheet,
    verdicts: FACET_FILTERS.map((group) =>
      valuesOf(group).map((value) => verdictsOn(verdicts, group, value)),
    ),
    sitePlaces: Int32Array.from(placeIndex.siteKeys, (key) => siteKeys.indexOf(key)),
    totals: new Uint32Array(sheet.length),
  };
}

/** Counts every value of every counted filter, with all other filters applied but its own; they hold until the next question. */
export function countFacets(narrowed: Narrowed, counted: CountedSets): Uint32Array {
  const { tables, query, levelsWithout } = narrowed;
  const { sheet, verdicts, sitePlaces, totals } = counted;
  totals.fill(0);
  for (const filter of PLAIN_FILTERS)
    countPlainValues(narrowed, filter, { totals, from: sheet.startOf[filter] });
  countPlaces(narrowed, sitePlaces, { totals, sheet });
  for (let place = 0; place < FACET_FILTERS.length; place++) {
    const group = FACET_FILTERS[place] as (typeof FACET_FILTERS)[number];
    countWithFacets(levelsWithout(group), verdicts[place] as readonly VerdictSets[], {
      match: query.match,
      tuning: tables.tuning,
      totals,
      from: sheet.startOf[group],
    });
  }
  return totals;
}

/** No other filter looks at the same aspect, so that every class is open when this one is dropped. */
function countPlainValues(
  { tables, countsOf }: Narrowed,
  filter: PlainFilter,
  { totals, from }: { totals: Uint32Array; from: number },
): void {
  const counts = countsOf(ASPECT_OF[filter]);
  const masks = tables.valueMasks[filter];
  for (let number = 0; number < counts.length; number++) {
    const count = counts[number] as number;
    if (count > 0) addMasked(totals, from, { mask: masks[number] as number, count });
  }
}

/** Adds a count to each value of a mask. */
function addMasked(
  totals: Uint32Array,
  from: number,
  { mask, count }: { mask: number; count: number },
): void {
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const place = from + 31 - Math.clz32(rest & -rest);
    totals[place] = (totals[place] as number) + count;
  }
}

/** Availabilities, sites and kinds of sites, each of the trials that the two others leave. */
function countPlaces(
  { tables, places, countsOf }: Narrowed,
  sitePlaces: Int32Array,
  { totals, sheet }: { totals: Uint32Array; sheet: TallySheet },
): void {
  const { availability, site, siteMatch } = sheet.startOf;
  const { bySiteAndKind, byKind, bySite, takes } = places;
  const index = tables.placeIndex;
  const counts = countsOf('places');
  for (let number = 0; number < counts.length; number++) {
    const count = counts[number] as number;
    if (count === 0) continue;
    const rank = bySiteAndKind[number] as number;
    if (rank !== NOWHERE) totals[availability + rank] = (totals[availability + rank] as number) + count;
    if (takes[byKind[number] as number] === 1)
      for (
        let place = index.starts[number] as number;
        place < (index.starts[number + 1] as number);
        place++
      ) {
        const named = sitePlaces[index.keys[place] as number] as number;
        if (named >= 0 && isFirstOfSite(index, number, place))
          totals[site + named] = (totals[site + named] as number) + count;
      }
    if (takes[bySite[number] as number] === 1)
      addMasked(totals, siteMatch, { mask: maskOfKinds(index, number), count });
  }
}

/** Whether a site is of an asked kind, and no site before it in its class is the same one. */
function isFirstOfSite({ starts, keys, kinds, room }: PlaceIndex, number: number, place: number): boolean {
  if (room.takesKind[kinds[place] as number] !== 1) return false;
  for (let before = starts[number] as number; before < place; before++)
    if (keys[before] === keys[place] && room.takesKind[kinds[before] as number] === 1) return false;
  return true;
}

/** A trial with two sites of one kind is still one trial. */
function maskOfKinds({ starts, keys, kinds, room }: PlaceIndex, number: number): number {
  let mask = 0;
  for (let place = starts[number] as number; place < (starts[number + 1] as number); place++)
    if (room.takesSite[keys[place] as number] === 1) mask |= 1 << (kinds[place] as number);
  return mask;
}

/** How many trials there are of each verdict, with all other filters applied; `null` when no facet is asked. */
export function countFits({ query, levelsWithout }: Narrowed): Record<Fit, number> | null {
  if (!asksFacets(query)) return null;
  const levels = levelsWithout(null);
  const [fits, taken, all] = [levels.fits().count, levels.taken().count, levels.all().count];
  return { fits, check: taken - fits, does_not_fit: all - taken };
}

/** How many trials the two careful rules leave out, each counted with all other filters applied. */
export function countHidden(narrowed: Narrowed): { relevance: number; siteMatch: number } {
  const { tables, places, others, both } = narrowed;
  const { partitions, rooms, scratch } = tables;
  const { alsoPasses } = rooms.places;
  passByRank(alsoPasses, places.bySite, places.takes);
  const inOpen = selectClasses(partitions.places, alsoPasses, scratch);
  const all = scratch.select(meet(both, inOpen ?? scratch.everything, scratch));
  return {
    relevance: all.count - countOpen(narrowed, 'siteMatch'),
    siteMatch: all.count - scratch.select(others.relevance).count,
  };
}

/** For an empty list: how many trials dropping each single filter would find. */
export function suggestFilters(narrowed: Narrowed): { drop: Filter; total: number }[] {
  const { query } = narrowed;
  // Where no facet is asked everything fits: dropping `match` would change nothing.
  const matters = (filter: Filter): boolean =>
    filter !== 'match' || asksFacets(query) || !query.match.includes('fits');
  return FILTERS.filter((filter) => isAsked(query, filter) && matters(filter)).map((drop) => ({
    drop,
    total: countWithout(narrowed, drop),
  }));
}

function countWithout(narrowed: Narrowed, drop: Filter): number {
  const { tables, query, others, levelsWithout } = narrowed;
  if (drop === 'q') return tables.scratch.select(others.words).count;
  if (drop === 'match') return tables.scratch.select(others.fit).count;
  if (isFieldFilter(drop)) return countOpen(narrowed, drop);
  return countListed(levelsWithout(drop), query.match.length === 0 ? FITS : query.match);
}

function isFieldFilter(filter: Filter): filter is FieldFilter {
  return (FIELD_FILTERS as readonly string[]).includes(filter);
}

/** How many trials pass when one filter is dropped. */
function countOpen(narrowed: Narrowed, filter: FieldFilter): number {
  const { tables, others, countsOf } = narrowed;
  const aspect = ASPECT_OF[filter];
  const { alsoPasses } = tables.rooms[aspect];
  if (!passOpenClasses(alsoPasses, filter, narrowed)) return tables.scratch.select(others[aspect]).count;
  const counts = countsOf(aspect);
  let total = 0;
  for (let number = 0; number < counts.length; number++)
    if (alsoPasses[number] === 1) total += counts[number] as number;
  return total;
}

/** Which classes pass when one filter is dropped; false when all do. */
function passOpenClasses(
  passes: Uint8Array,
  filter: FieldFilter,
  { tables, query, places }: Narrowed,
): boolean {
  if (filter === 'siteMatch') return passByRank(passes, places.bySite, places.takes);
  if (filter === 'site') return passByRank(passes, places.byKind, places.takes);
  if (filter === 'availability') return passByRank(passes, places.bySiteAndKind, ANYWHERE);
  return passClasses(passes, ASPECT_OF[filter], {
    classes: tables,
    query: withoutFilter(query, filter),
    places,
  });
}

/** Takes every availability. */
const ANYWHERE = new Uint8Array(NOWHERE + 1).fill(1, 0, NOWHERE);
