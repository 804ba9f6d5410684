import type { CountedFilter } from '../trials/counted-values.ts';
import { FACET_FILTERS, FITS, type FacetFilter } from '../trials/facet-groups.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  RELEVANCES,
  SITE_MATCHES,
  STUDY_TYPES,
} from '../trials/vocabulary.ts';
import { USUAL_RULES } from '../trials/usual-rules.ts';
import type { Finder } from './finder.ts';
import type { Words } from './words/words.ts';

/** Filters with a closed list of values, in the order in which a patient is described; the rest of the study after. */
const CHOICE_FILTERS = [
  'setting',
  'lineage',
  'genomic',
  'risk',
  'population',
  'sex',
  'ageGroup',
  'availability',
  'site',
  'phase',
  'studyType',
  'therapy',
  'target',
  'purpose',
  'match',
  'relevance',
  'siteMatch',
] as const satisfies readonly (CountedFilter | FacetFilter | 'match')[];
export type ChoiceFilter = (typeof CHOICE_FILTERS)[number];

/** These separate best (domain 5), and are open from the start. */
const OPEN: ReadonlySet<string> = new Set(['setting', 'lineage', 'genomic']);

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly isChecked: boolean;
  /** Words of the vocabulary, which are English in every language. */
  readonly isEnglish: boolean;
}
export interface ChoiceGroup {
  readonly filter: ChoiceFilter;
  readonly title: string;
  readonly isOpen: boolean;
  /** One value or none, instead of any. */
  readonly isSingle: boolean;
  readonly choices: readonly Choice[];
}

/** The filters as a form shows them. */
export function listChoices(finder: Finder, words: Words): ChoiceGroup[] {
  const { query } = finder.asked;
  return CHOICE_FILTERS.map((filter) => {
    const asked: readonly string[] =
      filter === 'sex' ? (query.sex === null ? [] : [query.sex]) : query[filter];
    return {
      filter,
      title: words.clinician.group[filter],
      isOpen: OPEN.has(filter) || !isUsual(filter, asked),
      isSingle: filter === 'sex',
      choices: valuesOf(filter, finder, words).map(([value, label]) => ({
        value,
        label,
        isChecked: asked.includes(value),
        isEnglish: isFacet(filter) || filter === 'site',
      })),
    };
  });
}

function isFacet(filter: ChoiceFilter): filter is FacetFilter {
  return (FACET_FILTERS as readonly string[]).includes(filter);
}

function isUsual(filter: ChoiceFilter, asked: readonly string[]): boolean {
  const usual: readonly string[] =
    filter === 'match' || filter === 'relevance' || filter === 'siteMatch' ? USUAL_RULES[filter] : [];
  return asked.join() === usual.join();
}

type Labelled = readonly [value: string, label: string];

function label<Value extends string>(
  values: readonly Value[],
  texts: Readonly<Record<Value, string>>,
): Labelled[] {
  return values.map((value) => [value, texts[value]]);
}

function valuesOf(filter: ChoiceFilter, finder: Finder, words: Words): readonly Labelled[] {
  return isFacet(filter) ? facetsOf(filter, finder) : VALUES[filter](words, finder);
}

function facetsOf(group: FacetFilter, { facetNames }: Finder): Labelled[] {
  return facetNames
    .filter(({ id }) => id.startsWith(`${group}.`))
    .map(({ id, label }) => [id.slice(group.length + 1), label]);
}

const VALUES: Readonly<
  Record<Exclude<ChoiceFilter, FacetFilter>, (words: Words, finder: Finder) => readonly Labelled[]>
> = {
  ageGroup: ({ ageGroup }) => label(AGE_GROUPS, ageGroup),
  phase: ({ phase, clinician }) =>
    PHASES.map((value) => [value, value === 'none' ? clinician.noPhase : phase[value].label]),
  availability: ({ availability }) => label(AVAILABILITIES, availability),
  site: (_words, { sites }) => sites.map(({ key, name }) => [key, name]),
  siteMatch: ({ clinician }) => label(SITE_MATCHES, clinician.siteMatch),
  sex: ({ clinician }) => [['', clinician.anySex], ...label(['FEMALE', 'MALE'] as const, clinician.sex)],
  studyType: ({ clinician }) => label(STUDY_TYPES, clinician.studyType),
  relevance: ({ clinician }) => label(RELEVANCES, clinician.relevance),
  match: ({ clinician }) => label(FITS, clinician.verdict),
};

/** What a chip says of a value. */
export function findLabel(groups: readonly ChoiceGroup[], filter: string, value: string): string {
  const group = groups.find((one) => one.filter === filter);
  return group?.choices.find((choice) => choice.value === value)?.label ?? value;
}
