import { z } from 'zod';
import type { FacetVocabulary } from './facet-vocabulary.ts';
import { AGE_GROUPS, SITE_KINDS } from './vocabulary.ts';

/** A regular expression from a pack: bounded in length; compiled, checked for linear time and tried when the pack is read. */
const Pattern = z.string().min(1).max(400);
const Phrase = z
  .string()
  .min(3)
  .max(100)
  .regex(/^[A-Za-z][A-Za-z0-9 ,-]*$/, 'letters, digits, spaces, commas and hyphens only');
/** The registry refuses 13 or more OR-ed expanding terms in one query (`Too complicated query`). */
const QueryPhrases = z.array(Phrase).min(1).max(12);
const Examples = z.array(z.string().max(300));

const FallbackContact = z.strictObject({
  name: z.string(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  url: z.url().nullable(),
});

const PackSite = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
  name: z.string().min(1),
  population: z.enum(['pediatric', 'adult', 'all']),
  kind: z.enum(SITE_KINDS),
  /** Tried in order on the folded facility (see `foldFacility`); an empty facility is the empty string. */
  patterns: z.array(Pattern),
  /** Tried last at this site: the match counts, and the quality report asks for a better spelling. */
  loosePatterns: z.array(Pattern),
  mustMatch: Examples,
  mustNotMatch: Examples,
  contact: FallbackContact.nullable(),
});
export type PackSite = z.infer<typeof PackSite>;

const PackCondition = z.strictObject({
  label: z.string(),
  shortLabel: z.string(),
  meshIds: z.array(z.string().regex(/^[CD]\d{6,9}$/)),
  /** Quoted phrases for the registry, per query: in conditions and titles, in the criteria, and for baskets. */
  queryPhrases: QueryPhrases,
  criteriaPhrases: QueryPhrases,
  basketPhrases: QueryPhrases,
  /** What we ourselves accept as naming the condition; case counts in the second list. */
  patterns: z.array(Pattern).min(1),
  patternsCaseSensitive: z.array(Pattern),
  mustMatch: Examples,
  mustNotMatch: Examples,
  /** Groups of diseases that include the condition without naming it; `generic` ones are too wide to outweigh a title. */
  basketPatterns: z.array(Pattern),
  genericBasketPatterns: z.array(Pattern),
  /** Diseases that are not the condition; they are cut out before a basket is looked for. */
  otherDiseasePatterns: z.array(Pattern),
  /** Any cancer or blood disease: tells "another disease" from "not about this at all" when neither is kept. */
  widerDiseasePatterns: z.array(Pattern),
});
export type PackCondition = z.infer<typeof PackCondition>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const PackPlace = z.strictObject({
  city: z.string().min(1),
  nearbyCities: z.array(z.string().min(1)).max(8),
  state: z.string().min(1),
  stateAbbreviation: z.string().length(2),
  country: z.string().min(1),
  /** Where days of the pages are counted. */
  timeZone: z.string().refine(isTimeZone, 'a time zone, for example America/Chicago'),
});
export type PackPlace = z.infer<typeof PackPlace>;

/** A pack as its file holds it (contract 3). */
export const InstitutionPackFile = z.strictObject({
  $schema: z.string().optional(),
  key: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
  name: z.string().min(1),
  condition: PackCondition,
  place: PackPlace,
  sites: z.array(PackSite).min(1),
  /** The file of the facets, beside the pack. */
  facetFile: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}\.json$/),
  ageGroups: z.array(z.enum(AGE_GROUPS)).min(1),
  links: z.strictObject({ institution: z.url(), condition: z.url(), clinicalTrials: z.url() }),
});

/** Everything that is particular to one institution and one disease, its facets included. */
export type InstitutionPack = z.infer<typeof InstitutionPackFile> & { readonly facets: FacetVocabulary };
