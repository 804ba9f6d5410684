import { z } from 'zod';
import { FITS, POLARITIES } from './facet-groups.ts';
import {
  AGE_FITS,
  AGE_GROUPS,
  AVAILABILITIES,
  EXCLUSION_REASONS,
  NOTICE_CODES,
  QUALITY_CODES,
  RELEVANCES,
  SITE_MATCHES,
} from './vocabulary.ts';

/** A trial as we serve it (contract 4). Absent is `null` or `[]`, never a missing key. */

/** `NCT` and eight digits. */
export const NctId = z
  .string()
  .regex(/^NCT\d{8}$/)
  .meta({
    id: 'NctId',
    description: 'Identifier of the study at ClinicalTrials.gov.',
    example: 'NCT03914625',
  });

export const PartialDate = z.string().meta({
  id: 'PartialDate',
  description: 'A day, a month or a year as the registry gives it; a month stays a month.',
  example: '2024-03',
});

const DatedEvent = z
  .object({ date: PartialDate, type: z.string().nullable() })
  .meta({ id: 'DatedEvent', description: 'A date and whether it is `ACTUAL` or `ESTIMATED`.' });

export const Contact = z
  .object({
    name: z.string().nullable(),
    role: z.string().nullable(),
    phone: z.string().nullable(),
    phoneExt: z.string().nullable(),
    email: z.string().nullable(),
  })
  .meta({ id: 'Contact', description: 'A contact of a site, as the registry gives it.' });
export type Contact = z.infer<typeof Contact>;

export const TrialContact = Contact.extend({
  source: z
    .enum(['site', 'institution', 'central'])
    .describe('Whose contact this is: the site here, the institution, or the study as a whole.'),
  siteKey: z.string().nullable(),
}).meta({ id: 'TrialContact', description: 'Whom to call, best first.' });
export type TrialContact = z.infer<typeof TrialContact>;

export const TrialSite = z
  .object({
    key: z.string(),
    name: z.string(),
    facility: z.string().nullable().describe('The facility as the registry spells it.'),
    kind: z.enum(SITE_MATCHES),
    city: z.string().nullable(),
    state: z.string().nullable(),
    zip: z.string().nullable(),
    status: z.string().nullable().describe("The site's own status at the registry, or null."),
    availability: z.enum(AVAILABILITIES),
    inferred: z.boolean().describe("True when the availability follows from the study's status alone."),
    contacts: z.array(Contact),
  })
  .meta({ id: 'TrialSite', description: "One of this institution's sites in the study." });
export type TrialSite = z.infer<typeof TrialSite>;
export const TrialSiteSummary = TrialSite.omit({ contacts: true }).meta({ id: 'TrialSiteSummary' });

export const Evidence = z
  .object({
    field: z.string().describe("The registry's name of the field."),
    text: z.string().describe('The words that say so.'),
  })
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof Evidence>;

export const CriteriaItem = z
  .object({
    text: z.string(),
    get items() {
      return z.array(CriteriaItem);
    },
  })
  .meta({ id: 'CriteriaItem', description: 'One criterion with the criteria nested below it.' });
export type CriteriaItem = z.infer<typeof CriteriaItem>;

export const EligibilityCriteria = z
  .object({
    text: z.string().describe('The whole text, plain.'),
    inclusion: z.array(CriteriaItem),
    exclusion: z.array(CriteriaItem),
    other: z
      .array(CriteriaItem)
      .describe('Text under neither heading, or all of it when there are no headings.'),
  })
  .meta({ id: 'EligibilityCriteria' });

export const Notice = z
  .object({ code: z.enum(NOTICE_CODES), detail: z.string() })
  .meta({ id: 'Notice', description: 'A remark that belongs beside the status.' });
export type Notice = z.infer<typeof Notice>;

const Organisation = z
  .object({ name: z.string(), class: z.string().nullable() })
  .meta({ id: 'Organisation' });

/** The parts of a record in which facets are found. */
export const FACET_SECTIONS = [
  'title',
  'condition',
  'summary',
  'inclusion',
  'exclusion',
  'other',
  'intervention',
] as const;
export type FacetSection = (typeof FACET_SECTIONS)[number];

