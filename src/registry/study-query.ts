import type { InstitutionPack, PackPlace } from '../trials/institution-pack.ts';
import type { StudyQuery } from './walk-studies.ts';

/**
 * The pieces that a trial needs, by the registry's names (its metadata is the reference); branches bring all
 * their fields. No results, outcomes or references: they would be the bulk of a record.
 */
export const STUDY_FIELDS = [
  'NCTId',
  'NCTIdAlias',
  'OrgStudyId',
  'SecondaryIdInfo',
  'Acronym',
  'BriefTitle',
  'OfficialTitle',
  'OverallStatus',
  'LastKnownStatus',
  'WhyStopped',
  'StatusVerifiedDate',
  'StartDate',
  'StartDateType',
  'PrimaryCompletionDate',
  'PrimaryCompletionDateType',
  'CompletionDate',
  'CompletionDateType',
  'StudyFirstPostDate',
  'LastUpdatePostDate',
  'LeadSponsorName',
  'LeadSponsorClass',
  'Collaborator',
  'BriefSummary',
  'DetailedDescription',
  'Condition',
  'Keyword',
  'StudyType',
  'Phase',
  'EnrollmentCount',
  'EnrollmentType',
  'InterventionType',
  'InterventionName',
  'EligibilityCriteria',
  'HealthyVolunteers',
  'Sex',
  'MinimumAge',
  'MaximumAge',
  'StdAge',
  'CentralContact',
  'OverallOfficial',
  'Location',
  'ConditionMesh',
  'VersionHolder',
  'HasResults',
] as const;

/**
 * What the registry is asked, from the pack alone: nothing that a user typed. Every status is asked for, because
 * a list of recruiting studies only cannot show that one has closed. Three queries, because a condition search
 * does not read the criteria, and a basket may name the condition nowhere.
 */
export function buildStudyQueries(pack: InstitutionPack): StudyQuery[] {
  const place = placeExpression(pack.place);
  const { queryPhrases, criteriaPhrases, basketPhrases } = pack.condition;
  const common = {
    sort: 'LastUpdatePostDate:desc,StudyFirstPostDate:desc',
    fields: STUDY_FIELDS.join('|'),
  };
  return [
    {
      name: 'named',
      parameters: { 'query.cond': anyOf(queryPhrases), 'filter.advanced': place, ...common },
    },
    {
      name: 'criteria',
      parameters: {
        'filter.advanced': `${place} AND AREA[EligibilityCriteria](${anyOf(criteriaPhrases)})`,
        ...common,
      },
    },
    {
      name: 'baskets',
      parameters: { 'query.cond': anyOf(basketPhrases), 'filter.advanced': place, ...common },
    },
  ];
}

const IDS_PER_QUERY = 150;

/**
 * Asks by number for studies that the other queries no longer return: changed, moved away, merged (the registry
 * also looks among merged numbers), or gone. The numbers are the registry's own.
 */
export function buildFollowUpQueries(nctIds: readonly string[]): StudyQuery[] {
  const starts = Array.from(
    { length: Math.ceil(nctIds.length / IDS_PER_QUERY) },
    (_, index) => index * IDS_PER_QUERY,
  );
  return starts.map((start) => ({
    name: 'follow_up',
    parameters: {
      'filter.ids': nctIds.slice(start, start + IDS_PER_QUERY).join(','),
      fields: STUDY_FIELDS.join('|'),
    },
  }));
}

/** City and state must hold for the same site, which only `SEARCH[Location]` asks for. */
function placeExpression(place: PackPlace): string {
  const cities = [place.city, ...place.nearbyCities].map(quote).join(' OR ');
  return `SEARCH[Location](AREA[LocationCity](${cities}) AND AREA[LocationState]${quote(place.state)})`;
}

function anyOf(phrases: readonly string[]): string {
  return phrases.map(quote).join(' OR ');
}

/** Phrases are always quoted: unquoted words match apart from each other, and the bare word ALL is an operator. */
function quote(phrase: string): string {
  return `"${phrase}"`;
}
