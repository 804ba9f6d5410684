import type { Trial } from '../trials/trial.ts';
import type { Availability, Phase } from '../trials/vocabulary.ts';
import type { Fit } from '../trials/facet-groups.ts';
import type { FilterableTrial } from '../trials/filter-trials.ts';

/** A verdict that the text gave a reason for; what is not named fits because nothing of its kind is restricted. */
export interface StatedVerdict {
  readonly verdict: Fit;
  /** The sentence of the record that decided; `null` when the text says nothing. */
  readonly sentence: string | null;
}

/**
 * What a card tells the browser of its trial: the fields that the rules of `src/trials` look at, so that the same
 * rules filter in both places. Short where a list is long: words and verdicts are there in the dense view only.
 */
export interface TrialFacts extends FilterableTrial {
  readonly availability: Availability;
  readonly phaseKeys: readonly Phase[];
  readonly dates: Pick<Trial['dates'], 'lastUpdatePosted' | 'firstPosted'>;
  /** Facet ids with a stated verdict. */
  readonly verdicts: Readonly<Record<string, StatedVerdict>>;
  /** What a search looks into, folded to words; empty in the patient view, which has no search. */
  readonly words: readonly string[];
}
