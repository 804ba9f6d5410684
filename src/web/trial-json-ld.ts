import type { Trial, TrialSite } from '../trials/trial.ts';

/** Schema.org's `MedicalStudyStatus` for statuses of the registry that it has a word for. */
const STUDY_STATUS: Readonly<Record<string, string>> = {
  ACTIVE_NOT_RECRUITING: 'ActiveNotRecruiting',
  COMPLETED: 'Completed',
  ENROLLING_BY_INVITATION: 'EnrollingByInvitation',
  NOT_YET_RECRUITING: 'NotYetRecruiting',
  RECRUITING: 'Recruiting',
  SUSPENDED: 'Suspended',
  TERMINATED: 'Terminated',
  WITHDRAWN: 'Withdrawn',
};
const STUDY_KIND: Readonly<Record<string, string>> = {
  INTERVENTIONAL: 'MedicalTrial',
  OBSERVATIONAL: 'MedicalObservationalStudy',
};

/** A trial as structured data for search engines (schema.org): the registry's facts, and our sites alone. */
export function describeForSearch(trial: Trial, address: string): object {
  // Beside our sites alone: a study that recruits elsewhere is not open here.
  const isOpenElsewhere = trial.overallStatus === 'RECRUITING' && trial.availability !== 'open';
  const status = isOpenElsewhere ? undefined : STUDY_STATUS[trial.overallStatus];
  const { leadSponsor, dates } = trial;
  return {
    '@context': 'https://schema.org',
    '@type': STUDY_KIND[trial.studyType ?? ''] ?? 'MedicalStudy',
    name: trial.briefTitle,
    ...(trial.officialTitle !== null && { alternateName: trial.officialTitle }),
    identifier: [...new Set([trial.nctId, trial.orgStudyId, ...trial.secondaryIds, ...trial.aliases])].filter(
      (id) => id !== null,
    ),
    url: address,
    sameAs: trial.url,
    ...(status !== undefined && { status: `https://schema.org/${status}` }),
    healthCondition: trial.conditions.map((name) => ({ '@type': 'MedicalCondition', name })),
    ...(leadSponsor !== null && { sponsor: { '@type': 'Organization', name: leadSponsor.name } }),
    studyLocation: trial.sites.filter(({ kind }) => kind !== 'possible').map(describePlace),
    description: trial.phaseLabel,
    ...(dates.lastUpdatePosted !== null && { dateModified: dates.lastUpdatePosted }),
  };
}

function describePlace({ name, city, state, zip }: TrialSite): object {
  return {
    '@type': 'Hospital',
    name,
    address: {
      '@type': 'PostalAddress',
      ...(city !== null && { addressLocality: city }),
      ...(state !== null && { addressRegion: state }),
      ...(zip !== null && { postalCode: zip }),
    },
  };
}
