import { z } from 'zod';
import { findPatternProblem } from './check-pattern.ts';
import { FACET_FILTERS, FACET_GROUPS, groupOfFacet, type FacetGroup } from './facet-groups.ts';

/** What the text of a study can say of a patient or of the study: the shape of the vocabulary and its closed lists. */

/** The parts of a study in which facets are looked for. */
export const FACET_SCOPES = ['titles', 'conditions', 'summary', 'criteria', 'interventions'] as const;
export type FacetScope = (typeof FACET_SCOPES)[number];

const Pattern = z.string().min(1).max(400);
const FacetIdText = z.string().regex(/^[a-z]+\.[a-z0-9][a-z0-9_]*$/);

const FacetTerm = z.strictObject({
  id: FacetIdText,
  label: z.string().min(1),
  /** The label in plain words. */
  patientLabel: z.string().min(1),
  /** Where it counts; the criteria of exclusion are part of the criteria. */
  scope: z.array(z.enum(FACET_SCOPES)).min(1),
  codes: z.partialRecord(z.enum(['ncit', 'mesh', 'snomed', 'icd10cm']), z.array(z.string())),
  /** The wider facet that it is a kind of: whoever has this one has that one. */
  kindOf: FacetIdText.nullable(),
  /** Facets that no patient has together with this one. */
  contradicts: z.array(FacetIdText),
  /** Whoever has it is younger than this; a study that begins later takes nobody with it. */
  beforeDays: z.int().min(1).max(50_000).nullable(),
  /** A disease beside the condition: that a study also takes it restricts nobody else (Burkitt leukemia). */
  otherDisease: z.boolean(),
  /** Regular expressions; case counts only in the second list. */
  patterns: z.array(Pattern),
  patternsCaseSensitive: z.array(Pattern),
  /** A naming that overlaps one of these is none: "relapse-free". */
  notOverlapping: z.array(Pattern),
  /** No naming counts in a sentence with one of these: "breastfeed". */
  notInSentence: z.array(Pattern),
  /** In a sentence with one of these an exclusion is outright, whatever adjective narrows it. */
  outright: z.array(Pattern),
  /** In a sentence with one of these an exclusion is of a part only, and the verdict is `check`: "allogeneic" transplants. */
  narrowing: z.array(Pattern),
  /** Without one of these an exclusion may be of something else ("recurrent infections"), and the verdict is `check`. */
  about: z.array(Pattern),
  /** A title with one of these may mean this facet too ("B- or T-ALL"): no contrary is drawn from it. */
  hintedBy: z.array(Pattern),
  /** When there are any, a title demands this facet only with one of these: "relapsed", not "prevent relapse". */
  asState: z.array(Pattern),
});
export type FacetTerm = z.infer<typeof FacetTerm>;

/** The facets of one disease, versioned data beside the institution pack. */
export const FacetVocabulary = z.strictObject({
  version: z.iso.date(),
  /** Namings of the condition itself, and of diseases beside it: "Ph+ CML" excludes nobody with Ph+ ALL. */
  ownDisease: z.array(Pattern).min(1),
  otherDiseases: z.array(Pattern),
  facets: z.array(FacetTerm).min(1).max(200),
});
export type FacetVocabulary = z.infer<typeof FacetVocabulary>;

/** The values of a facet filter: what stands behind the dot. */
export function valuesOfGroup(vocabulary: FacetVocabulary, group: FacetGroup): string[] {
  return vocabulary.facets
    .filter(({ id }) => groupOfFacet(id) === group)
    .map(({ id }) => id.slice(group.length + 1));
}

/** What is wrong with a vocabulary beyond its shape; each problem is one line for the operator. */
export function findVocabularyProblems({ facets, ownDisease, otherDiseases }: FacetVocabulary): string[] {
  const ids = facets.map(({ id }) => id);
  const references = facets.flatMap(({ id, kindOf, contradicts }) =>
    [...(kindOf === null ? [] : [kindOf]), ...contradicts].map((other) => ({ id, other })),
  );
  const patterns = [...ownDisease, ...otherDiseases, ...facets.flatMap(patternsOf)];
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `facet ${id} is there twice`),
    ...ids
      .filter((id) => !FACET_GROUPS.includes(groupOfFacet(id)))
      .map((id) => `facet ${id} is of no known group`),
    ...FACET_FILTERS.filter((group) => !ids.some((id) => groupOfFacet(id) === group)).map(
      (group) => `group ${group} has no facet`,
    ),
    ...references
      .filter(({ other }) => !ids.includes(other))
      .map(({ id, other }) => `facet ${id} refers to ${other}, which is unknown`),
    ...facets
      .filter(({ kindOf }) => facets.some((wider) => wider.id === kindOf && wider.kindOf !== null))
      .map(({ id, kindOf }) => `facet ${id} is a kind of ${kindOf}, which is a kind itself`),
    ...references
      .filter(({ id, other }) => groupOfFacet(other) !== groupOfFacet(id) || other === id)
      .map(({ id, other }) => `facet ${id} refers to ${other}, which is itself or of another group`),
    ...facets
      .filter((facet) => facet.patterns.length + facet.patternsCaseSensitive.length === 0)
      .map(({ id }) => `facet ${id} has no pattern`),
    ...patterns.flatMap(findNamingProblem),
  ];
}

function patternsOf(facet: FacetTerm): string[] {
  const { patterns, patternsCaseSensitive, notOverlapping, notInSentence } = facet;
  const { outright, narrowing, about, hintedBy, asState } = facet;
  return [
    patterns,
    patternsCaseSensitive,
    notOverlapping,
    notInSentence,
    outright,
    narrowing,
    about,
    hintedBy,
    asState,
  ].flat();
}

/** A pattern that matches nothing names everything. */
function findNamingProblem(pattern: string): string[] {
  const problems = findPatternProblem(pattern);
  if (problems.length > 0) return problems;
  return new RegExp(pattern, 'iu').test('') ? [`pattern ${pattern} matches the empty text`] : [];
}