export const FacetEvidence = z
  .object({
    section: z.enum(FACET_SECTIONS).describe('The part of the record; `other` is under neither heading.'),
    group: z
      .string()
      .nullable()
      .describe('The cohort, arm or phase that the criterion is for; null when it is for all patients.'),
    sentence: z.string().describe('The exact sentence.'),
    field: z.string().describe("The registry's name of the field; its plain text holds the sentence."),
    start: z
      .int()
      .min(0)
      .max(10_000_000)
      .describe('Where the sentence begins in the plain text, in UTF-16 units.'),
    end: z.int().min(0).max(10_000_000).describe('Where it ends.'),
  })
  .meta({ id: 'FacetEvidence', description: 'The sentence that a facet was read from.' });
export type FacetEvidence = z.infer<typeof FacetEvidence>;

const FacetId = z.string().meta({
  id: 'FacetId',
  description: 'As in `/v1/vocabulary`: the kind of facet, a dot, the value.',
  example: 'genomic.kmt2a',
});
export const FacetSummary = z
  .object({ id: FacetId, polarity: z.enum(POLARITIES) })
  .meta({ id: 'FacetSummary', description: 'What the text says of the patient or the study.' });
export const Facet = FacetSummary.extend({
  evidence: z
    .array(FacetEvidence)
    .describe('The sentences, in the order of the record; the first 50 of a facet and polarity.'),
}).meta({
  id: 'Facet',
  description: 'What the text says, with every sentence that says so. A facet can have several polarities.',
});
export type Facet = z.infer<typeof Facet>;

export const FitReason = z
  .object({
    id: FacetId.describe('The asked facet.'),
    verdict: z.enum(FITS),
    detail: z.string().describe('The rule that decided, in words.'),
    sentence: z.string().nullable().describe('The sentence that decided; null when the text says nothing.'),
  })
  .meta({ id: 'FitReason' });
export type FitReason = z.infer<typeof FitReason>;
export const TrialFit = z.object({ verdict: z.enum(FITS), reasons: z.array(FitReason) }).meta({
  id: 'TrialFit',
  description: 'How the text of the trial answers the asked facets; no medical judgement.',
});
export type TrialFit = z.infer<typeof TrialFit>;

const shared = {
  nctId: NctId,
  aliases: z.array(z.string()),
  orgStudyId: z.string().nullable(),
  secondaryIds: z.array(z.string()),
  acronym: z.string().nullable(),
  briefTitle: z.string(),
  url: z.url(),
  studyType: z.string().nullable(),
  phases: z.array(z.string()),
  phaseLabel: z.string(),
  overallStatus: z.string(),
  lastKnownStatus: z.string().nullable(),
  whyStopped: z.string().nullable(),
  statusVerified: PartialDate.nullable(),
  availability: z.enum(AVAILABILITIES).describe('The best of its sites here.'),
  otherSitesCount: z.int().min(0).max(100_000),
  contacts: z.array(TrialContact),
  sex: z.string().nullable(),
  minimumAge: z.string().nullable(),
  maximumAge: z.string().nullable(),
  stdAges: z.array(z.string()),
  ageRange: z
    .object({ fromDays: z.number().nullable(), beforeDays: z.number().nullable(), label: z.string() })
    .meta({ id: 'AgeRange', description: 'Half-open range in days; null means no limit.' }),
  ageGroups: z.array(z.enum(AGE_GROUPS)),
  healthyVolunteers: z.boolean().nullable(),
  conditions: z.array(z.string()),
  keywords: z.array(z.string()),
  meshTerms: z.array(z.object({ id: z.string(), term: z.string() }).meta({ id: 'MeshTerm' })),
  interventions: z.array(
    z.object({ type: z.string().nullable(), name: z.string() }).meta({ id: 'Intervention' }),
  ),
  leadSponsor: Organisation.nullable(),
  collaborators: z.array(Organisation),
  enrollment: z
    .object({ count: z.number().nullable(), type: z.string().nullable() })
    .meta({ id: 'Enrollment' })
    .nullable(),
  dates: z
    .object({
      start: DatedEvent.nullable(),
      primaryCompletion: DatedEvent.nullable(),
      completion: DatedEvent.nullable(),
      firstPosted: PartialDate.nullable(),
      lastUpdatePosted: PartialDate.nullable(),
    })
    .meta({ id: 'TrialDates' }),
  notices: z.array(Notice),
  hasResults: z.boolean(),
  source: z
    .object({
      name: z.literal('ClinicalTrials.gov'),
      dataDate: PartialDate.nullable().describe('The day the registry processed this record.'),
      modified: z.literal(true),
      modifications: z.string().describe('Where our modifications are described.'),
    })
    .meta({ id: 'TrialSource' }),
};

