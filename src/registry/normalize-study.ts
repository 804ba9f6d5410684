import { ageGroupsOf, ageRangeLabel, parseAgeRange } from '../trials/age.ts';
import { bestAvailability, siteAvailability } from '../trials/availability.ts';
import type { FacetFinder } from '../eligibility/find-facets.ts';
import { findAgeConflict } from '../eligibility/age-in-text.ts';
import type { PackSite } from '../trials/institution-pack.ts';
import type { ListedSite, SiteMatchResult } from '../trials/match-site.ts';
import { isPartialDate, monthsBetween, type PartialDate } from '../trials/partial-date.ts';
import { phaseLabel } from '../trials/phases.ts';
import { runSteps } from '../trials/run-steps.ts';
import type { Contact, Notice, SiteEvidence, Trial, TrialContact, TrialSite } from '../trials/trial.ts';
import {
  OVERALL_STATUS,
  PHASE,
  SEX,
  STUDY_TYPE,
  type NoticeCode,
  type SiteMatch,
} from '../trials/vocabulary.ts';
import { splitCriteria } from '../eligibility/parse-criteria.ts';
import type { StudyText } from '../eligibility/study-sentences.ts';
import { plainText, plainTitle } from './plain-text.ts';
import { readVersionHolder, type Study, type StudyContact, type StudyLocation } from './study.ts';

/** A value that the registry gave and that we do not know; it is kept as it is and reported. */
export interface UnknownValue {
  readonly field: string;
  readonly value: string;
}

/** What normalizing needs besides the study itself. */
export interface NormalizeContext {
  readonly matchSite: (listed: ListedSite) => SiteMatchResult | null;
  readonly findFacets: FacetFinder;
  /** Sites that were left out of the study when it was saved, and still count as elsewhere. */
  readonly leftOutSitesCount?: number;
  /** The day against which "not verified for 18 months" is told; from the data, never from the clock. */
  readonly asOf: PartialDate;
  /** The day of the data for a record that does not carry its own (converted records of the sample). */
  readonly dataDate?: PartialDate | null;
  /** Where our modifications are described. */
  readonly modifications: string;
}

/** A trial without its relevance, which `belongs` adds; and what there is to say of its making. */
export interface NormalizedStudy {
  readonly trial: Omit<Trial, 'relevance'>;
  readonly unknownValues: UnknownValue[];
  readonly siteMatches: SiteEvidence[];
  /** Facilities in our city that are another organisation's. */
  readonly otherFacilities: string[];
}

const UNVERIFIED_AFTER_MONTHS = 18;
const SITE_STATUSES = new Set([
  'RECRUITING',
  'NOT_YET_RECRUITING',
  'ENROLLING_BY_INVITATION',
  'ACTIVE_NOT_RECRUITING',
  'SUSPENDED',
  'COMPLETED',
  'TERMINATED',
  'WITHDRAWN',
  'AVAILABLE',
]);
const STD_AGES = new Set(['CHILD', 'ADULT', 'OLDER_ADULT']);
const PHASE_VALUES = new Set<string | null>(Object.values(PHASE).map((phase) => phase.registryValue));

/** Study to trial: the one place where the registry's record becomes ours. Every rule it calls names its source. */
export function normalizeStudy(study: Study, context: NormalizeContext): NormalizedStudy {
  return runSteps(normalizeInSteps(study, context));
}

