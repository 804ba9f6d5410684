import type { z } from 'zod';
import { formatAge, type Age } from '../trials/age.ts';
import {
  describeQuery,
  understandFilters,
  type TrialFilters,
  type TrialQuery,
} from '../trials/trial-query.ts';
import type { createTrialFiltersSchema } from '../trials/trial-query.ts';
import { formatAgeWords } from '../web/age-words.ts';
import { NEW_FILTER, NEW_VALUE, readSort, writeSort } from '../web/dense-question.ts';
import { VIEWS, type Asked, type View } from '../web/finder.ts';
import { parseLenientAge } from '../web/lenient-age.ts';
import { readLanguage, type Language } from '../web/words/words.ts';
import { parseQuery } from './read-parameters.ts';

/** What the address of a page asks for. */
export interface PageQuery {
  readonly view: View;
  readonly language: Language;
  readonly asked: Asked;
}

/** Pages show the whole list: nobody pages through the trials of one hospital. */
export const ALL_TRIALS = Number.MAX_SAFE_INTEGER;
const LONGEST_AGE = 30;

/**
 * Reads the query of a page. A page is asked by people and by links of others: what it does not know it leaves
 * aside, and an age that it cannot read it shows again with a word on how to write one.
 */
export function readPageQuery(
  queryText: string,
  schema: ReturnType<typeof createTrialFiltersSchema>,
): PageQuery {
  const raw = parseQuery(queryText);
  const first = (name: string): string => raw.get(name)?.[0] ?? '';
  const filters: Record<string, unknown> & TrialFilters = {};
  for (const [name, given] of raw) {
    const field = Object.hasOwn(schema.shape, name)
      ? schema.shape[name as keyof typeof schema.shape]
      : undefined;
    const value = field === undefined ? undefined : readLeniently(field, given);
    if (value !== undefined) filters[name] = value;
  }
  // A button of a column sends its order after the one that the form holds.
  const { sort, isReversed } = readSort(raw.get('sort')?.at(-1) ?? '');
  const typed = first('age').trim().slice(0, LONGEST_AGE);
  const query: TrialQuery = {
    ...understandFilters(filters),
    age: parseLenientAge(typed),
    sort,
    limit: ALL_TRIALS,
  };
  const view = VIEWS.find((one) => one === first('view')) ?? 'patient';
  const language = readLanguage(first('lang'));
  return {
    view,
    language,
    asked: {
      query,
      // In one spelling, since equal questions are one answer.
      age: query.age === null ? typed : writeAge(query.age, { view, language }),
      ageIsUnreadable: typed !== '' && query.age === null,
      search: query.q.length > 0 ? first('q') : '',
      isNew: first(NEW_FILTER) === NEW_VALUE,
      isReversed,
    },
  };
}

/** Families read words, care teams the short form that they write. */
function writeAge(age: Age, { view, language }: Pick<PageQuery, 'view' | 'language'>): string {
  return view === 'patient' ? formatAgeWords(age, language) : formatAge(age);
}

/** The question of whoever asks nothing. */
export const NOTHING_ASKED: Asked = {
  query: { ...understandFilters({}), limit: ALL_TRIALS },
  age: '',
  ageIsUnreadable: false,
  search: '',
  isNew: false,
  isReversed: false,
};
const ALWAYS_ASKED = describeQuery(NOTHING_ASKED.query);

/** What a question asks beyond what every list asks. */
function describeAsked({ query, isNew, isReversed }: Asked): [string, string][] {
  const parameters = Object.entries(describeQuery(query))
    .map(([name, value]): [string, string] => [name, String(value)])
    .filter(([name, value]) => name !== 'sort' && String(ALWAYS_ASKED[name]) !== value);
  const sort = writeSort(query.sort, isReversed);
  return [
    ...parameters,
    ...(isNew ? [[NEW_FILTER, NEW_VALUE] as [string, string]] : []),
    ...(sort === NOTHING_ASKED.query.sort ? [] : [['sort', sort] as [string, string]]),
  ];
}

export function isUnfiltered({ asked }: Pick<PageQuery, 'asked'>): boolean {
  return asked.age === '' && describeAsked(asked).length === 0;
}

/** Path and query of a page in the one spelling that we write, without its language. */
export function formatPagePath({ view, asked }: Pick<PageQuery, 'view' | 'asked'>): string {
  const parameters: [string, string][] = [
    ...(view === 'patient' ? [] : [['view', view] as [string, string]]),
    ...describeAsked(asked),
  ];
  const text = new URLSearchParams(parameters).toString().replaceAll('%2C', ',');
  return text === '' ? '/' : `/?${text}`;
}

/** A list of values, of which the known ones count, or one value. */
function readLeniently(field: z.ZodType, given: readonly string[]): unknown {
  const parts = given.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '');
  const known = parts.filter((part) => field.safeParse([part]).success);
  if (known.length > 0) return known;
  const [text] = given;
  const parsed = field.safeParse(text?.trim());
  return parsed.success ? parsed.data : undefined;
}
