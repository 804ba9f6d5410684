import { isRemark, readHeading, type Heading } from './criteria-headings.ts';
import { readCriteriaLines, skipBullets, type CriteriaLine } from './criteria-lines.ts';

/** A criterion's own lines: the first one, stretched over those that go on with it. */
export interface Stretch {
  readonly indent: number;
  readonly start: number;
  readonly lastLineStart: number;
  readonly end: number;
}

/** A stretch of the criteria under one heading, its lines not yet nested. */
export interface LinedSection {
  readonly kind: 'inclusion' | 'exclusion' | 'other';
  readonly group: string | null;
  /** The heading as written, without a bullet before it. */
  readonly heading: string | null;
  /** The words that belong above the criteria in a list of this kind; `null` when the list alone says enough. */
  readonly title: string | null;
  /** The heading names a group or a topic and no list: "Cohort 1", "Donors:". */
  readonly namesNoList: boolean;
  /** The section that this one goes on with, after a nested heading or a remark. */
  readonly continues: LinedSection | null;
  readonly lines: Stretch[];
}

/** A heading inside a list holds until the list returns to columns left of `untilIndent`; then `around` goes on. */
interface NestedScope {
  readonly around: LinedSection;
  readonly untilIndent: number;
}

interface Reading {
  readonly sections: LinedSection[];
  readonly scopes: NestedScope[];
  current: LinedSection;
  /** The group that stands above whole lists: "Cohort 1", then its inclusion and exclusion (NCT01515527). */
  outer: LinedSection | null;
}

/** A line is long enough to have been wrapped from this length on; shorter lines end where their author ended them. */
const WRAPPED_FROM_LENGTH = 60;

const NO_HEADING: LinedSection = {
  kind: 'other',
  group: null,
  heading: null,
  title: null,
  namesNoList: false,
  continues: null,
  lines: [],
};

/**
 * Reads the criteria into sections, in the order of the text. Sections with neither heading nor lines are left out.
 */
export function readSections(text: string): readonly LinedSection[] {
  const lines = readCriteriaLines(text);
  const headings = lines.map(readHeading);
  const eligibilityKind = kindOfEligibility(headings);
  const lastOwnHeading = findLastOwnHeadings(lines, headings);
  const start = { ...NO_HEADING, lines: [] };
  const reading: Reading = { sections: [start], scopes: [], current: start, outer: null };
  for (const [index, line] of lines.entries()) {
    const around = leaveScopes(reading, line.indent);
    const heading = headings[index] ?? null;
    if (heading !== null && holdsHere(heading, line, around)) {
      const stray = index < (lastOwnHeading.get(heading.kind) ?? -1) && heading.plain && line.indent > 0;
      const untilIndent = stray ? line.indent : endOfScope(heading, line, lines[index + 1]);
      openUnderHeading(reading, { line, heading, around, untilIndent, eligibilityKind });
    } else if (isRemark(line.text)) addRemark(reading, line, around);
    else addLine(reading, line, { around, text });
  }
  return reading.sections.filter(({ heading, lines: own }) => heading !== null || own.length > 0);
}

/** "Eligibility Criteria" beside "Ineligibility Criteria" is the list of inclusion (NCT01101438); alone it may be both. */
function kindOfEligibility(headings: readonly (Heading | null)[]): 'inclusion' | 'other' {
  const kinds = new Set(headings.map((heading) => heading?.kind));
  return kinds.has('exclusion') && !kinds.has('inclusion') ? 'inclusion' : 'other';
}

/**
 * Where each list's last heading at the margin is. An indented heading above it has strayed into another list:
 * NCT04280705 has "Exclusion Criteria:" in the middle of its fifth criterion of inclusion, and again at its place.
 */
function findLastOwnHeadings(
  lines: readonly CriteriaLine[],
  headings: readonly (Heading | null)[],
): Map<Heading['kind'], number> {
  const last = new Map<Heading['kind'], number>();
  for (const [index, heading] of headings.entries())
    if (heading?.plain && lines[index]?.indent === 0) last.set(heading.kind, index);
  return last;
}

/** Leaves the nested headings that end above this line; gives the section that the line stands in. */
function leaveScopes(reading: Reading, indent: number): LinedSection {
  let around = reading.current;
  for (let last = reading.scopes.at(-1); last && last.untilIndent > indent; last = reading.scopes.at(-1)) {
    around = last.around;
    reading.scopes.pop();
  }
  return around;
}

