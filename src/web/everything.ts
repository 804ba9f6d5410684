import { FITS, forEachFacetFilter } from '../trials/facet-groups.ts';
import type { TrialQuery } from '../trials/trial-query.ts';

/** Every trial, whatever it is about and wherever, in one list. */
export const EVERYTHING: TrialQuery = {
  ageGroup: [],
  age: null,
  ageMin: null,
  ageMax: null,
  phase: [],
  availability: [],
  site: [],
  siteMatch: [],
  sex: null,
  studyType: [],
  relevance: [],
  q: [],
  ...forEachFacetFilter(() => []),
  match: FITS,
  sort: 'availability',
  limit: Number.MAX_SAFE_INTEGER,
};
