import { COUNTED_FILTERS, PLACE_VALUES, PLAIN_VALUES, type CountedFilter } from '../trials/counted-values.ts';
import {
  FACET_FILTERS,
  FITS,
  forEachFacetFilter,
  groupOfFacet,
  type FacetFilter,
  type Fit,
} from '../trials/facet-groups.ts';
import {
  availabilityAsked,
  FIELD_FILTERS,
  FIELD_RULES,
  isAsked,
  withoutFilter,
  type Filter,
} from '../trials/filter-trials.ts';
import type { TrialQuery } from '../trials/trial-query.ts';
import { AVAILABILITIES, PHASES, type Sort } from '../trials/vocabulary.ts';
import type { DenseQuestion } from './dense-question.ts';
import { tellingFilters } from './telling-filters.ts';
import type { TrialFacts } from './trial-facts.ts';

/**
 * The dense list of a question, over what rows know of their trials. The server renders it and the browser makes it
 * again by the same rules; a test holds both to the index, which answers programs.
 */

/** What the text says to one asked facet; no sentence where it says nothing. */
export interface DenseReason {
  readonly id: string;
  readonly verdict: Fit;
  readonly sentence: string | null;
}
export interface DenseRow {
  readonly facts: TrialFacts;
  readonly isShown: boolean;
  /** `null` where no facet is asked. */
  readonly fit: Fit | null;
  readonly reasons: readonly DenseReason[];
}
export interface DenseAnswer {
  /** All rows in the asked order, those left out last. */
  readonly rows: readonly DenseRow[];
  readonly total: number;
  /** Of each value: how many trials it would list, with all other filters applied. */
  readonly counts: Readonly<Record<CountedFilter | FacetFilter | 'match', Readonly<Record<string, number>>>>;
  /** How many the list would have with the other choice of "first posted lately". */
  readonly newCount: number;
  /** How many more trials there would be without each rule that holds where nothing is asked. */
  readonly hidden: Readonly<Record<'relevance' | 'siteMatch' | 'match', number>>;
  /** What dropping each filter would find, best first; empty where trials are shown. */
  readonly suggestions: readonly { readonly drop: Filter | 'new'; readonly total: number }[];
}

/** What the list is made over, beside the question. */
export interface DenseGround {
  /** Ids of all facets. */
  readonly facetIds: readonly string[];
  /** The first day that counts as lately; `null` when the data has no day. */
  readonly newFrom: string | null;
}

/** Answers a question. */
export function answerDense(
  all: readonly TrialFacts[],
  question: DenseQuestion,
  ground: DenseGround,
): DenseAnswer {
  const { query } = question;
  const findIn = (asked: DenseQuestion): TrialFacts[] => all.filter(createRule(asked, ground));
  const count = (asked: DenseQuestion): number => findIn(asked).length;
  const without = (filter: Filter): DenseQuestion => ({ ...question, query: withoutFilter(query, filter) });
  const isIn = createRule(question, ground);
  const rows = all.map((facts) => ({ facts, isShown: isIn(facts), ...judge(facts, query) }));
  const total = rows.filter(({ isShown }) => isShown).length;
  return {
    rows: rows.toSorted(
      (one, other) => Number(other.isShown) - Number(one.isShown) || compareRows(one, other, question),
    ),
    total,
    counts: { ...countFields(question, findIn), ...countTexts(question, { ground, findIn }) },
    newCount: count({ ...question, isNew: true }),
    hidden: {
      relevance: count(without('relevance')) - total,
      siteMatch: count(without('siteMatch')) - total,
      match: count(without('match')) - total,
    },
    suggestions: total === 0 ? suggest(question, { count, without }) : [],
  };
}

