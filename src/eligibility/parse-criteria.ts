import type { CriteriaItem } from '../trials/trial.ts';
import { withSingleSpaces } from '../trials/single-spaces.ts';
import { rememberLast } from './remember-last.ts';
import { readSections, type LinedSection, type Stretch } from './criteria-sections.ts';

/** One criterion with those nested below it, and where its own words stand: `text.slice(start, end)`. */
export interface PlacedCriterion {
  /** The criterion with its number or letter and without its bullet, on one line. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly items: readonly PlacedCriterion[];
}

/** A stretch of the criteria under one heading. */
export interface CriteriaSection {
  readonly kind: 'inclusion' | 'exclusion' | 'other';
  /**
   * Whom the section speaks of when that is not every patient of the study: `donor`, `control`, `caregiver`, `parent`,
   * `relative`, `provider`, or the words of the heading of a cohort, arm, phase or part.
   */
  readonly group: string | null;
  /** The heading as written, without the bullet before it; `null` before any heading and where a section goes on. */
  readonly heading: string | null;
  readonly items: readonly PlacedCriterion[];
}

/** The sections in the order of the text. */
export interface Criteria {
  readonly sections: readonly CriteriaSection[];
}

/** The contract's three lists (section 4, `eligibilityCriteria`). */
export interface SplitCriteria {
  readonly inclusion: CriteriaItem[];
  readonly exclusion: CriteriaItem[];
  readonly other: CriteriaItem[];
}

/** Real records nest to 6 levels; deeper text is laid flat here, so that hostile text cannot exhaust a stack. */
const DEEPEST_LEVEL = 20;

/**
 * Parses the plain text of the criteria into sections. Nothing is lost: the headings and items in their order are the
 * text, but for bullets and white space. Never throws; linear in time.
 */
export function parseCriteria(text: string): Criteria {
  const sections = nestSections(text).map(({ section: { kind, group, heading }, items }) => ({
    kind,
    group,
    heading,
    items,
  }));
  return { sections };
}

/**
 * The contract's three lists. A heading that only names its list chooses it; one that says more ("Donor Inclusion
 * Criteria:", "Cohort 1:") becomes an item above its criteria. Text under no heading is `other`, and all of it is when
 * there is no heading: a reader must not take it for inclusion.
 */
export function splitCriteria(text: string): SplitCriteria {
  const split: SplitCriteria = { inclusion: [], exclusion: [], other: [] };
  const titled = new Map<LinedSection, CriteriaItem[]>();
  for (const { section, items } of nestSections(text)) {
    const begun = section.continues === null ? undefined : titled.get(section.continues);
    const list = begun ?? (section.title === null ? split[section.kind] : []);
    // One by one: a spread of a hostile text's items would not fit on the stack.
    for (const item of withoutPlaces(items)) list.push(item);
    if (begun !== undefined || section.title === null) continue;
    split[section.kind].push({ text: onOneLine(section.title), items: list });
    titled.set(section, list);
  }
  return split;
}

/** Lists, facets, ages and belonging are read one after the other from the same text, which is read once for all. */
const nestSections = rememberLast((text) =>
  readSections(text).map((section) => ({ section, items: nestLines(section, text) })),
);

interface OpenCriterion {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly items: OpenCriterion[];
}

/** Nests lines by their indentation. A title takes the first level of the contract's lists, so one less is left. */
function nestLines({ lines, title }: LinedSection, text: string): OpenCriterion[] {
  const parentsAtMost = DEEPEST_LEVEL - (title === null ? 1 : 2);
  const root: OpenCriterion[] = [];
  const parents: { indent: number; items: OpenCriterion[] }[] = [];
  for (const line of lines) {
    while ((parents.at(-1)?.indent ?? -1) >= line.indent) parents.pop();
    const criterion = criterionOf(line, text);
    (parents.at(-1)?.items ?? root).push(criterion);
    if (parents.length < parentsAtMost) parents.push({ indent: line.indent, items: criterion.items });
  }
  return root;
}

function criterionOf({ start, end }: Stretch, text: string): OpenCriterion {
  return { text: onOneLine(text.slice(start, end)), start, end, items: [] };
}

function onOneLine(text: string): string {
  return withSingleSpaces(text).trim();
}

function withoutPlaces(criteria: readonly PlacedCriterion[]): CriteriaItem[] {
  return criteria.map(({ text, items }) => ({ text, items: withoutPlaces(items) }));
}
