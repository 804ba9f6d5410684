import type { Trial } from '../trials/trial.ts';
import type { TrialQuery } from '../trials/trial-query.ts';
import type { AgeFit } from '../trials/vocabulary.ts';
import type { Html } from './html.ts';
import type { ListState } from './page.ts';
import type { Scene } from './scene.ts';
import type { TrialFacts } from './trial-facts.ts';

export const VIEWS = ['patient', 'clinician'] as const;
export type View = (typeof VIEWS)[number];

/** A trial with what is said of it because of the question. */
export interface FoundTrial {
  readonly trial: Trial;
  readonly facts: TrialFacts;
  readonly ageFit: AgeFit | null;
}

/** What a page says of a trial whatever is asked. */
export interface WantedBlank {
  readonly found: FoundTrial;
  readonly view: View;
  readonly scene: Scene;
  /** Names of the places that the question fills; in the markup each is marked. */
  readonly places: readonly string[];
  readonly render: () => Html;
}

/**
 * Puts a trial into a page. Most of its markup is the same whatever is asked, and whoever puts it there may have kept
 * that from an earlier page. What the question fills is asked for only where there is a page.
 */
export type PlaceTrial = (blank: WantedBlank, fill: () => Readonly<Record<string, Html | false>>) => Html;

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
  /** All trials of the list, those left out included; each view has an order of its own. */
  readonly trials: readonly FoundTrial[];
  readonly place: PlaceTrial;
  /** The vocabulary of the pack, in its order. */
  readonly facetNames: readonly FacetName[];
  /** The sites that a trial can have. */
  readonly sites: readonly { readonly key: string; readonly name: string }[];
  readonly list: ListState;
  /** The day of the data; `null` when it has none. */
  readonly dataDay: string | null;
  /** Every number of ours that anybody may call: who treats children does not treat adults. */
  readonly phones: readonly { readonly number: string; readonly name: string }[];
}