function createRule(
  { query, isNew }: DenseQuestion,
  { newFrom }: DenseGround,
): (facts: TrialFacts) => boolean {
  const filters = tellingFilters(query);
  return (facts) =>
    filters.every((filter) => FIELD_RULES[filter](facts, query)) &&
    query.q.every((word) => hasWord(facts, word)) &&
    (!isNew || isPostedSince(facts, newFrom)) &&
    (query.match.length === 0 || query.match.includes(judge(facts, query).fit ?? 'fits'));
}

/** A longer word is also found by its beginning, as the index does. */
const SHORTEST_BEGINNING = 4;

function hasWord({ words }: TrialFacts, asked: string): boolean {
  return words.some(
    (word) => word === asked || (asked.length >= SHORTEST_BEGINNING && word.startsWith(asked)),
  );
}

/** A date of which only the month is known is not taken for new. */
function isPostedSince({ dates }: TrialFacts, day: string | null): boolean {
  return day !== null && dates.firstPosted !== null && dates.firstPosted >= day;
}

const LATELY_DAYS = 90;
const DAY_MS = 86_400_000;

/** The first day that counts as lately, counted from the day of the data: a clock would call an old list new. */
export function lateFrom(dataDay: string | null): string | null {
  if (dataDay === null) return null;
  return new Date(Date.parse(dataDay) - LATELY_DAYS * DAY_MS).toISOString().slice(0, 10);
}

/** Of values joined with "or" the best verdict decides, of groups joined with "and" the worst (contract 5.5). */
function judge(facts: TrialFacts, query: TrialQuery): Pick<DenseRow, 'fit' | 'reasons'> {
  const reasons = FACET_FILTERS.filter((group) => query[group].length > 0).map((group) =>
    bestOf(query[group].map((value) => reasonOf(facts, `${group}.${value}`))),
  );
  const ranks = reasons.map(({ verdict }) => FITS.indexOf(verdict));
  return { fit: reasons.length === 0 ? null : (FITS[Math.max(...ranks)] as Fit), reasons };
}

function bestOf(reasons: readonly DenseReason[]): DenseReason {
  return FITS.flatMap((fit) => reasons.filter(({ verdict }) => verdict === fit))[0] as DenseReason;
}

/** What is not stated restricts nothing. */
function reasonOf({ verdicts }: TrialFacts, id: string): DenseReason {
  const stated = Object.hasOwn(verdicts, id) ? verdicts[id] : undefined;
  return { id, ...(stated ?? { verdict: 'fits', sentence: null }) };
}

type FindIn = (asked: DenseQuestion) => readonly TrialFacts[];

function countFields(question: DenseQuestion, findIn: FindIn): Record<CountedFilter, Record<string, number>> {
  const entries = COUNTED_FILTERS.map((filter) => {
    const query = withoutFilter(question.query, filter);
    const counts: Record<string, number> = {};
    for (const facts of findIn({ ...question, query }))
      for (const value of new Set(valuesOf(facts, filter, query))) counts[value] = (counts[value] ?? 0) + 1;
    return [filter, counts] as const;
  });
  return Object.fromEntries(entries) as Record<CountedFilter, Record<string, number>>;
}

function valuesOf(facts: TrialFacts, filter: CountedFilter, query: TrialQuery): readonly string[] {
  return filter === 'availability' || filter === 'site' || filter === 'siteMatch'
    ? PLACE_VALUES[filter](facts, query)
    : PLAIN_VALUES[filter](facts);
}

/** Verdicts and facets: what would be listed if the value were asked in place of those of its group. */
function countTexts(
  question: DenseQuestion,
  { ground, findIn }: { ground: DenseGround; findIn: FindIn },
): Record<FacetFilter | 'match', Record<string, number>> {
  const { query } = question;
  const counts = { match: {}, ...forEachFacetFilter(() => ({})) } as Record<
    FacetFilter | 'match',
    Record<string, number>
  >;
  const values = ground.facetIds.map((id) => {
    const group = groupOfFacet(id) as FacetFilter;
    return { id, group, value: id.slice(group.length + 1) };
  });
  for (const fit of FITS) counts.match[fit] = 0;
  for (const { group, value } of values) counts[group][value] = 0;
  const add = (name: FacetFilter | 'match', value: string): void => {
    counts[name][value] = (counts[name][value] ?? 0) + 1;
  };
  for (const facts of findIn({ ...question, query: { ...query, match: [] } })) {
    const asked = rankAsked(facts, query);
    add('match', FITS[worstOf(asked, null)] as Fit);
    for (const { id, group, value } of values) {
      const rank = Math.max(worstOf(asked, group), rankOf(facts, id));
      if (query.match.includes(FITS[rank] as Fit)) add(group, value);
    }
  }
  return counts;
}

