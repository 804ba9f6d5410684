import { FACET_FILTERS, FITS, forEachFacetFilter } from '../trials/facet-groups.ts';
import { splitWords } from '../trials/search-words.ts';
import type { TrialQuery } from '../trials/trial-query.ts';
import { MOST_WORDS, USUAL_RULES } from '../trials/usual-rules.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  RELEVANCES,
  SITE_MATCHES,
  SORTS,
  STUDY_TYPES,
} from '../trials/vocabulary.ts';
import { parseLenientAge } from './lenient-age.ts';
import { fill } from './words/fill.ts';

/** What care teams can ask: the filters of a list, and what only their table offers. */
export interface DenseQuestion {
  readonly query: TrialQuery;
  /** Only trials that the registry first posted lately. */
  readonly isNew: boolean;
  /** The order turned around. */
  readonly isReversed: boolean;
}

/** Names and values, as forms and addresses hold them. */
export type Entries = Iterable<readonly [name: string, value: string]>;

/** `FormData` and addresses of the same form say the same in the same way. */
export const NEW_FILTER = 'new';
export const NEW_VALUE = '90';
/** Before an order: turned around. */
const REVERSED = '-';
/** Written by people, to whom a comma is no end of a value: `1,5` is an age. */
const TYPED: ReadonlySet<string> = new Set(['q', 'age', 'ageMin', 'ageMax']);

/**
 * Understands the filters of a form as the service understands them (`understandFilters`, to which a test holds it),
 * without the schema, which would be most of what a browser has to load. What is unknown is left aside.
 */
export function understandEntries(entries: Entries): DenseQuestion {
  const given = new Map<string, string[]>();
  for (const [name, text] of entries)
    given.set(name, [...(given.get(name) ?? []), ...(TYPED.has(name) ? [text] : text.split(','))]);
  const asked = <Value extends string>(name: string, known: readonly Value[]): readonly Value[] =>
    known.filter((value) => given.get(name)?.includes(value));
  const unless = <Value extends string>(found: readonly Value[], usual: readonly Value[]): readonly Value[] =>
    found.length > 0 ? found : usual;
  const last = (name: string): string => given.get(name)?.at(-1)?.trim() ?? '';
  const age = (name: string) => parseLenientAge(last(name));
  const any = (name: string): readonly string[] =>
    [...new Set(given.get(name))].filter((value) => value !== '').toSorted();
  const { sort, isReversed } = readSort(last('sort'));
  const query: TrialQuery = {
    ageGroup: asked('ageGroup', AGE_GROUPS),
    age: age('age'),
    ageMin: age('ageMin'),
    ageMax: age('ageMax'),
    phase: asked('phase', PHASES),
    availability: asked('availability', AVAILABILITIES),
    site: any('site'),
    siteMatch: unless(asked('siteMatch', SITE_MATCHES), USUAL_RULES.siteMatch),
    sex: (['FEMALE', 'MALE'] as const).find((sex) => sex === last('sex')) ?? null,
    studyType: asked('studyType', STUDY_TYPES),
    relevance: unless(asked('relevance', RELEVANCES), USUAL_RULES.relevance),
    q: [...new Set(splitWords(last('q')))].toSorted().slice(0, MOST_WORDS),
    ...forEachFacetFilter(any),
    match: unless(asked('match', FITS), USUAL_RULES.match),
    sort,
    limit: Number.MAX_SAFE_INTEGER,
  };
  return { query, isNew: last(NEW_FILTER) === NEW_VALUE, isReversed };
}

/** An order as addresses write it: `title`, or `-title` for the other way around. */
export function readSort(text: string): { sort: TrialQuery['sort']; isReversed: boolean } {
  const isReversed = text.startsWith(REVERSED);
  const name = isReversed ? text.slice(REVERSED.length) : text;
  const sort = SORTS.find((known) => known === name);
  return sort === undefined ? { sort: 'availability', isReversed: false } : { sort, isReversed };
}

export function writeSort(sort: TrialQuery['sort'], isReversed: boolean): string {
  return `${isReversed ? REVERSED : ''}${sort}`;
}

const LISTS = [
  'ageGroup',
  'phase',
  'availability',
  'site',
  'siteMatch',
  'studyType',
  'relevance',
  ...FACET_FILTERS,
  'match',
] as const;

/** One value that narrows the list, as a chip shows it. */
export interface SetFilter {
  readonly name: string;
  readonly value: string;
}

/** The filters that are set, without the careful rules where they are as usual; texts are given as they were written. */
export function setFilters(
  { query, isNew }: DenseQuestion,
  written: { readonly age: string; readonly q: string },
): SetFilter[] {
  const found: SetFilter[] = [];
  if (query.age !== null) found.push({ name: 'age', value: written.age });
  if (query.q.length > 0) found.push({ name: 'q', value: written.q });
  if (isNew) found.push({ name: NEW_FILTER, value: NEW_VALUE });
  if (query.sex !== null) found.push({ name: 'sex', value: query.sex });
  for (const name of LISTS)
    if (!isUsual(query, name)) found.push(...query[name].map((value) => ({ name, value })));
  return found;
}

/** Which of them are chosen, in words and each once; what is typed stands in a field of its own. Nothing when none is. */
export function tellChoices(
  set: readonly Pick<SetFilter, 'name'>[],
  { group, inUse }: { readonly group: Readonly<Record<string, string>>; readonly inUse: string },
): string {
  const names = [...new Set(set.map(({ name }) => name))].filter((name) => !TYPED.has(name));
  return names.length === 0 ? '' : fill(inUse, { filters: names.map((name) => group[name]).join(', ') });
}

function isUsual(query: TrialQuery, name: (typeof LISTS)[number]): boolean {
  const usual: readonly string[] = Object.hasOwn(USUAL_RULES, name)
    ? USUAL_RULES[name as keyof typeof USUAL_RULES]
    : [];
  return query[name].join() === usual.join();
}

/** A question as an address writes it, comma-separated, without what holds anyway. */
export function writeQuestion(
  question: DenseQuestion,
  written: { readonly age: string; readonly q: string },
): Record<string, string> {
  const lists = new Map<string, string[]>();
  for (const { name, value } of setFilters(question, written))
    lists.set(name, [...(lists.get(name) ?? []), value]);
  const { query, isReversed } = question;
  const sort = writeSort(query.sort, isReversed);
  if (sort !== 'availability') lists.set('sort', [sort]);
  return Object.fromEntries([...lists].map(([name, values]) => [name, values.join(',')]));
}
