import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import type { Age } from '../trials/age.ts';
import {
  AGE_FILTERS,
  understandAge,
  understandFilter,
  understandFilters,
  type createTrialFiltersSchema,
  type TrialQuery,
} from '../trials/trial-query.ts';
import { readParameter } from './read-parameters.ts';
import { createAgeTeller, maybeMetAgain, tellQuestion, type ToldQuestion } from './told-questions.ts';

/**
 * Reads the question of an address as the route does, a parameter at a time: each is understood by itself, and what was
 * read once is known. `null` for what it would not read as the route does, or what the route would refuse.
 */
export type QuestionReader = (queryText: string) => ReadQuestion | null;
export interface ReadQuestion {
  readonly query: TrialQuery;
  readonly told: ToldQuestion;
}

type FiltersSchema = ReturnType<typeof createTrialFiltersSchema>;
type Name = keyof TrialQuery;
interface Part {
  readonly name: Name;
  readonly value: TrialQuery[Name];
}

/** Too many different ones to be met again, and they would drive out the others. */
const TOO_MANY: ReadonlySet<string> = new Set<Name>([...AGE_FILTERS, 'q']);
/** Of parameters, and as much again of questions. */
const KNOWN_BYTES = 256 * 1024;
/** What is held with a question: its values, and the texts around its age. */
const BESIDE_BYTES = 3_000;

export function createQuestionReader(filters: FiltersSchema): QuestionReader {
  const read = createWholeReader(filters);
  /** By questions without their age: most that are asked differ in that alone. */
  const known = new LRUCache<string, (age: Age) => ReadQuestion>({
    maxSize: KNOWN_BYTES,
    sizeCalculation: (_read, text) => 2 * text.length + BESIDE_BYTES,
  });
  return (queryText) => {
    const cut = cutAge(queryText);
    const readFor = cut && known.get(cut.rest);
    if (cut && readFor) {
      const age = understandAge(cut.age);
      return age && readFor(age);
    }
    const query = read(queryText);
    if (query === null) return null;
    if (cut === null || query.age === null || !maybeMetAgain(query))
      return { query, told: tellQuestion(query) };
    const made = createReaderFor(query);
    known.set(cut.rest, made);
    return made(query.age);
  };
}

/** Holds nobody's age. */
function createReaderFor(asked: TrialQuery): (age: Age) => ReadQuestion {
  const query = { ...asked, age: null };
  const tell = createAgeTeller(query);
  return (age) => ({ query: { ...query, age }, told: tell(age) });
}

function createWholeReader(filters: FiltersSchema): (queryText: string) => TrialQuery | null {
  const known = new LRUCache<string, Part>({
    maxSize: KNOWN_BYTES,
    sizeCalculation: (_part, text) => 2 * text.length + 400,
  });
  const nothingAsked = understandFilters({});
  const readAlone = createPartReader(filters);
  const readPart = (text: string): Part | null => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const part = readAlone(text);
    if (part !== null && !TOO_MANY.has(part.name)) known.set(text, part);
    return part;
  };
  return (queryText) => {
    // A second `?` or a `#` means something to the route only where the text begins.
    if (/[?#]/.test(queryText)) return null;
    const query: { -readonly [One in Name]: unknown } = { ...nothingAsked };
    const names: Name[] = [];
    for (const text of queryText.split('&')) {
      const part = readPart(text);
      if (part === null || names.includes(part.name)) return null;
      names.push(part.name);
      query[part.name] = part.value;
    }
    return query as TrialQuery;
  };
}

const AGE = 'age=';

/** Cuts the first age out of a question; `null` where none is given in plain signs. */
function cutAge(queryText: string): { age: string; rest: string } | null {
  const place = `&${queryText}`.indexOf(`&${AGE}`);
  if (place < 0) return null;
  const begin = place + AGE.length;
  const next = queryText.indexOf('&', begin);
  const end = next < 0 ? queryText.length : next;
  const age = queryText.slice(begin, end);
  if (/[%+]/.test(age)) return null;
  return { age, rest: `${begin} ${queryText.slice(0, begin)}${queryText.slice(end)}` };
}

/** Reads the value of one parameter; `null` for what the route would refuse. */
type ValueReader = (given: string) => Part | null;

/** No parameter means anything else beside another, or this could not be. */
function createPartReader({ shape }: FiltersSchema): (text: string) => Part | null {
  const readers = new Map<string, ValueReader>();
  // A cursor is a place in a list and no part of the question.
  for (const [name, schema] of Object.entries(shape))
    if (name !== 'cursor') readers.set(name, createValueReader(name as Name, schema));
  return (text) => {
    const end = text.indexOf('=');
    const read = end < 0 ? undefined : readers.get(text.slice(0, end));
    const given = read === undefined ? null : decodeValue(text.slice(end + 1));
    return read === undefined || given === null ? null : read(given);
  };
}

function createValueReader(name: Name, schema: z.ZodType): ValueReader {
  // Nearly every question has an age that nobody asked for before.
  if ((AGE_FILTERS as readonly string[]).includes(name))
    return (given) => {
      const age = understandAge(given);
      return age && { name, value: age };
    };
  return (given) => {
    const value = readParameter(schema, given);
    return value === undefined ? null : { name, value: understandFilter(name, { [name]: value }) };
  };
}

/** What forms write otherwise than it is meant, and what is no text of an address. */
const CODED = /[%+]|[^ -~]/;

function decodeValue(text: string): string | null {
  return CODED.test(text) ? new URLSearchParams(`value=${text}`).get('value') : text;
}
