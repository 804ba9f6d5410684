import { setImmediate } from 'node:timers/promises';
import { createBelonging, createUnlistedFinder } from '../eligibility/belongs.ts';
import { createFacetFinder } from '../eligibility/find-facets.ts';
import { normalizeInSteps, type NormalizeContext } from '../registry/normalize-study.ts';
import { describeStudyProblem, readVersionHolder, Study } from '../registry/study.ts';
import type { QueryCount } from '../registry/walk-studies.ts';
import type { InstitutionPack } from '../trials/institution-pack.ts';
import { createSiteMatcher } from '../trials/match-site.ts';
import { findQuality } from '../trials/find-quality.ts';
import type { PartialDate } from '../trials/partial-date.ts';
import type {
  ExcludedStudy,
  Notice,
  Provenance,
  QualityFinding,
  SetAsideStudy,
  Trial,
} from '../trials/trial.ts';
import { snapshotInSteps, type Snapshot } from './snapshot.ts';

/** A study as proposed, with what is known of it besides its record. */
export interface HarvestedStudy {
  readonly study: unknown;
  readonly nctId: string | null;
  readonly foundBy: readonly string[];
  /** Sites elsewhere that were left out when it was saved. */
  readonly leftOutSitesCount?: number | undefined;
  /** Day of the data for a record without its own. */
  readonly dataDate?: PartialDate | null | undefined;
  /** Why the record of today could not be read. The study is then its last readable version, or `null` without one. */
  readonly unreadable?: string | undefined;
}

/** Everything that the registry proposed on one day, before any decision of ours. */
export interface Harvest {
  readonly dataTimestamp: string | null;
  readonly etag: string | null;
  readonly queries: readonly QueryCount[];
  /** What is not among them and was asked for by number is not in the registry. */
  readonly followedUp?: boolean | undefined;
  readonly studies: readonly HarvestedStudy[];
}

/**
 * Fifty times what real records have without their sites: reading one that is larger would keep requests waiting
 * for seconds.
 */
const LARGEST_STUDY_CHARACTERS = 1_000_000;

/** Of indexing, whose steps are short. */
const STEPS_BETWEEN_RESTS = 8;

/** Gives way to requests after each step of judging a study and some of indexing, for as long as `rest` says. */
export type SnapshotBuilder = (harvest: Harvest, signal?: AbortSignal) => Promise<Snapshot>;

/** Lists a study, excludes it or sets it aside. */
type Decide = (harvested: HarvestedStudy, asOf: PartialDate, outcome: Outcome) => Generator<undefined, void>;

interface Outcome {
  trials: Trial[];
  provenance: Provenance[];
  excluded: ExcludedStudy[];
  quality: QualityFinding[];
  setAside: SetAsideStudy[];
}

/**
 * Makes the builder that turns a harvest into a snapshot: each study is read, normalized and judged on its own,
 * so that a bad one is set aside with its reason and costs only itself.
 */
export function createSnapshotBuilder(
  pack: InstitutionPack,
  options: { modifications: string; rest?: (workedMs: number) => Promise<unknown> },
): SnapshotBuilder {
  const { modifications, rest = async () => setImmediate() } = options;
  let decide: Decide | null = null;

  return async (harvest, signal) => {
    const outcome: Outcome = { trials: [], provenance: [], excluded: [], quality: [], setAside: [] };
    const asOf = dayOf(harvest);
    // Made of hundreds of patterns, and a start from what was judged needs none of them.
    decide ??= createDecide(pack, modifications);
    for (const harvested of harvest.studies) {
      await takeSteps(decideSafely(harvested, asOf, outcome, decide), rest, { signal, stepsBetweenRests: 1 });
    }
    const steps = snapshotInSteps(
      {
        ...outcome,
        queries: harvest.queries.map(({ name, totalCount }) => ({ name, totalCount })),
        sourceDataTimestamp: harvest.dataTimestamp ?? asOf,
      },
      pack.facets,
    );
    return takeSteps(steps, rest, { signal });
  };
}

