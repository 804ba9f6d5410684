import type { FilterableSite, FilterableTrial } from './filter-trials.ts';
import { AVAILABILITIES, SITE_MATCHES } from './vocabulary.ts';
import type { TrialQuery } from './trial-query.ts';

/** The rank of a class that has none of the sites in question; all others are places in `AVAILABILITIES`. */
export const NOWHERE = AVAILABILITIES.length;
/**
 * As `bestAvailability` says: a site whose name is withheld speaks only where no site is surely ours. So its rank is
 * beyond all of these.
 */
const WITHHELD = NOWHERE + 1;
const NONE = WITHHELD + NOWHERE;
const CLOSED = AVAILABILITIES.indexOf('closed');

/** The sites of each class as numbers, so that the one aspect with several values a trial is asked without making lists. */
export interface PlaceIndex {
  readonly siteKeys: readonly string[];
  /** The sites of class `n` are from `starts[n]` until `starts[n + 1]`. */
  readonly starts: Uint32Array;
  /** Places in `siteKeys`. */
  readonly keys: Uint16Array;
  /** Places in `SITE_MATCHES`. */
  readonly kinds: Uint8Array;
  readonly ranks: Uint8Array;
  /** Where the next question is answered. */
  readonly room: AskedPlaces;
}

/** What a question about places asks of each class: the rank of the best availability at the sites that are left. */
export interface AskedPlaces {
  readonly bySiteAndKind: Uint8Array;
  /** As if no site were asked. */
  readonly byKind: Uint8Array;
  /** As if no kind of site were asked. */
  readonly bySite: Uint8Array;
  /** 1 for the ranks that are asked. */
  readonly takes: Uint8Array;
  readonly takesKind: Uint8Array;
  readonly takesSite: Uint8Array;
}

export function indexPlaces(classes: readonly FilterableTrial[]): PlaceIndex {
  const sites = classes.flatMap((one) => one.sites);
  const siteKeys = [...new Set(sites.map(({ key }) => key))];
  const numberOf = new Map(siteKeys.map((key, number) => [key, number]));
  const starts = new Uint32Array(classes.length + 1);
  for (const [number, one] of classes.entries())
    starts[number + 1] = (starts[number] as number) + one.sites.length;
  return {
    siteKeys,
    starts,
    keys: Uint16Array.from(sites, ({ key }) => numberOf.get(key) as number),
    kinds: Uint8Array.from(sites, ({ kind }) => (SITE_MATCHES as readonly string[]).indexOf(kind)),
    ranks: Uint8Array.from(sites, rankOf),
    room: {
      bySiteAndKind: new Uint8Array(classes.length),
      byKind: new Uint8Array(classes.length),
      bySite: new Uint8Array(classes.length),
      takes: new Uint8Array(NOWHERE + 1),
      takesKind: new Uint8Array(SITE_MATCHES.length),
      takesSite: new Uint8Array(siteKeys.length),
    },
  };
}

/** What is no availability of ours is as good as closed. */
function rankOf({ kind, availability }: FilterableSite): number {
  const rank = AVAILABILITIES.indexOf(availability);
  return (rank < 0 ? CLOSED : rank) + (kind === 'possible' ? WITHHELD : 0);
}

/** Asks all classes at once; what comes back holds until the next question. */
export function askPlaces(index: PlaceIndex, { site, siteMatch, availability }: TrialQuery): AskedPlaces {
  const { siteKeys, room } = index;
  markAsked(room.takesSite, siteKeys, site);
  markAsked(room.takesKind, SITE_MATCHES, siteMatch);
  markAsked(room.takes, AVAILABILITIES, availability);
  room.takes[NOWHERE] = 0;
  for (let number = 0; number < room.bySite.length; number++) rankClass(index, number);
  return room;
}

/** No value asked is every value asked. */
function markAsked(takes: Uint8Array, values: readonly string[], asked: readonly string[]): void {
  takes.fill(asked.length === 0 ? 1 : 0);
  for (const value of asked) {
    const number = values.indexOf(value);
    if (number >= 0) takes[number] = 1;
  }
}

/** The best rank of each class at the sites that are left. */
function rankClass({ starts, keys, kinds, ranks, room }: PlaceIndex, number: number): void {
  let [both, byKind, bySite] = [NONE, NONE, NONE];
  const until = starts[number + 1] as number;
  for (let place = starts[number] as number; place < until; place++) {
    const rank = ranks[place] as number;
    const takesKind = room.takesKind[kinds[place] as number] === 1;
    const takesSite = room.takesSite[keys[place] as number] === 1;
    if (takesKind && rank < byKind) byKind = rank;
    if (takesSite && rank < bySite) bySite = rank;
    if (takesKind && takesSite && rank < both) both = rank;
  }
  room.bySiteAndKind[number] = both % WITHHELD;
  room.byKind[number] = byKind % WITHHELD;
  room.bySite[number] = bySite % WITHHELD;
}
