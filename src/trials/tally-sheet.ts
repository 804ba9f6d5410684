import { COUNTED_FILTERS, type CountedFilter } from './counted-values.ts';
import { FACET_FILTERS, type FacetFilter } from './facet-groups.ts';
import { KNOWN_VALUES } from './value-masks.ts';

/** The values of each facet filter, in the order of the vocabulary. */
export type FacetValues = Readonly<Record<FacetFilter, readonly string[]>>;

/** The values that are counted, also where there are none. */
export interface NamedValues {
  readonly siteKeys: readonly string[];
  readonly facetValues: FacetValues;
}

/** Where the count of each value stands in a row of numbers: whoever counts needs no object, and no name. */
export interface TallySheet {
  readonly parts: readonly TallyPart[];
  readonly length: number;
  readonly startOf: Readonly<Record<CountedFilter | FacetFilter, number>>;
}
export interface TallyPart {
  readonly filter: CountedFilter | FacetFilter;
  readonly values: readonly string[];
  readonly start: number;
}

const sheets = new WeakMap<NamedValues, TallySheet>();

/** The sheet of these values, in the order in which counts are told; the same one for the same values. */
export function tallySheetOf(named: NamedValues): TallySheet {
  const known = sheets.get(named) ?? createTallySheet(named);
  sheets.set(named, known);
  return known;
}

function createTallySheet({ siteKeys, facetValues }: NamedValues): TallySheet {
  const parts: TallyPart[] = [];
  let length = 0;
  const add = (filter: CountedFilter | FacetFilter, values: readonly string[]): void => {
    // A value that is named twice is counted once.
    const different = [...new Set(values)];
    parts.push({ filter, values: different, start: length });
    length += different.length;
  };
  for (const filter of COUNTED_FILTERS) add(filter, filter === 'site' ? siteKeys : KNOWN_VALUES[filter]);
  for (const group of FACET_FILTERS) add(group, facetValues[group]);
  const startOf = Object.fromEntries(parts.map(({ filter, start }) => [filter, start]));
  return { parts, length, startOf: startOf as TallySheet['startOf'] };
}

export type FacetCounts = Record<CountedFilter | FacetFilter, Record<string, number>>;

/** The counts with their names. */
export function nameTallies({ parts }: TallySheet, tallies: Uint32Array): FacetCounts {
  const counts: Partial<FacetCounts> = {};
  for (const { filter, values, start } of parts) {
    const totals: Record<string, number> = {};
    values.forEach((value, place) => (totals[value] = tallies[start + place] as number));
    counts[filter] = totals;
  }
  return counts as FacetCounts;
}