function createDecide(pack: InstitutionPack, modifications: string): Decide {
  const matchSite = createSiteMatcher(pack);
  const judge = createBelonging(pack.condition);
  const findUnlisted = createUnlistedFinder(pack.condition);
  const findFacets = createFacetFinder(pack.facets);

  return function* decide(harvested, asOf, outcome) {
    const { nctId, unreadable } = harvested;
    if (unreadable !== undefined) outcome.setAside.push({ nctId, reason: unreadable });
    if (unreadable !== undefined && harvested.study === null) return;
    const parsed = Study.safeParse(harvested.study);
    if (!parsed.success) {
      outcome.setAside.push({ nctId, reason: describeStudyProblem(parsed.error) });
      return;
    }
    if (isTooLarge(parsed.data)) {
      outcome.setAside.push({ nctId, reason: `larger than ${LARGEST_STUDY_CHARACTERS} characters` });
      return;
    }
    const context: NormalizeContext = {
      matchSite,
      findFacets,
      asOf,
      modifications,
      leftOutSitesCount: harvested.leftOutSitesCount ?? 0,
      dataDate: harvested.dataDate ?? null,
    };
    const { trial, unknownValues, siteMatches, otherFacilities } = yield* normalizeInSteps(
      parsed.data,
      context,
    );
    yield;
    const belonging = judge(trial);
    const foundBy = [...harvested.foundBy];
    const refuse = (reason: ExcludedStudy['reason'], evidence: ExcludedStudy['evidence']): void => {
      const { nctId, briefTitle, overallStatus, url } = trial;
      outcome.excluded.push({ nctId, briefTitle, overallStatus, reason, evidence, foundBy, url });
    };
    if (trial.sites.length === 0)
      refuse(
        'no_site_here',
        otherFacilities.map((text) => ({ field: 'LocationFacility', text })),
      );
    else if (!belonging.kept) refuse(belonging.reason, belonging.evidence);
    else {
      const relevance = { tier: belonging.tier, evidence: belonging.evidence };
      const findings = findQuality({ trial, siteMatches, unlisted: findUnlisted(trial) });
      const notices = unreadable === undefined ? trial.notices : [previousVersion(trial), ...trial.notices];
      // Nothing may fail from here on: a study is listed or set aside, never both.
      outcome.trials.push({ ...trial, notices, relevance });
      outcome.provenance.push({
        nctId: trial.nctId,
        foundBy,
        sites: siteMatches,
        relevance,
        unknownValues,
        dataDate: trial.source.dataDate,
      });
      for (const finding of findings) outcome.quality.push(finding);
    }
  };
}

/** Takes all steps, and gives way after some, the last included. */
export async function takeSteps<Result>(
  steps: Generator<undefined, Result>,
  rest: (workedMs: number) => Promise<unknown>,
  options: { signal?: AbortSignal | undefined; stepsBetweenRests?: number } = {},
): Promise<Result> {
  const { signal, stepsBetweenRests = STEPS_BETWEEN_RESTS } = options;
  for (;;) {
    signal?.throwIfAborted();
    const beganMs = performance.now();
    let taken = steps.next();
    for (let step = 1; step < stepsBetweenRests && taken.done !== true; step++) taken = steps.next();
    await rest(performance.now() - beganMs);
    if (taken.done === true) return taken.value;
  }
}

function isTooLarge({ protocolSection, ...sections }: Study): boolean {
  const { contactsLocationsModule: { locations: _sites, ...contacts } = {}, ...modules } = protocolSection;
  return JSON.stringify([sections, contacts, modules]).length > LARGEST_STUDY_CHARACTERS;
}

/** The record of today could not be read: what is shown is older, and says so. */
function previousVersion({ source }: Omit<Trial, 'relevance'>): Notice {
  return { code: 'previous_version', detail: `Data of ${source.dataDate ?? 'an unknown day'}.` };
}

function* decideSafely(
  harvested: HarvestedStudy,
  asOf: PartialDate,
  outcome: Outcome,
  decide: Decide,
): Generator<undefined, void> {
  try {
    yield* decide(harvested, asOf, outcome);
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown error';
    outcome.setAside.push({ nctId: harvested.nctId, reason: `could not be normalized: ${reason}` });
  }
}

/** The day of the data: the registry's, or the newest day that any study carries. */
function dayOf(harvest: Harvest): PartialDate {
  if (harvest.dataTimestamp !== null) return harvest.dataTimestamp.slice(0, 10);
  const days = harvest.studies.map(({ study, dataDate }) => readVersionHolder(study) ?? dataDate ?? '');
  return days.toSorted().at(-1) || '1970-01-01';
}
