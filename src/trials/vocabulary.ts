/**
 * The words of the service: every enumeration with its values in order, a label and a definition.
 * Registry values keep their spelling; words for people live only here.
 */

/** One value of an enumeration, as `/v1/vocabulary` shows it. */
export interface Term {
  readonly label: string;
  readonly definition: string;
}

/** The values of a table of terms, in their order. */
export function valuesOf<Value extends string>(terms: Readonly<Record<Value, Term>>): [Value, ...Value[]] {
  return Object.keys(terms) as [Value, ...Value[]];
}

/** Whether a trial takes new patients at our sites, best first: the order decides which site speaks for the trial. */
export const AVAILABILITY = {
  open: { label: 'Open to new patients here', definition: 'The study recruits and our site recruits.' },
  by_invitation: {
    label: 'By invitation only',
    definition: 'The study team invites people; ask the care team.',
  },
  opening_soon: { label: 'Opening soon', definition: 'Approved or planned here, not yet recruiting.' },
  unknown: {
    label: 'Ask us if this is open',
    definition: 'The registry does not say whether our site recruits.',
  },
  paused: { label: 'On hold', definition: 'Recruitment is suspended and may start again.' },
  closed: { label: 'Not taking new patients', definition: 'The study or our site no longer recruits.' },
} as const satisfies Record<string, Term>;
export type Availability = keyof typeof AVAILABILITY;
export const AVAILABILITIES = valuesOf(AVAILABILITY);

/** Our age groups: half-open ranges in years that overlap (contract 5.1). */
export const AGE_GROUP = {
  infant: { label: 'Infants', definition: 'Younger than 1 year.', fromYears: 0, beforeYears: 1 },
  child: { label: 'Children', definition: 'Younger than 18 years.', fromYears: 0, beforeYears: 18 },
  aya: {
    label: 'Adolescents and young adults',
    definition: '15 to 39 years.',
    fromYears: 15,
    beforeYears: 40,
  },
  adult: { label: 'Adults', definition: '18 to 64 years.', fromYears: 18, beforeYears: 65 },
  older_adult: {
    label: 'Older adults',
    definition: '65 years and older.',
    fromYears: 65,
    beforeYears: null,
  },
} as const satisfies Record<string, Term & { fromYears: number; beforeYears: number | null }>;
export type AgeGroup = keyof typeof AGE_GROUP;
export const AGE_GROUPS = valuesOf(AGE_GROUP);

/** Phases as a caller asks for them; `none` (no phase at all) is not `na` (contract 5.2). */
export const PHASE = {
  early_1: {
    label: 'Early Phase 1',
    definition: 'First tests in very few people; not meant to treat.',
    registryValue: 'EARLY_PHASE1',
  },
  '1': { label: 'Phase 1', definition: 'Finds a safe dose.', registryValue: 'PHASE1' },
  '2': {
    label: 'Phase 2',
    definition: 'Checks if it works and keeps watching safety.',
    registryValue: 'PHASE2',
  },
  '3': { label: 'Phase 3', definition: 'Compares with the usual treatment.', registryValue: 'PHASE3' },
  '4': { label: 'Phase 4', definition: 'Studies an approved treatment.', registryValue: 'PHASE4' },
  na: {
    label: 'Not applicable',
    definition: 'An interventional study without phases, for example of exercise, coping or devices.',
    registryValue: 'NA',
  },
  none: {
    label: 'No phase',
    definition: 'Observational studies and expanded access: the record has no phases.',
    registryValue: null,
  },
} as const satisfies Record<string, Term & { registryValue: string | null }>;
export type Phase = keyof typeof PHASE;
/** In clinical order: integer-like keys would otherwise come first. */
export const PHASES: [Phase, ...Phase[]] = ['early_1', '1', '2', '3', '4', 'na', 'none'];

/** How sure we are that a facility string is ours (contract 3). */
export const SITE_KIND = {
  confirmed: { label: 'Ours', definition: 'The facility is named as one of ours.' },
  network: {
    label: 'In our network',
    definition: 'A hospital of the health system that is not the main campus.',
  },
  possible: {
    label: 'Possibly ours',
    definition: 'A site in our city whose name the sponsor withholds or garbles; never presented as ours.',
  },
  elsewhere: { label: 'Not ours', definition: 'Another organisation in our city.' },
} as const satisfies Record<string, Term>;
export type SiteKind = keyof typeof SITE_KIND;
export const SITE_KINDS = valuesOf(SITE_KIND);

