import { forEachFacetFilter } from '../trials/facet-groups.ts';
import type { FitJudge } from '../trials/judge-fit.ts';
import { phasesOf } from '../trials/phases.ts';
import type { Trial } from '../trials/trial.ts';
import type { View } from './finder.ts';
import type { StatedVerdict, TrialFacts } from './trial-facts.ts';

/** A trial of the list with what judges it by its text, and the words that a search looks into. */
export interface ListedForWeb {
  readonly trial: Trial;
  readonly judgeFit: FitJudge;
  readonly searchWords: readonly string[];
}

/** Facets that the patient's question is about; the dense view asks them all. */
const PATIENT_FACETS = /^setting\./;

/** What the browser is told of a trial. */
export function factsOf(
  { trial, judgeFit, searchWords }: ListedForWeb,
  { view, facetIds }: { view: View; facetIds: readonly string[] },
): TrialFacts {
  const asked = view === 'patient' ? facetIds.filter((id) => PATIENT_FACETS.test(id)) : facetIds;
  return {
    nctId: trial.nctId,
    briefTitle: trial.briefTitle,
    availability: trial.availability,
    ageGroups: trial.ageGroups,
    ageRange: trial.ageRange,
    maximumAge: trial.maximumAge,
    phases: trial.phases,
    phaseKeys: phasesOf(trial.phases),
    sites: trial.sites.map(({ key, kind, availability }) => ({ key, kind, availability })),
    sex: trial.sex,
    studyType: trial.studyType,
    relevance: { tier: trial.relevance.tier },
    dates: { lastUpdatePosted: trial.dates.lastUpdatePosted, firstPosted: trial.dates.firstPosted },
    verdicts: statedVerdicts(judgeFit, asked),
    words: view === 'patient' ? [] : searchWords,
  };
}

function statedVerdicts(judgeFit: FitJudge, ids: readonly string[]): Record<string, StatedVerdict> {
  const verdicts: Record<string, StatedVerdict> = {};
  for (const id of ids) {
    const reason = judgeFit(askOnly(id))?.reasons[0];
    if (reason === undefined || (reason.verdict === 'fits' && reason.sentence === null)) continue;
    verdicts[id] = { verdict: reason.verdict, sentence: reason.sentence };
  }
  return verdicts;
}

const NOTHING_ASKED = forEachFacetFilter((): readonly string[] => []);

type Question = Parameters<FitJudge>[0];

/** By facet: the same few for every trial. */
const questions = new Map<string, Question>();

/** The question for one facet alone. */
function askOnly(id: string): Question {
  const known = questions.get(id);
  if (known !== undefined) return known;
  const [group = '', value = ''] = id.split('.');
  const question = { ...NOTHING_ASKED, [group]: [value] };
  questions.set(id, question);
  return question;
}
