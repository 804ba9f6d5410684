import { expect, test } from 'vitest';
import { FacetVocabulary, findVocabularyProblems } from '../../src/trials/facet-vocabulary.ts';
import { pack } from '../support/sample.ts';

type Change = (facets: FacetVocabulary['facets']) => void;
const problemsOf = (change: Change): string[] => {
  const vocabulary = structuredClone(pack.facets);
  change(vocabulary.facets);
  return findVocabularyProblems(vocabulary);
};
const facet = (facets: FacetVocabulary['facets'], id: string): FacetVocabulary['facets'][number] => {
  const found = facets.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is unknown`);
  return found;
};

test('the vocabulary of the project has no problem', () => {
  expect(findVocabularyProblems(pack.facets)).toEqual([]);
});

test.each<[string, Change]>([
  ['is there twice', (facets) => void facets.push(structuredClone(facet(facets, 'lineage.b')))],
  ['is of no known group', (facets) => void (facet(facets, 'lineage.b').id = 'colour.b')],
  ['is unknown', (facets) => void (facet(facets, 'lineage.b').contradicts = ['lineage.x'])],
  ['is a kind itself', (facets) => void (facet(facets, 'lineage.t').kindOf = 'lineage.etp')],
  ['is itself or of another group', (facets) => void (facet(facets, 'lineage.b').kindOf = 'lineage.b')],
  ['is itself or of another group', (facets) => void (facet(facets, 'lineage.b').kindOf = 'risk.low')],
  ['could take exponential time', (facets) => void facet(facets, 'lineage.b').patterns.push('(a+)+b')],
  ['does not compile', (facets) => void facet(facets, 'lineage.b').about.push('(')],
  ['matches the empty text', (facets) => void facet(facets, 'lineage.b').patterns.push('b?')],
  ['has no pattern', (facets) => void Object.assign(facet(facets, 'target.cd7'), { patterns: [] })],
])('a problem is told: %s', (words, change) => {
  expect(problemsOf(change).join('\n')).toContain(words);
});

test.each(['lineage.__proto__', 'Lineage.b', 'lineage', 'lineage.B'])('%s is no id of a facet', (id) => {
  const [first, ...others] = pack.facets.facets;
  expect(FacetVocabulary.safeParse({ ...pack.facets, facets: [{ ...first, id }, ...others] }).success).toBe(
    false,
  );
});
