import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFacetFinder } from '../../src/eligibility/find-facets.ts';
import { normalizeStudy } from '../../src/registry/normalize-study.ts';
import { Study } from '../../src/registry/study.ts';
import { createSiteMatcher } from '../../src/trials/match-site.ts';
import { Trial } from '../../src/trials/trial.ts';
import { pack } from '../support/sample.ts';

/** Real records, each there because it shows an oddity; `SOURCES.tsv` beside them says which. */
const folder = new URL('../fixtures/studies/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const sources = readFileSync(new URL('SOURCES.tsv', folder), 'utf8').trimEnd().split('\n').slice(1);
const matchSite = createSiteMatcher(pack);
const normalize = (name: string) => {
  const study: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  return normalizeStudy(Study.parse(study), {
    matchSite,
    findFacets: createFacetFinder(pack.facets),
    asOf: '2026-11-24',
    modifications: '/v1/meta',
  });
};

test('every fixture has its source, and every source its fixture', () => {
  expect(sources.map((line) => `${line.split('\t')[0]}.json`)).toEqual(
    names.toSorted((one, other) => (one < other ? -1 : 1)),
  );
  expect(names.length).toBeGreaterThan(15);
});

describe.each(names)('%s', (name) => {
  const { trial, unknownValues } = normalize(name);

  test('normalizes to a trial by its schema, with nothing unknown', () => {
    const whole = { ...trial, relevance: { tier: 'possible', evidence: [] } };
    expect(Trial.strict().parse(whole)).toEqual(whole);
    expect(unknownValues).toEqual([]);
  });

  test('has age groups that agree with its stdAges', () => {
    expect(trial.ageGroups.includes('child')).toBe(trial.stdAges.includes('CHILD'));
    expect(trial.ageGroups.includes('adult')).toBe(trial.stdAges.includes('ADULT'));
    expect(trial.ageGroups.includes('older_adult')).toBe(trial.stdAges.includes('OLDER_ADULT'));
  });

  test('has no site of ours unless it is in our state', () => {
    for (const site of trial.sites) expect(site.state).toMatch(/^(?:Alabama|AL)$/);
  });

  test('has plain text without escapes, entities or tags', () => {
    const text = [
      trial.eligibilityCriteria.text,
      trial.briefSummary ?? '',
      trial.detailedDescription ?? '',
    ].join(' ');
    expect(text).not.toMatch(/\\[<>[\]^~*]|&(?:gt|lt|amp|nbsp);|<\/?(?:br|p|b|sup|li|ul)>/);
  });
});
