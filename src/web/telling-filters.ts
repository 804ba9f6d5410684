import { FIELD_FILTERS, isAsked, type FieldFilter } from '../trials/filter-trials.ts';
import type { TrialQuery } from '../trials/trial-query.ts';

/** What leaves nothing out when it is not asked. Of the others a trial can fall short all the same: it may have no site. */
const SILENT: ReadonlySet<FieldFilter> = new Set([
  'ageGroup',
  'age',
  'phase',
  'availability',
  'sex',
  'studyType',
  'relevance',
]);

/** The filters of fields that can leave a trial out. A page asks its question of every trial many times over. */
export function tellingFilters(query: TrialQuery): readonly FieldFilter[] {
  return FIELD_FILTERS.filter((filter) => !SILENT.has(filter) || isAsked(query, filter));
}