/** The same, and gives way between steps. */
export function* normalizeInSteps(
  study: Study,
  context: NormalizeContext,
): Generator<undefined, NormalizedStudy> {
  const unknownValues: UnknownValue[] = findUnknownValues(study);
  const { sites, packSites, otherSitesCount, siteMatches, otherFacilities } = readSites(study, context);
  const ages = readAges(study, unknownValues);
  const dates = readDates(study, unknownValues);
  const module = modulesOf(study);
  const status = module.status;
  const trial: Omit<Trial, 'relevance'> = {
    nctId: module.identification.nctId,
    aliases: (module.identification.nctIdAliases ?? []).map(plainTitle),
    orgStudyId: title(module.identification.orgStudyIdInfo?.id),
    secondaryIds: titles((module.identification.secondaryIdInfos ?? []).map(({ id }) => id)),
    acronym: title(module.identification.acronym),
    briefTitle: title(module.identification.briefTitle) ?? module.identification.nctId,
    officialTitle: title(module.identification.officialTitle),
    briefSummary: markdown(module.description?.briefSummary),
    detailedDescription: markdown(module.description?.detailedDescription),
    url: `https://clinicaltrials.gov/study/${module.identification.nctId}`,
    studyType: title(module.design?.studyType),
    phases: titles(module.design?.phases ?? []),
    phaseLabel: phaseLabel(module.design?.phases ?? [], module.design?.studyType ?? null),
    overallStatus: plainTitle(status.overallStatus),
    lastKnownStatus: title(status.lastKnownStatus),
    whyStopped: title(status.whyStopped),
    statusVerified: dates.statusVerified,
    availability: bestAvailability(sites),
    sites,
    otherSitesCount,
    contacts: orderContacts(sites, packSites, module.places?.centralContacts ?? []),
    sex: title(module.eligibility?.sex),
    ...ages,
    healthyVolunteers: module.eligibility?.healthyVolunteers ?? null,
    conditions: titles(module.conditions?.conditions ?? []),
    keywords: titles(module.conditions?.keywords ?? []),
    meshTerms: readMeshTerms(study),
    interventions: (module.arms?.interventions ?? []).flatMap(({ type, name }) => {
      const cleanName = title(name);
      return cleanName === null ? [] : [{ type: title(type), name: cleanName }];
    }),
    leadSponsor: organisations([module.sponsors?.leadSponsor ?? {}])[0] ?? null,
    collaborators: organisations(module.sponsors?.collaborators ?? []),
    enrollment: readEnrollment(study),
    eligibilityCriteria: readCriteria(module.eligibility?.eligibilityCriteria),
    investigators: (module.places?.overallOfficials ?? []).flatMap(({ name, role, affiliation }) => {
      const cleanName = title(name);
      return cleanName === null
        ? []
        : [{ name: cleanName, role: title(role), affiliation: title(affiliation) }];
    }),
    dates: dates.dates,
    facets: [],
    notices: [],
    hasResults: study.hasResults ?? false,
    source: {
      name: 'ClinicalTrials.gov',
      dataDate: readVersionHolder(study) ?? context.dataDate ?? null,
      modified: true,
      modifications: context.modifications,
    },
  };
  yield;
  const facets = yield* context.findFacets(readText(trial, study));
  return {
    trial: {
      ...trial,
      facets,
      notices: findNotices(trial, unknownValues, context.asOf),
    },
    unknownValues,
    siteMatches,
    otherFacilities,
  };
}

/** What facets are read from. Descriptions of interventions stay out: they name earlier and other treatments too. */
function readText(trial: Omit<Trial, 'relevance'>, study: Study): StudyText {
  const arms = study.protocolSection.armsInterventionsModule;
  const { briefTitle, officialTitle, acronym, conditions, keywords, meshTerms, briefSummary } = trial;
  return {
    briefTitle,
    officialTitle,
    acronym,
    conditions,
    keywords,
    meshTerms,
    briefSummary,
    criteria: trial.eligibilityCriteria.text,
    interventionNames: trial.interventions.map(({ name }) => name),
    interventionOtherNames: titles((arms?.interventions ?? []).flatMap(({ otherNames }) => otherNames ?? [])),
    armGroupLabels: titles((arms?.armGroups ?? []).map(({ label }) => label)),
  };
}

function modulesOf(study: Study) {
  const section = study.protocolSection;
  return {
    identification: section.identificationModule,
    status: section.statusModule,
    sponsors: section.sponsorCollaboratorsModule,
    description: section.descriptionModule,
    conditions: section.conditionsModule,
    design: section.designModule,
    arms: section.armsInterventionsModule,
    eligibility: section.eligibilityModule,
    places: section.contactsLocationsModule,
  };
}

/** One clean line, or `null` for nothing. */
function title(text: string | undefined): string | null {
  const clean = text === undefined ? '' : plainTitle(text);
  return clean === '' ? null : clean;
}

function titles(texts: readonly (string | undefined)[]): string[] {
  return texts.flatMap((text) => title(text) ?? []);
}

function markdown(text: string | undefined): string | null {
  const clean = text === undefined ? '' : plainText(text).trim();
  return clean === '' ? null : clean;
}

function organisations(given: readonly { name?: string | undefined; class?: string | undefined }[]) {
  return given.flatMap((organisation) => {
    const name = title(organisation.name);
    return name === null ? [] : [{ name, class: title(organisation.class) }];
  });
}

/** Six-digit MeSH numbers ended here; larger ones are nine digits long of their own right (`D000077192`). */
const LAST_SHORT_MESH_NUMBER = 66_350;

/** Records of 2023 and early 2024 pad MeSH ids to nine digits: `D000054198` is `D054198`. */
function shortenMeshId(id: string): string {
  const digits = /^D000(\d{6})$/.exec(id)?.[1];
  return digits !== undefined && Number(digits) <= LAST_SHORT_MESH_NUMBER ? `D${digits}` : id;
}

