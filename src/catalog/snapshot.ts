import { createHash } from 'node:crypto';
import type { FacetVocabulary } from '../trials/facet-vocabulary.ts';
import { createFitJudges, type FitJudge } from '../trials/judge-fit.ts';
import { createHaystack, type Haystack } from '../trials/search-words.ts';
import {
  summarizeTrial,
  type ExcludedStudy,
  type Provenance,
  type QualityFinding,
  type SetAsideStudy,
  type Trial,
  type TrialSummary,
} from '../trials/trial.ts';

/** What a snapshot is made of. All of it goes into the id. */
export interface SnapshotContent {
  readonly trials: readonly Trial[];
  readonly provenance: readonly Provenance[];
  readonly excluded: readonly ExcludedStudy[];
  /** What the institution's registry staff could mend. */
  readonly quality: readonly QualityFinding[];
  readonly setAside: readonly SetAsideStudy[];
  readonly queries: readonly { readonly name: string; readonly totalCount: number }[];
  /** When the registry built the dataset, as it says; of the sample, the day of its newest study. */
  readonly sourceDataTimestamp: string | null;
}

/** A trial with what lists need of it, made once. */
export interface IndexedTrial {
  readonly trial: Trial;
  readonly summary: TrialSummary;
  readonly haystack: Haystack;
  readonly judgeFit: FitJudge;
}

/** An immutable, indexed set of trials. Everything an answer says is of one snapshot. */
export interface Snapshot extends SnapshotContent {
  /** 16 hex digits, derived from the content and from the words that it is judged by. */
  readonly id: string;
  readonly indexed: readonly IndexedTrial[];
  findTrial(nctId: string): Trial | null;
  /** The trial's own id for an id that was merged into it. */
  findAlias(nctId: string): string | null;
  findProvenance(nctId: string): Provenance | null;
}

/** Makes a snapshot; trials are ordered by id, so that the same studies in any order are the same snapshot. */
export function createSnapshot(given: SnapshotContent, vocabulary: FacetVocabulary): Snapshot {
  const byId = (one: { nctId: string }, other: { nctId: string }): number =>
    one.nctId < other.nctId ? -1 : 1;
  const content: SnapshotContent = {
    ...given,
    trials: given.trials.toSorted(byId),
    provenance: given.provenance.toSorted(byId),
    excluded: given.excluded.toSorted(byId),
    quality: given.quality.toSorted((one, other) => (one.nctId === other.nctId ? 0 : byId(one, other))),
  };
  const judgeOf = createFitJudges(vocabulary);
  const trials = new Map(content.trials.map((trial) => [trial.nctId, trial]));
  const provenance = new Map(content.provenance.map((entry) => [entry.nctId, entry]));
  const aliases = new Map(
    content.trials.flatMap((trial) => trial.aliases.map((alias) => [alias, trial.nctId] as const)),
  );
  return {
    ...content,
    id: createHash('sha256')
      .update(JSON.stringify([content, vocabulary]))
      .digest('hex')
      .slice(0, 16),
    indexed: content.trials.map((trial) => ({
      trial,
      summary: summarizeTrial(trial),
      haystack: createHaystack(searchableText(trial)),
      judgeFit: judgeOf(trial),
    })),
    findTrial: (nctId) => trials.get(nctId) ?? null,
    findAlias: (nctId) => aliases.get(nctId) ?? null,
    findProvenance: (nctId) => provenance.get(nctId) ?? null,
  };
}

/** What `q` looks into (contract 6): titles, identifiers, interventions, conditions, sponsors, investigators. */
function searchableText(trial: Trial): string[] {
  const people = trial.sites.flatMap((site) => site.contacts.map(({ name }) => name ?? ''));
  return [
    trial.nctId,
    ...trial.aliases,
    trial.orgStudyId ?? '',
    ...trial.secondaryIds,
    trial.acronym ?? '',
    trial.briefTitle,
    trial.officialTitle ?? '',
    ...trial.conditions,
    ...trial.keywords,
    ...trial.interventions.map(({ name }) => name),
    trial.leadSponsor?.name ?? '',
    ...trial.collaborators.map(({ name }) => name),
    ...trial.investigators.map(({ name }) => name),
    ...people,
  ];
}
