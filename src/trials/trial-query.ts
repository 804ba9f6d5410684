import { z } from 'zod';
import { formatAge, parseAge, type Age } from './age.ts';
import {
  FACET_FILTERS,
  FACET_GROUP,
  FITS,
  forEachFacetFilter,
  type FacetFilter,
  type Fit,
} from './facet-groups.ts';
import { valuesOfGroup, type FacetVocabulary } from './facet-vocabulary.ts';
import { splitWords } from './search-words.ts';
import { MOST_WORDS, USUAL_RULES } from './usual-rules.ts';
import {
  AGE_GROUPS,
  AVAILABILITIES,
  PHASES,
  RELEVANCES,
  SITE_MATCHES,
  SORTS,
  STUDY_TYPES,
  type AgeGroup,
  type Availability,
  type Phase,
  type Relevance,
  type SiteMatch,
  type Sort,
} from './vocabulary.ts';

/** What a caller may ask (contract 5.6 and 6), and what it means. */

const AGE_HINT = 'A number with an optional unit: `8`, `8y`, `18mo`, `6w`, `30d`; years when there is none.';
const LONGEST_AGE = 20;
const AgeText = z
  .string()
  .max(LONGEST_AGE)
  .refine((text) => parseAge(text) !== null, { message: AGE_HINT });
/** The filters that take an age. */
export const AGE_FILTERS = ['age', 'ageMin', 'ageMax'] as const;
export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 200;
const LONGEST_Q = 200;

const many = <Value extends string>(
  values: readonly [Value, ...Value[]],
  { example, description }: { example: Value; description: string },
) =>
  z
    .array(z.enum(values))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: `${description} Values are joined with "or".`, examples: [[example]] });
const ageText = (description: string, example: string) =>
  AgeText.optional().meta({ description: `${description} ${AGE_HINT}`, examples: [example] });

/**
 * The filters as one strict object; site keys are the institution's. The examples together find a trial, because some
 * programs that try a document out send them all.
 */
export function createTrialFiltersSchema(
  siteKeys: readonly [string, ...string[]],
  vocabulary: FacetVocabulary,
) {
  return z.strictObject({
    ageGroup: many(AGE_GROUPS, {
      example: 'child',
      description: 'Age groups that the trial takes, at least in part.',
    }),
    age: ageText('Exact age of the patient.', '8'),
    ageMin: ageText('The trial takes some age from here on.', '5'),
    ageMax: ageText('The trial takes some age up to here.', '39y'),
    phase: many(PHASES, {
      example: '3',
      description: 'Any of the trial’s phases; `none` has no phase at all, which is not `na`.',
    }),
    availability: many(AVAILABILITIES, {
      example: 'open',
      description: 'Availability at the sites that the other filters leave.',
    }),
    site: many(siteKeys, { example: siteKeys[0], description: 'Our sites.' }),
    siteMatch: many(SITE_MATCHES, {
      example: 'confirmed',
      description: 'How surely a site is ours; `confirmed` and `network` unless asked.',
    }),
    sex: z
      .enum(['FEMALE', 'MALE'])
      .optional()
      .describe('Sex of the patient; studies that take everyone always match.'),
    studyType: many(STUDY_TYPES, { example: 'INTERVENTIONAL', description: 'Kinds of study.' }),
    relevance: many(RELEVANCES, {
      example: 'specific',
      description: 'How surely it is about ALL; `specific` and `includes` unless asked.',
    }),
    q: z
      .string()
      .max(LONGEST_Q)
      .refine((text) => splitWords(text).length > 0, { message: 'At least one letter or digit.' })
      .optional()
      .meta({
        description:
          'Words in titles, identifiers, interventions, conditions, sponsors, investigators, such as `AALL1732`; all must be there.',
        examples: ['AALL1732'],
      }),
    ...createFacetFilters(vocabulary),
    match: z
      .array(z.enum(FITS))
      .min(1)
      .max(20)
      .optional()
      .meta({
        description:
          'Which verdicts on the asked facets are listed; `fits` and `check` unless asked. `fitCounts` counts all three. Values are joined with "or".',
        examples: [[...FITS]],
      }),
    sort: z.enum(SORTS).optional().describe('Order of the list; ties by `nctId`.'),
    limit: z
      .int()
      .min(1)
      .max(LIMIT_MAX)
      .optional()
      .describe(`Trials on a page, ${LIMIT_DEFAULT} unless asked.`),
    cursor: z.string().min(1).max(200).optional().describe('Continues a list; from the answer before.'),
  });
}