/** The kinds a trial's `sites` can have: a site elsewhere is only counted. */
export const SITE_MATCHES = ['confirmed', 'network', 'possible'] as const satisfies readonly SiteKind[];
export type SiteMatch = (typeof SITE_MATCHES)[number];

/** How surely a study is about ALL (contract 5.4). */
export const RELEVANCE = {
  specific: {
    label: 'About ALL',
    definition: 'Conditions, keywords, titles or MeSH terms name ALL or lymphoblastic lymphoma.',
  },
  includes: {
    label: 'Takes ALL patients',
    definition: 'A study of several diseases whose inclusion criteria name ALL.',
  },
  possible: {
    label: 'May take ALL patients',
    definition: 'A study of leukemias or blood diseases that does not name ALL; ask the team.',
  },
} as const satisfies Record<string, Term>;
export type Relevance = keyof typeof RELEVANCE;
export const RELEVANCES = valuesOf(RELEVANCE);

/** Why a study that the registry proposed is not on the list. The list of reasons is closed. */
export const EXCLUSION_REASON = {
  no_site_here: {
    label: 'No site here',
    definition: 'None of its sites is ours, in our network or possibly ours.',
  },
  all_only_excluded: {
    label: 'ALL only in the exclusion criteria',
    definition: 'The text names ALL only to keep ALL patients out.',
  },
  other_disease: {
    label: 'Another disease',
    definition: 'A blood or cancer study that plainly concerns other diseases.',
  },
  all_not_named: {
    label: 'ALL is not named',
    definition: 'Neither ALL nor a group of diseases that includes it is named.',
  },
} as const satisfies Record<string, Term>;
export type ExclusionReason = keyof typeof EXCLUSION_REASON;
export const EXCLUSION_REASONS = valuesOf(EXCLUSION_REASON);

/** Remarks on a trial that a reader should see beside its status. */
export const NOTICE = {
  status_conflict: {
    label: 'Conflicting status',
    definition: 'The study is closed while our site still shows another status.',
  },
  lapsed: {
    label: 'Status lapsed',
    definition: 'The record was not kept up; its frozen site status says recruiting.',
  },
  unverified: {
    label: 'Not verified lately',
    definition: 'The study team last verified the record more than 18 months before the data date.',
  },
  age_text_conflict: {
    label: 'Ages in the text differ',
    definition: 'The criteria state other ages than the structured bounds.',
  },
  site_name_withheld: {
    label: 'Site name withheld',
    definition: 'The sponsor does not name the facility in our city.',
  },
  unknown_value: { label: 'Unknown value', definition: 'The record holds a value that we do not know.' },
  previous_version: {
    label: 'Earlier version shown',
    definition: 'The current record could not be read; this is the last version that could.',
  },
} as const satisfies Record<string, Term>;
export type NoticeCode = keyof typeof NOTICE;
export const NOTICE_CODES = valuesOf(NOTICE);

/** What the registry's staff at the institution could mend. The list is closed. */
export const QUALITY_CODE = {
  site_open_study_closed: {
    label: 'Site open, study closed',
    definition: 'Our site still shows another status although the study is closed.',
  },
  unverified: {
    label: 'Not verified for 18 months',
    definition: 'The record was last verified more than 18 months before the data date.',
  },
  no_contact_here: {
    label: 'No contact at our site',
    definition: 'Our site takes or may take patients and lists neither telephone nor e-mail.',
  },
  site_name_withheld: {
    label: 'Site name withheld',
    definition: 'A site in our city is not named, or its name is garbled.',
  },
  age_text_conflict: {
    label: 'Ages in the text differ',
    definition: 'A sentence of the criteria states other ages than the structured bounds.',
  },
  loose_facility: {
    label: 'Odd spelling of the facility',
    definition: 'Only a pattern for odd spellings recognised the facility as ours.',
  },
  condition_not_listed: {
    label: 'ALL only in the criteria',
    definition: 'The criteria take ALL patients and the conditions do not name ALL.',
  },
} as const satisfies Record<string, Term>;
export type QualityCode = keyof typeof QUALITY_CODE;
export const QUALITY_CODES = valuesOf(QUALITY_CODE);