interface RankedGroup {
  readonly group: FacetFilter;
  readonly rank: number;
}

/** How far each asked group is from fitting. */
function rankAsked(facts: TrialFacts, query: TrialQuery): RankedGroup[] {
  return FACET_FILTERS.filter((group) => query[group].length > 0).map((group) => ({
    group,
    rank: Math.min(...query[group].map((value) => rankOf(facts, `${group}.${value}`))),
  }));
}

/** The worst of the asked groups but one, which another value is to stand for. */
function worstOf(asked: readonly RankedGroup[], but: FacetFilter | null): number {
  return asked.reduce((worst, { group, rank }) => (group === but ? worst : Math.max(worst, rank)), 0);
}

/** What is not stated restricts nothing. */
function rankOf({ verdicts }: TrialFacts, id: string): number {
  return Object.hasOwn(verdicts, id) ? FITS.indexOf(verdicts[id]?.verdict ?? 'fits') : 0;
}

/** Filters that may be dropped, in the order of the form. */
const DROPPABLE: readonly Filter[] = [...FIELD_FILTERS, 'q', ...FACET_FILTERS, 'match'];

function suggest(
  question: DenseQuestion,
  { count, without }: { count: (asked: DenseQuestion) => number; without: (filter: Filter) => DenseQuestion },
): DenseAnswer['suggestions'] {
  const found: { drop: Filter | 'new'; total: number }[] = DROPPABLE.filter((filter) =>
    isAsked(question.query, filter),
  ).map((drop) => ({ drop, total: count(without(drop)) }));
  if (question.isNew) found.push({ drop: 'new', total: count({ ...question, isNew: false }) });
  return found.filter(({ total }) => total > 0).toSorted((one, other) => other.total - one.total);
}

type Key = (facts: TrialFacts, query: TrialQuery) => string | number;

/** As `order-trials.ts` orders; each key ascends but that of the last update. */
const KEYS: Readonly<Record<Sort, Key>> = {
  availability: (facts, query) => AVAILABILITIES.indexOf(availabilityAsked(facts, query)),
  updated: ({ dates }) => dates.lastUpdatePosted ?? '',
  phase: ({ phaseKeys }) =>
    -Math.max(-1, ...phaseKeys.filter(isNumbered).map((phase) => PHASES.indexOf(phase))),
  title: ({ briefTitle }) => briefTitle.toLowerCase(),
  minimum_age: ({ ageRange }) => ageRange.fromDays ?? 0,
};

function isNumbered(phase: string): boolean {
  return phase !== 'na' && phase !== 'none';
}

function compare<Value extends string | number>(one: Value, other: Value): number {
  return one < other ? -1 : Number(one > other);
}

/** Ties by the verdict, then by the number of the registry, whichever way the order goes. */
function compareRows(one: DenseRow, other: DenseRow, { query, isReversed }: DenseQuestion): number {
  const keyOf = KEYS[query.sort];
  const byKey = compare(keyOf(one.facts, query), keyOf(other.facts, query));
  return (
    (isReversed === (query.sort === 'updated') ? byKey : -byKey) ||
    FITS.indexOf(one.fit ?? 'fits') - FITS.indexOf(other.fit ?? 'fits') ||
    compare(one.facts.nctId, other.facts.nctId)
  );
}