/** Examples that a real trial of the sample answers together. */
const FACET_EXAMPLES: Readonly<Record<FacetFilter, string>> = {
  lineage: 'b',
  genomic: 'ph_negative',
  population: 'down_syndrome',
  setting: 'newly_diagnosed',
  risk: 'high',
  target: 'cd22',
  therapy: 'inotuzumab',
  purpose: 'supportive',
};

function createFacetFilters(vocabulary: FacetVocabulary) {
  return forEachFacetFilter((group) => {
    const values = valuesOfGroup(vocabulary, group) as [string, ...string[]];
    const whom = FACET_GROUP[group].describes === 'patient' ? 'Of the patient' : 'Of the study';
    return many(values, {
      example: values.includes(FACET_EXAMPLES[group]) ? FACET_EXAMPLES[group] : values[0],
      description: `${whom}, as the text says: ${FACET_GROUP[group].definition} Judged by \`fit\`, see \`match\`.`,
    });
  });
}
export type TrialFilters = z.infer<ReturnType<typeof createTrialFiltersSchema>>;

/** A question as understood: defaults filled in, values in their canonical order, so equal questions are equal. */
export interface TrialQuery extends Readonly<Record<FacetFilter, readonly string[]>> {
  readonly ageGroup: readonly AgeGroup[];
  readonly age: Age | null;
  readonly ageMin: Age | null;
  readonly ageMax: Age | null;
  readonly phase: readonly Phase[];
  readonly availability: readonly Availability[];
  readonly site: readonly string[];
  readonly siteMatch: readonly SiteMatch[];
  readonly sex: 'FEMALE' | 'MALE' | null;
  readonly studyType: readonly string[];
  readonly relevance: readonly Relevance[];
  readonly q: readonly string[];
  readonly match: readonly Fit[];
  readonly sort: Sort;
  readonly limit: number;
}

const NOTHING: readonly never[] = [];

function inOrder<Value extends string>(
  order: readonly Value[],
  asked: readonly Value[] | undefined,
): readonly Value[] {
  return asked === undefined ? NOTHING : order.filter((value) => asked.includes(value));
}

function sorted(asked: readonly string[] | undefined): readonly string[] {
  return asked === undefined ? NOTHING : [...new Set(asked)].toSorted();
}

type Understand<Name extends keyof TrialQuery> = (filters: TrialFilters) => TrialQuery[Name];

const readAge = (text: string | undefined): Age | null => (text === undefined ? null : parseAge(text));

