import { formatQuery, understandFilters } from '../trials/trial-query.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  type AgeGroup,
  type Availability,
  type Phase,
} from '../trials/vocabulary.ts';
import type { Page } from './list-trials.ts';

/** The lists that almost everybody asks for: made before anybody does, and packed with more patience. */

interface CommonFilters {
  ageGroup?: [AgeGroup];
  phase?: [Phase];
  availability?: [Availability];
}

/** What a list is narrowed by most, one value each. */
const COMMON_FILTERS = [
  ['ageGroup', AGE_GROUPS],
  ['phase', PHASES],
  ['availability', AVAILABILITIES],
] as const;

/** The whole list, every single value, and every two of different filters; in the order in which people write them. */
export function findCommonFilters(): CommonFilters[] {
  const singles = COMMON_FILTERS.map(([name, values]) => values.map((value) => [name, value] as const));
  const pairs = singles.flatMap((ones, index) =>
    singles.slice(index + 1).flatMap((others) => ones.flatMap((one) => others.map((other) => [one, other]))),
  );
  return [[], ...singles.flat().map((one) => [one]), ...pairs].map(
    (filters) => Object.fromEntries(filters.map(([name, value]) => [name, [value]])) as CommonFilters,
  );
}

const COMMON_TEXTS: ReadonlySet<string> = new Set(
  findCommonFilters().map((filters) => formatQuery(understandFilters(filters))),
);

/** Says it of the question and never of who has asked before, so that every replica packs the same bytes. */
export function isCommonList({ query, told, offset }: Pick<Page, 'query' | 'told' | 'offset'>): boolean {
  // Most questions have an age, and none of these has.
  return query.age === null && offset === 0 && COMMON_TEXTS.has(told.text);
}