function readMeshTerms(study: Study): { id: string; term: string }[] {
  return (study.derivedSection?.conditionBrowseModule?.meshes ?? []).flatMap(({ id, term }) =>
    id === undefined || term === undefined
      ? []
      : [{ id: shortenMeshId(plainTitle(id)), term: plainTitle(term) }],
  );
}

function readEnrollment(study: Study): Trial['enrollment'] {
  const info = study.protocolSection.designModule?.enrollmentInfo;
  return info ? { count: info.count ?? null, type: title(info.type) } : null;
}

function readCriteria(criteria: string | undefined): Trial['eligibilityCriteria'] {
  const text = markdown(criteria) ?? '';
  return { text, ...splitCriteria(text) };
}

function readAges(study: Study, unknownValues: UnknownValue[]) {
  const eligibility = study.protocolSection.eligibilityModule;
  const bounds = { minimumAge: title(eligibility?.minimumAge), maximumAge: title(eligibility?.maximumAge) };
  const { range, unreadable } = parseAgeRange(bounds);
  for (const bound of unreadable) {
    const field = bound === 'minimumAge' ? 'MinimumAge' : 'MaximumAge';
    unknownValues.push({ field, value: cutValue(bounds[bound] ?? '') });
  }
  return {
    ...bounds,
    stdAges: titles(eligibility?.stdAges ?? []),
    ageRange: { ...range, label: ageRangeLabel(bounds) },
    ageGroups: ageGroupsOf(range),
  };
}

function readDates(study: Study, unknownValues: UnknownValue[]) {
  const status = study.protocolSection.statusModule;
  const readDate = (field: string, date: string | undefined): PartialDate | null => {
    if (date === undefined) return null;
    if (isPartialDate(date)) return date;
    unknownValues.push({ field, value: cutValue(plainTitle(date)) });
    return null;
  };
  const readEvent = (
    field: string,
    event: { date?: string | undefined; type?: string | undefined } | undefined,
  ) => {
    const date = readDate(field, event?.date);
    return date === null ? null : { date, type: title(event?.type) };
  };
  return {
    statusVerified: readDate('StatusVerifiedDate', status.statusVerifiedDate),
    dates: {
      start: readEvent('StartDate', status.startDateStruct),
      primaryCompletion: readEvent('PrimaryCompletionDate', status.primaryCompletionDateStruct),
      completion: readEvent('CompletionDate', status.completionDateStruct),
      firstPosted: readDate('StudyFirstPostDate', status.studyFirstPostDateStruct?.date),
      lastUpdatePosted: readDate('LastUpdatePostDate', status.lastUpdatePostDateStruct?.date),
    },
  };
}

/** Enough of an unknown value to recognise it; a cut through the middle of a character leaves half of one. */
function cutValue(value: string): string {
  return value.slice(0, 100).toWellFormed();
}

function findUnknownValues(study: Study): UnknownValue[] {
  const { status, design, eligibility, places } = modulesOf(study);
  const unknown = (
    field: string,
    known: (value: string) => boolean,
    values: readonly (string | undefined)[],
  ) =>
    titles(values)
      .filter((value) => !known(value))
      .map((value) => ({ field, value: cutValue(value) }));
  return [
    ...unknown('OverallStatus', (value) => Object.hasOwn(OVERALL_STATUS, value), [status.overallStatus]),
    ...unknown('Phase', (value) => PHASE_VALUES.has(value), design?.phases ?? []),
    ...unknown('StudyType', (value) => Object.hasOwn(STUDY_TYPE, value), [design?.studyType]),
    ...unknown('Sex', (value) => Object.hasOwn(SEX, value), [eligibility?.sex]),
    ...unknown('StdAge', (value) => STD_AGES.has(value), eligibility?.stdAges ?? []),
    ...unknown('LocationStatus', (value) => SITE_STATUSES.has(value), [
      ...findSiteStatuses(places?.locations ?? []),
    ]),
  ];
}

function findSiteStatuses(locations: readonly StudyLocation[]): Set<string | undefined> {
  const statuses = new Set<string | undefined>();
  for (const { status } of locations) statuses.add(status);
  return statuses;
}

function readSites(study: Study, context: NormalizeContext) {
  const locations = study.protocolSection.contactsLocationsModule?.locations ?? [];
  const overallStatus = study.protocolSection.statusModule.overallStatus;
  const here = findSitesHere(locations, context);
  const ours = here.filter(({ match }) => match.site.kind !== 'elsewhere');
  const others = here.filter(({ match }) => match.site.kind === 'elsewhere');
  return {
    sites: ours.map(({ location, match }) => readSite(location, match, overallStatus)),
    packSites: [...new Set(ours.map(({ match }) => match.site))],
    otherSitesCount: locations.length - ours.length + (context.leftOutSitesCount ?? 0),
    otherFacilities: titles(others.map(({ location }) => location.facility)),
    siteMatches: ours.map(({ location, match }) => ({
      facility: title(location.facility),
      key: match.site.key,
      kind: match.site.kind,
      pattern: match.pattern,
      loose: match.loose,
    })),
  };
}

