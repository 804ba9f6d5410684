import { valuesOf, type Term } from './vocabulary.ts';

/** What the text of a study can say of a patient or of the study: the closed lists, which the browser shares. */

/** Kinds of facets. All but `disease`, which belonging decides, are filters of their own (contract 5.5). */
export const FACET_GROUP = {
  disease: { label: 'Disease', definition: 'ALL itself and lymphoblastic lymphoma.', describes: 'patient' },
  lineage: { label: 'Type of leukemia', definition: 'The cells that it came from.', describes: 'patient' },
  genomic: { label: 'Genetics', definition: 'Changes of genes and chromosomes.', describes: 'patient' },
  population: { label: 'Special groups', definition: 'Down syndrome, infants.', describes: 'patient' },
  setting: {
    label: 'Where in treatment',
    definition: 'From diagnosis to survivorship.',
    describes: 'patient',
  },
  risk: { label: 'Risk group', definition: 'Risk as the study team assigns it.', describes: 'patient' },
  target: { label: 'Target', definition: 'What the treatment aims at.', describes: 'study' },
  therapy: {
    label: 'Treatment',
    definition: 'What is studied; from titles and interventions.',
    describes: 'study',
  },
  purpose: { label: 'Kind of study', definition: 'Supportive care, biology.', describes: 'study' },
} as const satisfies Record<string, Term & { describes: 'patient' | 'study' }>;
export type FacetGroup = keyof typeof FACET_GROUP;
export const FACET_GROUPS = valuesOf(FACET_GROUP);

/** The groups that a caller can ask for. */
export const FACET_FILTERS = [
  'lineage',
  'genomic',
  'population',
  'setting',
  'risk',
  'target',
  'therapy',
  'purpose',
] as const satisfies readonly FacetGroup[];
export type FacetFilter = (typeof FACET_FILTERS)[number];

/** One value for each facet filter. */
export function forEachFacetFilter<Value>(
  valueOf: (group: FacetFilter) => Value,
): Record<FacetFilter, Value> {
  const entries = FACET_FILTERS.map((group) => [group, valueOf(group)] as const);
  return Object.fromEntries(entries) as Record<FacetFilter, Value>;
}

/** What a text says of a facet (contract 4, domain 6). */
export const POLARITY = {
  required: { label: 'Required', definition: 'What the patient has to be, or one of the alternatives.' },
  allowed: { label: 'Allowed', definition: 'May be present and is not needed.' },
  excluded: { label: 'Excluded', definition: 'Patients with it are not taken.' },
  excluded_if: {
    label: 'Excluded on a condition',
    definition: 'Not taken when something else holds as well.',
  },
  mentioned: { label: 'Mentioned', definition: 'Named without saying who is taken.' },
} as const satisfies Record<string, Term>;
export type Polarity = keyof typeof POLARITY;
export const POLARITIES = valuesOf(POLARITY);

/** Whether a trial takes a patient with the asked facets, as far as its text says. Never a medical judgement. */
export const FIT = {
  fits: { label: 'Fits', definition: 'The text asks for it, allows it, or restricts nothing of that kind.' },
  check: {
    label: 'Check',
    definition: 'The text is unclear, conditional, or asks for something else of that kind.',
  },
  does_not_fit: {
    label: 'Does not fit',
    definition: 'The text excludes it outright or asks for the contrary.',
  },
} as const satisfies Record<string, Term>;
export type Fit = keyof typeof FIT;
export const FITS = valuesOf(FIT);

/** The group of a facet: what stands before the dot of its id. */
export function groupOfFacet(id: string): FacetGroup {
  return id.slice(0, id.indexOf('.')) as FacetGroup;
}