/** What each filter means, by itself: none means anything else beside another. */
const UNDERSTOOD: { readonly [Name in keyof TrialQuery]: Understand<Name> } = {
  ageGroup: ({ ageGroup }) => inOrder(AGE_GROUPS, ageGroup),
  age: ({ age }) => readAge(age),
  ageMin: ({ ageMin }) => readAge(ageMin),
  ageMax: ({ ageMax }) => readAge(ageMax),
  phase: ({ phase }) => inOrder(PHASES, phase),
  availability: ({ availability }) => inOrder(AVAILABILITIES, availability),
  site: ({ site }) => sorted(site),
  siteMatch: ({ siteMatch }) => (siteMatch ? inOrder(SITE_MATCHES, siteMatch) : USUAL_RULES.siteMatch),
  sex: ({ sex }) => sex ?? null,
  studyType: ({ studyType }) => inOrder(STUDY_TYPES, studyType),
  relevance: ({ relevance }) => (relevance ? inOrder(RELEVANCES, relevance) : USUAL_RULES.relevance),
  q: ({ q }) => (q === undefined ? NOTHING : sorted(splitWords(q)).slice(0, MOST_WORDS)),
  ...forEachFacetFilter((group) => (filters: TrialFilters) => sorted(filters[group])),
  match: ({ match }) => (match ? inOrder(FITS, match) : USUAL_RULES.match),
  sort: ({ sort }) => sort ?? 'availability',
  limit: ({ limit }) => limit ?? LIMIT_DEFAULT,
};
const NAMES = Object.keys(UNDERSTOOD) as (keyof TrialQuery)[];

/** Understands filters that have passed the schema. */
export function understandFilters(filters: TrialFilters): TrialQuery {
  return Object.fromEntries(
    NAMES.map((name) => [name, understandFilter(name, filters)]),
  ) as unknown as TrialQuery;
}

/** Understands one of them. */
export function understandFilter<Name extends keyof TrialQuery>(
  name: Name,
  filters: TrialFilters,
): TrialQuery[Name] {
  return UNDERSTOOD[name](filters);
}

/** Understands an age as the schema and the meaning above do together; `null` for what the schema refuses. */
export function understandAge(text: string): Age | null {
  return text.length > LONGEST_AGE ? null : parseAge(text);
}

/** Whether anything is asked that only the text answers. */
export function asksFacets(query: TrialQuery): boolean {
  return FACET_FILTERS.some((group) => query[group].length > 0);
}

type Described = string | number | readonly string[];

/** In the order in which they are told. */
const TOLD = [
  'ageGroup',
  'age',
  'ageMin',
  'ageMax',
  'phase',
  'availability',
  'site',
  'siteMatch',
  'sex',
  'studyType',
  'relevance',
  'q',
  ...FACET_FILTERS,
  'match',
  'sort',
  'limit',
] as const satisfies readonly (keyof TrialQuery)[];

/** The question in the form of answers and links: every filter that is set, in one order, ages in one spelling. */
export function describeQuery(query: TrialQuery): Record<string, Described> {
  const described: Record<string, Described> = {};
  for (const name of TOLD) {
    const value = describeFilter(query, name);
    if (value !== null) described[name] = value;
  }
  return described;
}

function describeFilter(query: TrialQuery, name: (typeof TOLD)[number]): Described | null {
  if (name === 'age' || name === 'ageMin' || name === 'ageMax') return query[name] && formatAge(query[name]);
  if (name === 'match' && !saysMatch(query)) return null;
  const value = query[name];
  if (typeof value !== 'object' || value === null) return value;
  if (value.length === 0) return null;
  return name === 'q' ? value.join(' ') : value;
}

/** Which verdicts are listed is a part of the question only when there are verdicts, or when it was asked for. */
function saysMatch(query: TrialQuery): boolean {
  const { match } = query;
  const isUsual = match === USUAL_RULES.match || match.join() === USUAL_RULES.match.join();
  return !isUsual || asksFacets(query);
}

/** The question as query text, the same for equal questions. Its end is the limit. */
export function formatQuery(query: TrialQuery): string {
  let text = '';
  for (const name of TOLD) {
    const value = describeFilter(query, name);
    if (value === null) continue;
    const told = typeof value === 'object' ? value.join(',') : String(value);
    text += `${text === '' ? '' : '&'}${name}=${encodeText(told)}`;
  }
  return text;
}

/** What forms leave as it is, and commas, which need no code in a query (RFC 3986, section 3.4). */
const PLAIN = /^[\w*.,-]*$/;

function encodeText(text: string): string {
  return PLAIN.test(text)
    ? text
    : new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%2C', ',');
}
