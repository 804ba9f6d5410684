import { z } from 'zod';
import { JournalEntry } from '../catalog/journal.ts';
import { Tombstone } from '../catalog/tombstones.ts';
import { COUNTED_FILTERS } from '../trials/count-facets.ts';
import { FACET_FILTERS, FACET_GROUPS, type FacetFilter } from '../trials/facet-groups.ts';
import { FACET_SCOPES } from '../trials/facet-vocabulary.ts';
import { FILTERS } from '../trials/filter-trials.ts';
import {
  ExcludedStudy,
  ListedTrial,
  Provenance,
  QualityFinding,
  SetAsideStudy,
  Trial,
} from '../trials/trial.ts';
import { SNAPSHOT_SOURCES } from '../trials/vocabulary.ts';
import { EditionMeta } from './edition-meta.ts';
import { HeldAnswer, SyncStatusAnswer } from './sync-status.ts';

/** The shapes of answers. Handlers send rendered bytes; tests hold every answer to these shapes. */

const Count = z.int().min(0).max(1_000_000);
const Counts = z.record(z.string(), Count);

export const TrialList = z
  .object({
    data: z.array(ListedTrial),
    total: Count.describe('Trials that pass all filters, over all pages.'),
    hidden: z
      .object({ relevance: Count, siteMatch: Count })
      .describe('How many trials each of the two careful rules leaves out, all other filters applied.'),
    fitCounts: z
      .object({ fits: Count, check: Count, does_not_fit: Count })
      .nullable()
      .describe(
        'Trials per verdict on the asked facets, all other filters applied; null when none was asked.',
      ),
    facets: z
      .object(
        Object.fromEntries(
          [...COUNTED_FILTERS, ...FACET_FILTERS].map((filter) => [filter, Counts]),
        ) as Record<(typeof COUNTED_FILTERS)[number] | FacetFilter, typeof Counts>,
      )
      .describe('Trials per value, with all other filters applied but its own.'),
    suggestions: z
      .array(z.object({ drop: z.enum(FILTERS), total: Count }))
      .describe('When nothing was found: what dropping each single filter would find.'),
    query: z
      .record(z.string(), z.union([z.string(), Count, z.array(z.string())]))
      .describe('The filters as understood, defaults included.'),
    meta: EditionMeta,
    links: z
      .object({ self: z.url().nullable(), next: z.url().nullable(), prev: z.url().nullable() })
      .describe('Null in a search by POST, whose question must not be in an address.'),
    cursors: z.object({ next: z.string().nullable(), prev: z.string().nullable() }),
  })
  .meta({ id: 'TrialList' });

export const TrialAnswer = z.object({ data: Trial, meta: EditionMeta }).meta({ id: 'TrialAnswer' });
export const ProvenanceAnswer = z
  .object({ data: Provenance, meta: EditionMeta })
  .meta({ id: 'ProvenanceAnswer' });

export const ExcludedList = z
  .object({
    data: z.array(ExcludedStudy),
    total: Count,
    reasons: Counts.describe('Studies per reason.'),
    setAside: z.array(SetAsideStudy).describe('Studies whose record could not be read.'),
    gone: z.array(Tombstone).describe('Trials that left the list within the last 90 days.'),
    meta: EditionMeta,
  })
  .meta({ id: 'ExcludedList' });

export const QualityReport = z
  .object({
    data: z.array(QualityFinding),
    total: Count,
    codes: Counts.describe('Findings per code; every code is there.'),
    meta: EditionMeta,
  })
  .meta({ id: 'QualityReport' });

const VocabularyTerm = z
  .object({ value: z.string(), label: z.string(), definition: z.string() })
  .meta({ id: 'VocabularyTerm' });
const FacetTermAnswer = z
  .object({
    id: z.string(),
    group: z.enum(FACET_GROUPS),
    value: z.string().describe('What the filter of the group takes.'),
    label: z.string(),
    patientLabel: z.string().describe('The label in plain words.'),
    scope: z.array(z.enum(FACET_SCOPES)).describe('The parts of a record that can say it.'),
    codes: z.record(z.string(), z.array(z.string())).describe('NCIt, MeSH, SNOMED CT and ICD-10-CM codes.'),
    kindOf: z.string().nullable().describe('The wider facet that it is a kind of.'),
    contradicts: z.array(z.string()).describe('Facets that no patient has together with it.'),
  })
  .meta({ id: 'FacetTerm' });
export const VocabularyAnswer = z
  .object({
    enumerations: z.record(z.string(), z.array(VocabularyTerm)).describe('By name, values in their order.'),
    facets: z
      .object({ version: z.string(), terms: z.array(FacetTermAnswer) })
      .describe('What the text of a study can say, in its own version.'),
    sites: z.array(
      z
        .object({ key: z.string(), name: z.string(), population: z.string(), kind: z.string() })
        .meta({ id: 'SiteTerm' }),
    ),
  })
  .meta({ id: 'Vocabulary' });

const SnapshotStatus = z
  .object({
    id: z.string(),
    source: z.enum(SNAPSHOT_SOURCES),
    trials: Count,
    sourceDataTimestamp: z.string().nullable(),
    checkedAt: z.string().nullable(),
    stale: z.boolean(),
  })
  .meta({ id: 'SnapshotStatus' });

export const ReadyAnswer = z
  .object({
    status: z.enum(['ready', 'not_ready', 'stopping']),
    snapshot: SnapshotStatus.nullable(),
    sync: SyncStatusAnswer,
  })
  .meta({ id: 'Ready' });
export const LiveAnswer = z.object({ status: z.literal('live') }).meta({ id: 'Live' });

export const MetaAnswer = z
  .object({
    name: z.string(),
    institution: z.string(),
    condition: z.string(),
    snapshot: SnapshotStatus,
    counts: z.object({ trials: Count, excluded: Count, setAside: Count }),
    queries: z.array(z.object({ name: z.string(), totalCount: Count })),
    sync: SyncStatusAnswer,
    held: HeldAnswer.nullable().describe('A list that a guard holds back, and what it would change.'),
    journal: z.array(JournalEntry).describe('What was published within 90 days, newest first.'),
    links: z.record(z.string(), z.url()),
    termsOfUse: z.array(z.string()),
    modifications: z.array(z.string()).describe('Everything we change in the registry’s data.'),
  })
  .meta({ id: 'ServiceMeta' });