/** "Part 1:" below a criterion parts that criterion, not the study (NCT05607199); a list is named at any depth. */
function holdsHere(heading: Heading, line: CriteriaLine, around: LinedSection): boolean {
  return heading.kind !== 'inherited' || line.indent <= (around.lines[0]?.indent ?? line.indent);
}

/**
 * A heading holds until the next one, whatever its indentation: NCT05745714 has "Exclusion Criteria" inside its list of
 * inclusion, and the exclusions follow further left. Only an item that says more than its list's name, and has words
 * or items of its own, speaks of those alone ("Inclusion criteria for Group 1: relatives…", NCT07251738).
 */
function endOfScope(heading: Heading, line: CriteriaLine, next: CriteriaLine | undefined): number {
  const hasItemsBelow = next !== undefined && next.indent > line.indent;
  const hasWords = line.text.length > heading.length;
  const nested = line.marker !== 'none' && !heading.plain && (hasItemsBelow || hasWords);
  return nested ? line.indent + 1 : 0;
}

interface Opening {
  readonly line: CriteriaLine;
  readonly heading: Heading;
  readonly around: LinedSection;
  readonly untilIndent: number;
  readonly eligibilityKind: 'inclusion' | 'other';
}

function openUnderHeading(reading: Reading, opening: Opening): void {
  const { line, heading, around, untilIndent } = opening;
  const nested = untilIndent > 0;
  if (nested) reading.scopes.push({ around, untilIndent });
  else reading.scopes.length = 0;
  if (!nested && heading.kind !== 'inherited') takeOuterGroup(reading);
  const above = nested ? around : reading.outer;
  const words = line.text.slice(0, heading.length).trim();
  const namesNoList = heading.kind === 'inherited';
  open(reading, {
    kind: kindUnder(opening),
    group: namesNoList ? heading.group : (heading.group ?? above?.group ?? null),
    heading: words,
    title: heading.plain ? (reading.outer?.heading ?? null) : words,
    namesNoList,
    continues: null,
    lines: contentAfter(line, heading),
  });
}

/** A group with nothing below it but a list's heading stands above that list and the next. */
function takeOuterGroup(reading: Reading): void {
  const { current, sections } = reading;
  if (!current.namesNoList || current.lines.length > 0) return;
  reading.outer = current;
  sections[sections.length - 1] = { ...current, kind: 'other', title: null };
}

function kindUnder({ heading, around, eligibilityKind }: Opening): LinedSection['kind'] {
  if (heading.kind === 'inherited') return around.kind;
  if (heading.kind !== 'eligibility') return heading.kind;
  return around.kind === 'inclusion' ? 'inclusion' : eligibilityKind;
}

function contentAfter(line: CriteriaLine, heading: Heading): Stretch[] {
  const rest = line.text.slice(heading.length);
  const from = skipBullets(rest, rest.length - rest.trimStart().length).after;
  const start = line.start + heading.length + from;
  return from >= rest.length ? [] : [{ indent: line.indent, start, lastLineStart: start, end: line.end }];
}

/** Remarks belong to neither list; the section goes on behind them. */
function addRemark(reading: Reading, line: CriteriaLine, around: LinedSection): void {
  open(reading, { ...NO_HEADING, lines: [stretchOf(line)] });
  open(reading, continuing(around));
}

function addLine(
  reading: Reading,
  line: CriteriaLine,
  { around, text }: { around: LinedSection; text: string },
): void {
  if (around !== reading.current) open(reading, continuing(around));
  const { lines } = reading.current;
  const last = lines.at(-1);
  if (last !== undefined && goesOn(line, last, text))
    lines[lines.length - 1] = { ...last, lastLineStart: line.start, end: line.end };
  else lines.push(stretchOf(line));
}

/** A line without a marker straight below another one is the rest of it when it is indented or cut from a sentence. */
function goesOn(line: CriteriaLine, last: Stretch, text: string): boolean {
  if (line.marker !== 'none' || line.opensParagraph) return false;
  if (line.indent > last.indent || /^[\p{Ll}(,;&]/u.test(line.text)) return true;
  const wrapped = last.end - last.lastLineStart >= WRAPPED_FROM_LENGTH;
  return wrapped && !/[.;:!?]/.test(text.charAt(last.end - 1));
}

function open(reading: Reading, section: LinedSection): void {
  reading.current = section;
  reading.sections.push(section);
}

function continuing(section: LinedSection): LinedSection {
  return { ...section, heading: null, continues: section.continues ?? section, lines: [] };
}

function stretchOf({ indent, start, end }: CriteriaLine): Stretch {
  return { indent, start, lastLineStart: start, end };
}