interface SiteHere {
  readonly location: StudyLocation;
  readonly match: SiteMatchResult;
}

/** One by one: wide studies have hundreds of sites elsewhere, and an allocation for each adds up. */
function findSitesHere(locations: readonly StudyLocation[], { matchSite }: NormalizeContext): SiteHere[] {
  const here: SiteHere[] = [];
  for (const location of locations) {
    const match = matchSite(location);
    if (match !== null) here.push({ location, match });
  }
  return here;
}

function readSite(location: StudyLocation, { site }: SiteMatchResult, overallStatus: string): TrialSite {
  const status = title(location.status);
  const { availability, inferred } = siteAvailability({ overallStatus, siteStatus: status });
  return {
    key: site.key,
    name: site.name,
    facility: title(location.facility),
    kind: site.kind as SiteMatch,
    city: title(location.city),
    state: title(location.state),
    zip: title(location.zip),
    status,
    availability,
    inferred,
    contacts: (location.contacts ?? []).map(readContact),
  };
}

function readContact(contact: StudyContact): Contact {
  return {
    name: title(contact.name),
    role: title(contact.role),
    phone: title(contact.phone),
    phoneExt: title(contact.phoneExt),
    email: title(contact.email),
  };
}

/** Whom to call, best first: contacts of our site, the institution's own line for that site, then the study's centre. */
function orderContacts(
  sites: readonly TrialSite[],
  packSites: readonly PackSite[],
  centralContacts: readonly StudyContact[],
): TrialContact[] {
  const reachable = (contact: Contact): boolean => contact.phone !== null || contact.email !== null;
  const ofSites = sites.flatMap((site) =>
    site.contacts
      .filter(reachable)
      .map((contact) => ({ ...contact, source: 'site' as const, siteKey: site.key })),
  );
  const ofInstitution = packSites.flatMap(({ key, contact }) =>
    contact
      ? [
          {
            name: contact.name,
            role: null,
            phone: contact.phone,
            phoneExt: null,
            email: contact.email,
            source: 'institution' as const,
            siteKey: key,
          },
        ]
      : [],
  );
  const central = centralContacts
    .map(readContact)
    .filter(reachable)
    .map((contact) => ({ ...contact, source: 'central' as const, siteKey: null }));
  return [...ofSites, ...ofInstitution, ...central];
}

function findNotices(
  trial: Omit<Trial, 'relevance'>,
  unknownValues: readonly UnknownValue[],
  asOf: PartialDate,
): Notice[] {
  const ofSites = trial.sites.flatMap((site) => {
    const { notice } = siteAvailability({ overallStatus: trial.overallStatus, siteStatus: site.status });
    return notice ? [{ code: notice, detail: statusDetail(notice, trial, site) }] : [];
  });
  const withheld = trial.sites
    .filter((site) => site.kind === 'possible')
    .map((site) => ({
      code: 'site_name_withheld' as const,
      detail: `The registry lists a site in ${site.city ?? 'our city'} as "${site.facility ?? ''}"; ask whether it is ours.`,
    }));
  const unverified =
    trial.statusVerified !== null && monthsBetween(trial.statusVerified, asOf) > UNVERIFIED_AFTER_MONTHS
      ? [
          {
            code: 'unverified' as const,
            detail: `The study team last verified the record in ${trial.statusVerified}.`,
          },
        ]
      : [];
  const unknown = unknownValues.map(({ field, value }) => ({
    code: 'unknown_value' as const,
    detail: `${field}: ${value === '' ? 'unreadable' : value}`,
  }));
  const conflict = findAgeConflict(trial);
  const ages = conflict ? [{ code: 'age_text_conflict' as const, detail: conflict }] : [];
  return [...ofSites, ...ages, ...unverified, ...withheld, ...unknown];
}

function statusDetail(notice: NoticeCode, trial: Omit<Trial, 'relevance'>, site: TrialSite): string {
  const status = `${site.name} is listed as ${site.status}`;
  return notice === 'lapsed'
    ? `${status}, frozen when the record lapsed; last known status of the study ${trial.lastKnownStatus ?? 'not given'}.`
    : `${status} while the study is ${trial.overallStatus}.`;
}