/** Sex that a study takes, in the registry's values. */
export const SEX = {
  ALL: { label: 'Everyone', definition: 'People of any sex.' },
  FEMALE: { label: 'Female', definition: 'Women and girls only.' },
  MALE: { label: 'Male', definition: 'Men and boys only.' },
} as const satisfies Record<string, Term>;
export type Sex = keyof typeof SEX;

/** Kind of study, in the registry's values. */
export const STUDY_TYPE = {
  INTERVENTIONAL: {
    label: 'Interventional',
    definition: 'Participants receive an intervention by protocol.',
  },
  OBSERVATIONAL: { label: 'Observational', definition: 'Participants are observed; nothing is assigned.' },
  EXPANDED_ACCESS: {
    label: 'Expanded access',
    definition: 'Treatment with an investigational product outside a trial.',
  },
} as const satisfies Record<string, Term>;
export type StudyType = keyof typeof STUDY_TYPE;
export const STUDY_TYPES = valuesOf(STUDY_TYPE);

/** The registry's 14 statuses of a study. */
export const OVERALL_STATUS = {
  RECRUITING: { label: 'Recruiting', definition: 'The study takes new participants at some site.' },
  NOT_YET_RECRUITING: { label: 'Not yet recruiting', definition: 'The study has not started to recruit.' },
  ENROLLING_BY_INVITATION: {
    label: 'Enrolling by invitation',
    definition: 'Participants are invited from a chosen group.',
  },
  ACTIVE_NOT_RECRUITING: {
    label: 'Active, not recruiting',
    definition: 'The study goes on and takes no new participants.',
  },
  SUSPENDED: { label: 'Suspended', definition: 'Stopped early and may start again.' },
  TERMINATED: { label: 'Terminated', definition: 'Stopped early and will not start again.' },
  COMPLETED: { label: 'Completed', definition: 'Ended normally.' },
  WITHDRAWN: { label: 'Withdrawn', definition: 'Stopped before the first participant.' },
  UNKNOWN: {
    label: 'Unknown status',
    definition: 'Past its completion date and not verified for two years.',
  },
  AVAILABLE: { label: 'Available', definition: 'Expanded access is available.' },
  TEMPORARILY_NOT_AVAILABLE: {
    label: 'Temporarily not available',
    definition: 'Expanded access is on hold.',
  },
  NO_LONGER_AVAILABLE: { label: 'No longer available', definition: 'Expanded access has ended.' },
  APPROVED_FOR_MARKETING: { label: 'Approved for marketing', definition: 'The product has been approved.' },
  WITHHELD: { label: 'Withheld', definition: 'The record is posted with delay.' },
} as const satisfies Record<string, Term>;
export type OverallStatus = keyof typeof OVERALL_STATUS;

/** Whether an age lies in a trial's range, and how firmly. */
export const AGE_FIT = {
  yes: { label: 'In the age range', definition: "The age lies in the trial's range." },
  edge: {
    label: 'Right at the age limit',
    definition: 'The age lies in the last unit of the maximum; ask the study team.',
  },
} as const satisfies Record<string, Term>;
export type AgeFit = keyof typeof AGE_FIT;
export const AGE_FITS = valuesOf(AGE_FIT);

/** Orders of a list; ties are broken by `nctId`. */
export const SORT = {
  availability: { label: 'Availability', definition: 'Open trials first.' },
  updated: { label: 'Last update', definition: 'The most recently updated record first.' },
  phase: { label: 'Phase', definition: 'Latest phase first; trials without a phase last.' },
  title: { label: 'Title', definition: 'By brief title.' },
  minimum_age: { label: 'Minimum age', definition: 'Youngest minimum age first.' },
} as const satisfies Record<string, Term>;
export type Sort = keyof typeof SORT;
export const SORTS = valuesOf(SORT);

/** Where the list being served came from. */
export const SNAPSHOT_SOURCE = {
  registry: { label: 'Registry', definition: 'Fetched from the registry by this process.' },
  shared: { label: 'Shared', definition: 'Read from the store that all replicas share.' },
  saved: { label: 'Saved', definition: 'Read from a file that an earlier process saved.' },
  bundled: { label: 'Bundled sample', definition: 'Real records of past days; not the current list.' },
} as const satisfies Record<string, Term>;
export type SnapshotSource = keyof typeof SNAPSHOT_SOURCE;
export const SNAPSHOT_SOURCES = valuesOf(SNAPSHOT_SOURCE);