export const Trial = z
  .object({
    ...shared,
    sites: z.array(TrialSite),
    facets: z.array(Facet),
    officialTitle: z.string().nullable(),
    briefSummary: z.string().nullable(),
    detailedDescription: z.string().nullable(),
    eligibilityCriteria: EligibilityCriteria,
    investigators: z.array(
      z
        .object({ name: z.string(), role: z.string().nullable(), affiliation: z.string().nullable() })
        .meta({ id: 'Investigator' }),
    ),
    relevance: z.object({ tier: z.enum(RELEVANCES), evidence: z.array(Evidence) }).meta({ id: 'Relevance' }),
  })
  .meta({ id: 'Trial', description: 'The full record of one trial.' });
export type Trial = z.infer<typeof Trial>;

export const TrialSummary = z
  .object({
    ...shared,
    sites: z.array(TrialSiteSummary),
    facets: z.array(FacetSummary),
    relevance: z.object({ tier: z.enum(RELEVANCES) }).meta({ id: 'RelevanceSummary' }),
  })
  .meta({
    id: 'TrialSummary',
    description: 'A trial in a list: without long text, site contacts and evidence.',
  });
export type TrialSummary = z.infer<typeof TrialSummary>;

export const ListedTrial = TrialSummary.extend({
  ageFit: z.enum(AGE_FITS).nullable().describe('How the asked `age` fits; null when none was asked.'),
  fit: TrialFit.nullable().describe('How the text answers the asked facets; null when none was asked.'),
}).meta({ id: 'ListedTrial' });
export type ListedTrial = z.infer<typeof ListedTrial>;

/** What made a site ours. */
const SiteEvidence = z
  .object({
    facility: z.string().nullable(),
    key: z.string(),
    kind: z.string(),
    pattern: z.string(),
    loose: z.boolean().describe('Only a pattern for odd spellings matched.'),
  })
  .meta({ id: 'SiteEvidence' });
export type SiteEvidence = z.infer<typeof SiteEvidence>;

/** Why a study is on our list: what the registry was asked, what made a site ours, what names the condition. */
export const Provenance = z
  .object({
    nctId: NctId,
    foundBy: z.array(z.string()).describe('Names of the registry queries that returned the study.'),
    sites: z.array(SiteEvidence),
    relevance: z.object({ tier: z.enum(RELEVANCES), evidence: z.array(Evidence) }),
    unknownValues: z.array(z.object({ field: z.string(), value: z.string() }).meta({ id: 'UnknownValue' })),
    dataDate: PartialDate.nullable(),
  })
  .meta({ id: 'Provenance' });
export type Provenance = z.infer<typeof Provenance>;

/** A study that the registry proposed and that is not on our list. */
export const ExcludedStudy = z
  .object({
    nctId: NctId,
    briefTitle: z.string(),
    overallStatus: z.string(),
    reason: z.enum(EXCLUSION_REASONS),
    evidence: z.array(Evidence),
    foundBy: z.array(z.string()),
    url: z.url(),
  })
  .meta({ id: 'ExcludedStudy' });
export type ExcludedStudy = z.infer<typeof ExcludedStudy>;

/** Something in a record that the institution's registry staff could mend. */
export const QualityFinding = z
  .object({
    nctId: NctId,
    briefTitle: z.string(),
    code: z.enum(QUALITY_CODES),
    field: z.string().describe("The registry's name of the field to mend."),
    evidence: z.string().describe('The words or the value that show it.'),
    siteKey: z.string().nullable().describe('The site that it is about; null when it is about the study.'),
  })
  .meta({ id: 'QualityFinding' });
export type QualityFinding = z.infer<typeof QualityFinding>;

/** A study whose record could not be read; it costs only itself. */
export const SetAsideStudy = z
  .object({ nctId: z.string().nullable(), reason: z.string() })
  .meta({ id: 'SetAsideStudy' });
export type SetAsideStudy = z.infer<typeof SetAsideStudy>;

/** The short form of a trial for lists. */
export function summarizeTrial(trial: Trial): TrialSummary {
  const {
    officialTitle: _officialTitle,
    briefSummary: _briefSummary,
    detailedDescription: _detailedDescription,
    eligibilityCriteria: _eligibilityCriteria,
    investigators: _investigators,
    sites,
    facets,
    relevance,
    ...rest
  } = trial;
  return {
    ...rest,
    sites: sites.map(({ contacts: _contacts, ...site }) => site),
    facets: facets.map(({ id, polarity }) => ({ id, polarity })),
    relevance: { tier: relevance.tier },
  };
}
