import { describe, expect, test } from 'vitest';
import { buildStudyQueries, STUDY_FIELDS } from '../../src/registry/study-query.ts';
import { pack } from '../support/sample.ts';
import { STUDY_FIELDS_BY_PIECE } from '../support/registry/study-fields.ts';

const queries = buildStudyQueries(pack);

test.each(STUDY_FIELDS)('%s is a piece of the registry’s metadata, and no result', (field) => {
  const known = STUDY_FIELDS_BY_PIECE.get(field);
  expect(known).toBeDefined();
  expect(known?.path[0]).not.toBe('resultsSection');
});

test('sorts by dates that exist', () => {
  for (const { parameters } of queries)
    for (const part of parameters['sort']?.split(',') ?? [])
      expect(STUDY_FIELDS_BY_PIECE.get(part.split(':')[0] ?? '')?.type).toMatch(/Date/);
});

describe.each(queries)('query $name', ({ parameters }) => {
  test('asks for every status, at one place, in quoted phrases', () => {
    expect(parameters['filter.overallStatus']).toBeUndefined();
    expect(parameters['filter.advanced']).toContain(
      'SEARCH[Location](AREA[LocationCity]("Birmingham" OR "Homewood" OR "Hoover" OR "Vestavia Hills" OR "Mountain Brook") AND AREA[LocationState]"Alabama")',
    );
    const phrases = parameters['query.cond'] ?? '';
    expect(phrases.replace(/"[^"]+"/g, '').replaceAll(' OR ', '')).toBe('');
    expect(phrases.split(' OR ').length).toBeLessThanOrEqual(12);
  });

  test('never has the bare word ALL, and fits a request line', () => {
    const text = Object.values(parameters)
      .join(' ')
      .replace(/"[^"]+"/g, '');
    expect(text).not.toMatch(/\bALL\b/);
    expect(new URLSearchParams(parameters).toString().length).toBeLessThan(4_000);
  });
});
