import type { Evidence, QualityFinding, SiteEvidence, Trial, TrialSite } from './trial.ts';
import type { NoticeCode, QualityCode } from './vocabulary.ts';

/** Statuses of a study in which somebody here should answer the telephone. */
const TAKES_OR_WILL_TAKE = new Set([
  'RECRUITING',
  'NOT_YET_RECRUITING',
  'ENROLLING_BY_INVITATION',
  'AVAILABLE',
]);

/** The notices that somebody could mend, and the field where. */
const MENDABLE: readonly (readonly [notice: NoticeCode, code: QualityCode, field: string])[] = [
  ['status_conflict', 'site_open_study_closed', 'LocationStatus'],
  ['unverified', 'unverified', 'StatusVerifiedDate'],
  ['site_name_withheld', 'site_name_withheld', 'LocationFacility'],
  ['age_text_conflict', 'age_text_conflict', 'EligibilityCriteria'],
];

/** What the institution's registry staff could mend in one record, each with the field and the evidence. */
export function findQuality(given: {
  trial: Omit<Trial, 'relevance'>;
  siteMatches: readonly SiteEvidence[];
  /** The sentence that takes the condition in a study that does not list it. */
  unlisted: Evidence | null;
}): QualityFinding[] {
  const { trial, siteMatches, unlisted } = given;
  const finding = (code: QualityCode, field: string, evidence: string, siteKey: string | null = null) => ({
    nctId: trial.nctId,
    briefTitle: trial.briefTitle,
    code,
    field,
    evidence,
    siteKey,
  });
  const noticed = MENDABLE.flatMap(([notice, code, field]) =>
    trial.notices.filter((one) => one.code === notice).map(({ detail }) => finding(code, field, detail)),
  );
  const silent = trial.sites
    .filter((site) => TAKES_OR_WILL_TAKE.has(trial.overallStatus) && isUnreachable(site))
    .map((site) => finding('no_contact_here', 'LocationContact', site.facility ?? site.name, site.key));
  const loose = siteMatches
    .filter(({ loose: isLoose }) => isLoose)
    .map(({ facility, key }) => finding('loose_facility', 'LocationFacility', facility ?? '', key));
  const missing = unlisted === null ? [] : [finding('condition_not_listed', 'Condition', unlisted.text)];
  return [...noticed, ...silent, ...loose, ...missing];
}

function isUnreachable({ kind, availability, contacts }: TrialSite): boolean {
  if (kind === 'possible' || availability === 'closed') return false;
  return contacts.every(({ phone, email }) => phone === null && email === null);
}
