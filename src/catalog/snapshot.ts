import { FACET_FILTERS } from '../trials/facet-groups.ts';
import { valuesOfGroup, type FacetVocabulary } from '../trials/facet-vocabulary.ts';
import { createFitJudges, createVerdictFinders, type FitJudge } from '../trials/judge-fit.ts';
import { runSteps } from '../trials/run-steps.ts';
import { indexInSteps, type IndexedBy, type TrialIndex } from '../trials/trial-index.ts';
import {
  type ExcludedStudy,
  type Provenance,
  type QualityFinding,
  type SetAsideStudy,
  type Trial,
} from '../trials/trial.ts';
import { hashInSteps } from './hash-content.ts';

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

/** A trial with what lists say of it. */
export interface IndexedTrial {
  readonly trial: Trial;
  readonly judgeFit: FitJudge;
}

/** An immutable, indexed set of trials. Everything an answer says is of one snapshot. */
export interface Snapshot extends SnapshotContent {
  /** 16 hex digits, derived from the content and from the words that it is judged by. */
  readonly id: string;
  readonly indexed: readonly IndexedTrial[];
  /** Answers questions with places in `indexed`. */
  readonly index: TrialIndex;
  findTrial(nctId: string): Trial | null;
  /** The trial's own id for an id that was merged into it. */
  findAlias(nctId: string): string | null;
  findProvenance(nctId: string): Provenance | null;
}

/** Makes a snapshot; trials are ordered by id, so that the same studies in any order are the same snapshot. */
export function createSnapshot(given: SnapshotContent, vocabulary: FacetVocabulary): Snapshot {
  return runSteps(snapshotInSteps(given, vocabulary));
}

/** Makes a snapshot and gives way after each step, of about a millisecond, so that requests do not wait for it. */
export function* snapshotInSteps(
  given: SnapshotContent,
  vocabulary: FacetVocabulary,
): Generator<undefined, Snapshot> {
  const byId = (one: { nctId: string }, other: { nctId: string }): number =>
    one.nctId < other.nctId ? -1 : 1;
  // In this order they are hashed.
  const content: SnapshotContent = {
    trials: given.trials.toSorted(byId),
    provenance: given.provenance.toSorted(byId),
    excluded: given.excluded.toSorted(byId),
    quality: given.quality.toSorted((one, other) => (one.nctId === other.nctId ? 0 : byId(one, other))),
    setAside: given.setAside,
    queries: given.queries,
    sourceDataTimestamp: given.sourceDataTimestamp,
  };
  const id = yield* hashInSteps(content, vocabulary);
  return yield* indexSnapshotInSteps(content, id, vocabulary);
}

/** Makes the snapshot of a content that is in order and has its id. */
export function* indexSnapshotInSteps(
  content: SnapshotContent,
  id: string,
  vocabulary: FacetVocabulary,
): Generator<undefined, Snapshot> {
  const judgeOf = createFitJudges(vocabulary);
  const indexed: IndexedTrial[] = [];
  for (const trial of content.trials) {
    indexed.push({ trial, judgeFit: judgeOf(trial) });
    yield;
  }
  const index = yield* indexInSteps(content.trials, indexedBy(vocabulary));
  const trials = new Map(content.trials.map((trial) => [trial.nctId, trial]));
  const provenance = new Map(content.provenance.map((entry) => [entry.nctId, entry]));
  const aliases = new Map(
    content.trials.flatMap((trial) => trial.aliases.map((alias) => [alias, trial.nctId] as const)),
  );
  return {
    ...content,
    id,
    indexed,
    index,
    findTrial: (nctId) => trials.get(nctId) ?? null,
    findAlias: (nctId) => aliases.get(nctId) ?? null,
    findProvenance: (nctId) => provenance.get(nctId) ?? null,
  };
}

/** What trials are indexed by, beside their fields. */
export function indexedBy(vocabulary: FacetVocabulary): IndexedBy<Trial> {
  return {
    textsOf: searchableTexts,
    facetIds: FACET_FILTERS.flatMap((group) =>
      valuesOfGroup(vocabulary, group).map((value) => `${group}.${value}`),
    ),
    verdictsOf: createVerdictFinders(vocabulary),
  };
}

/** What `q` looks into (contract 6): titles, identifiers, interventions, conditions, sponsors, investigators. */
export function searchableTexts(trial: Trial): string[] {
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
