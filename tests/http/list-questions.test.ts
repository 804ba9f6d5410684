import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createQuestionReader } from '../../src/http/list-questions.ts';
import { Problem } from '../../src/http/problem.ts';
import { parseQuery, queryTextOf, readParameters } from '../../src/http/read-parameters.ts';
import { siteKeysOf } from '../../src/http/service.ts';
import { createAgeTeller, tellQuestion } from '../../src/http/told-questions.ts';
import { parseAge, type Age } from '../../src/trials/age.ts';
import {
  createTrialFiltersSchema,
  describeQuery,
  formatQuery,
  understandFilters,
  type TrialQuery,
} from '../../src/trials/trial-query.ts';
import { pack } from '../support/sample.ts';

/** The short way reads a question as the route does, or leaves it to the route. */

const filters = createTrialFiltersSchema(siteKeysOf(pack), pack.facets);
const readOnce = createQuestionReader(filters);

function readAsRoute(text: string): TrialQuery | null {
  try {
    const asked = readParameters(filters, parseQuery(queryTextOf(`/v1/trials?${text}`)));
    return asked.cursor === undefined ? understandFilters(asked) : null;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

const AROUND_AGES = [
  '8+years',
  '+8%20',
  '%D9%A8',
  '8,9',
  `${'+'.repeat(19)}8`,
  `${'+'.repeat(20)}8`,
] as const;
const valuesOf = (name: string): fc.Arbitrary<string> => {
  const lists = new Map<string, readonly string[]>(
    Object.entries({
      ageGroup: ['infant', 'child', 'aya', 'adult', 'older_adult', 'nobody', ''],
      phase: ['1', '2', '3', 'na', 'none', 'early_1', '9'],
      availability: ['open', 'closed', 'paused', 'Open'],
      site: [...siteKeysOf(pack), 'elsewhere'],
      siteMatch: ['confirmed', 'network', 'possible'],
      relevance: ['specific', 'includes', 'possible'],
      lineage: ['b', 't', 'x'],
      genomic: ['ph_positive', 'kmt2a'],
      match: ['fits', 'check', 'does_not_fit'],
    }),
  );
  const list = lists.get(name);
  if (list !== undefined)
    return fc
      .array(fc.constantFrom(...list), { minLength: 1, maxLength: 3 })
      .chain((values) => fc.constantFrom(values.join(','), values.join('%2C'), values.join('%2c')));
  if (name.startsWith('age'))
    // Among them one as long as an age may be, and one a sign longer.
    return fc.constantFrom('8', '8y', '18mo', '0', '1.5', '34', '-1', '8%79', '', 'x', ...AROUND_AGES);
  if (name === 'limit') return fc.constantFrom('1', '50', '200', '201', '0', '007', '1e2', '');
  if (name === 'sort') return fc.constantFrom('title', 'updated', 'phase', 'minimum_age', 'size');
  if (name === 'sex') return fc.constantFrom('MALE', 'FEMALE', 'male', 'MALE,FEMALE');
  return fc.oneof(
    fc.constantFrom(
      'car-t',
      'acute+leukemia',
      'acute%20leukemia',
      '%C3%A9t%C3%A9',
      '%ff',
      '%',
      'a=b',
      '...',
      'a#b',
    ),
    fc.string({ maxLength: 12 }).map((text) => text.replaceAll('&', '')),
  );
};
const parameter = fc
  .constantFrom(
    'ageGroup',
    'age',
    'ageMin',
    'ageMax',
    'phase',
    'availability',
    'site',
    'siteMatch',
    'sex',
    'relevance',
    'q',
    'lineage',
    'genomic',
    'match',
    'sort',
    'limit',
    'cursor',
    'nobody',
    '%61ge',
    '__proto__',
    '?phase',
    '',
  )
  .chain((name) => valuesOf(name).map((value) => `${name}=${value}`));
const question = fc
  .array(fc.oneof({ weight: 12, arbitrary: parameter }, fc.constantFrom('', 'phase', '=', '?', 'age==8')), {
    maxLength: 5,
  })
  .map((parts) => parts.join('&'));

describe('reading a question a parameter at a time', () => {
  test('is reading it whole, whenever it is read at all', () => {
    let read = 0;
    fc.assert(
      fc.property(question, (text) => {
        const short = readOnce(text);
        if (short === null) return;
        read++;
        const query = readAsRoute(text) as TrialQuery;
        expect(short).toEqual({ query, told: tellQuestion(query) });
      }),
      { numRuns: 3_000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  test.each([
    ['ageGroup=child&phase=2,3&limit=8&age=400d', true],
    ['q=acute+leukemia&sort=title', true],
    ['phase=2%2C3', true],
    ['', false],
    ['phase=2&phase=3', false],
    ['phase=2&', false],
    ['phase=9', false],
    ['qq', false],
    ['q=%C3%A9t%C3%A9+x', true],
    ['nobody=1', false],
    ['cursor=abc', false],
    ['?phase=2', false],
    ['phase=2#x', false],
  ])('%s is read: %s', (text, isRead) => {
    // Twice: what is known by now is not read more boldly.
    for (let time = 0; time < 2; time++) expect(readOnce(text) !== null).toBe(isRead);
  });
});

test('of two that differ in their age alone the second is read as the first, and right', () => {
  fc.assert(
    fc.property(question, fc.array(valuesOf('age'), { minLength: 2, maxLength: 4 }), (rest, ages) => {
      const read = createQuestionReader(filters);
      for (const age of ages)
        for (const text of [`age=${age}&${rest}`, `${rest}&age=${age}`, `phase=3&age=${age}&limit=2`]) {
          const short = read(text);
          if (short === null) continue;
          const query = readAsRoute(text) as TrialQuery;
          expect(short).toEqual({ query, told: tellQuestion(query) });
        }
    }),
  );
});

test.each([
  ['age=8&age=9', 'age=9&age=8'],
  ['phase=3&age=8&age=9', 'phase=3&age=7&age=9'],
])('two ages are refused, whatever was read before: %s', (first, second) => {
  const read = createQuestionReader(filters);
  expect(read('phase=3&age=8')).not.toBeNull();
  for (const text of [first, second, first]) expect(read(text)).toBeNull();
});

describe('the text of a question', () => {
  test('tells an age where the question has it, whatever else looks like it', () => {
    const ages = fc
      .tuple(fc.integer({ min: 0, max: 1_200 }), fc.constantFrom('d', 'w', 'mo', 'y'))
      .map(([tenths, unit]) => parseAge(`${tenths / 10}${unit}`) as Age);
    const words = fc.constantFrom([], ['age=8y', '"age":"8y"'], ['&age=8y']);
    fc.assert(
      fc.property(question, ages, ages, words, (text, age, other, q) => {
        const asked = { ...(readAsRoute(text) ?? understandFilters({})), q, ageMin: age, age };
        const told = createAgeTeller(asked)(other);
        const query = { ...asked, age: other };
        expect(told).toMatchObject({ text: formatQuery(query), json: JSON.stringify(describeQuery(query)) });
        expect(tellQuestion(query)).toEqual(told);
        expect(tellQuestion({ ...query, limit: query.limit + 1 }).ageless).not.toBe(told.ageless);
        expect(tellQuestion({ ...query, age: null }).ageless).not.toBe(told.ageless);
      }),
    );
  });

  test('is what a form would write, but for commas', () => {
    fc.assert(
      fc.property(question, (text) => {
        const query = readAsRoute(text);
        if (query === null) return;
        const parameters = Object.entries(describeQuery(query)).map(([name, value]): [string, string] => [
          name,
          Array.isArray(value) ? value.join(',') : String(value),
        ]);
        const written = new URLSearchParams(parameters).toString().replaceAll('%2C', ',');
        expect(formatQuery(query)).toBe(written);
        expect(readAsRoute(written)).toEqual(query);
      }),
    );
  });
});
