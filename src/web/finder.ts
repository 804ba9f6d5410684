import type { FacetCounts } from '../trials/count-facets.ts';
import type { Trial, TrialFit } from '../trials/trial.ts';
import type { TrialQuery } from '../trials/trial-query.ts';
import type { AgeFit } from '../trials/vocabulary.ts';
import type { TrialFacts } from './trial-facts.ts';

export const VIEWS = ['patient', 'clinician'] as const;
export type View = (typeof VIEWS)[number];

/** A trial with what is said of it because of the question. */
export interface FoundTrial {
  readonly trial: Trial;
  readonly facts: TrialFacts;
  /** False where the asked filters leave it out: it is rendered all the same, and hidden. */
  readonly isShown: boolean;
  readonly ageFit: AgeFit | null;
  readonly fit: TrialFit | null;
}

/** What a reader wrote into the form, as it was written, beside what was understood of it. */
export interface Asked {
  readonly query: TrialQuery;
  /** As it was typed. */
  readonly age: string;
  readonly ageIsUnreadable: boolean;
  /** The search as it was typed. */
  readonly search: string;
  /** Only trials that were first posted lately; the dense view offers it. */
  readonly isNew: boolean;
  /** The order turned around; the dense view offers it. */
  readonly isReversed: boolean;
}

/** A facet with its names in words. */
export interface FacetName {
  readonly id: string;
  /** For physicians. */
  readonly label: string;
  readonly patientLabel: string;
}

/** Everything that the finder shows; the same for the page, the fragment and the widget. */
export interface Finder {
  readonly view: View;
  readonly asked: Asked;
  /** All trials of the list in its order, those left out included. */
  readonly trials: readonly FoundTrial[];
  readonly facetCounts: FacetCounts;
  /** For each filter that is set: how many trials there would be without it. Only where none is shown. */
  readonly suggestions: readonly { readonly drop: string; readonly total: number }[];
  /** The vocabulary of the pack, in its order. */
  readonly facetNames: readonly FacetName[];
  /** The sites that a trial can have. */
  readonly sites: readonly { readonly key: string; readonly name: string }[];
  /** The day of the data; `null` when it has none. */
  readonly dataDay: string | null;
  /** Every number of ours that anybody may call: who treats children does not treat adults. */
  readonly phones: readonly { readonly number: string; readonly name: string }[];
}
