import { groupOf, lengthOfGroupHeading } from './criteria-groups.ts';
import type { CriteriaLine } from './criteria-lines.ts';

/** What a line of the criteria announces when it is a heading. */
export interface Heading {
  /**
   * `eligibility`: "Eligibility Criteria", which may hold both lists. `inherited`: a heading that names a group or a
   * topic and leaves the list as it was ("Cohort A:", "Donors:").
   */
  readonly kind: 'inclusion' | 'exclusion' | 'other' | 'eligibility' | 'inherited';
  /** Whom the criteria below speak of; `null`: the patients of the whole study. */
  readonly group: string | null;
  /** The heading says no more than which list follows. */
  readonly plain: boolean;
  /** How many characters of the line are heading; what follows them is content. */
  readonly length: number;
}

/** The longest real heading has 146 characters (NCT02724163); a line is not looked at beyond this. */
const LONGEST_HEADING = 300;
const LONGEST_REMARK = 200;

const LABEL_BEFORE = String.raw`(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s{0,3})?`;
const WORDS_BEFORE = String.raw`(?<before>(?:[^\s:：;?!]{1,40}\s{1,3}|[^\s:：;?!/–—-]{1,30}[/–—-]\s{0,3}){0,8}?)`;
const LIST = String.raw`(?:in|ex|non[- ]?in)clusions?(?:\s{0,2}(?:and|or|&|/|,)\s{0,2}(?:in|ex)clusions?)?`;
const OTHER_LIST = '(?:in|non-)?eligibility|entry|selection|enrolment|enrollment|withdrawal|discontinuation';

/** In the order in which they are tried: "Key Inclusion Criteria…", "Criteria for exclusion…", "Exclusion…". */
const CRITERIA_HEADING = new RegExp(
  String.raw`^${LABEL_BEFORE}${WORDS_BEFORE}(?<list>${LIST}|${OTHER_LIST})\s{0,3}criteri(?:ar?|on|as)\b(?<after>.*)$`,
  'i',
);
const REVERSED_HEADING = new RegExp(
  String.raw`^${LABEL_BEFORE}(?<before>)criteria\s{1,3}(?:for|of)\s{1,3}(?<list>${LIST}|eligibility)\b(?<after>.*)$`,
  'i',
);
const SHORT_HEADING = new RegExp(
  String.raw`^${LABEL_BEFORE}${WORDS_BEFORE}(?<list>${LIST}|(?:in)?eligibility)(?![\w-])(?<after>.*)$`,
  'i',
);

/** What none of them is without: nearly all lines are told by this at once. */
const NAMES_LIST = /criteri|clusion|eligibil/i;

/** A list of when to leave the study, which is neither of entering it nor of staying out. */
const LATER_LIST = /^(?:withdrawal|discontinuation)/i;

/** Words before the list's name that add nothing to it. */
const PLAIN_BEFORE =
  /^(?:the\s+)?(?:(?:key|main|major|principal|primary|general|basic|core|patients?['’]?s?|subjects?['’]?|participants?['’]?|study|trial|protocol|list of|summary of|diagnosis and)\s+)*$/i;
/** Words before it that make a sentence: "Patients who meet all inclusion criteria". */
const SENTENCE_BEFORE =
  /\b(?:meet|meets|meeting|met|must|who|whose|that|all|any|no|not|each|every|none|these|those|this|same|is|are|was|were|be|been|do|does|did|may|can|should|shall|will|would|if|has|have|had|per|as|see|above|below|following|of|to|at|than|fulfil|fulfill|fulfils|fulfilled|fulfilling|satisfy|satisfies|satisfying|pass|violate|violation|failure|failed|fail|beyond|under|upon|by)\b|[.;]\s/i;
/** Words behind it that do: "Exclusion criteria do not apply to …". */
const SENTENCE_BEHIND =
  /\b(?:is|are|was|were|be|been|will|would|must|should|shall|may|can|cannot|do|does|did|has|have|had|apply|applies|applied|include|includes|included|meet|meets|met|see|as|per|above|below)\b/i;
/** How words behind it begin when they only say for whom or when. */
const QUALIFIER =
  /^(?:for|specific|related|relating|of|in|to|at|by|during|only|on|after|before|applicable|regarding|cohorts?|parts?|arms?|phases?|groups?|strat(?:um|a)|stages?|steps?|age|\d|[IVX]+\b|[A-Z]\b|[,/(–—-])/i;
/** "Exclusion criteria are:", "… for these volunteers will be:" (NCT06370169): a verb, and yet they announce a list. */
const ANNOUNCEMENT =
  /^(?:(?:for|of)\b[^.;]{0,80}?\s)?\s*(?:is|are|were|will be|includes?)(?:\s(?:as follows|the following|listed below))?$|^(?:as follows|as below|listed below)$/i;

/** Reads the heading at the beginning of a line, or `null`: a sentence that mentions the criteria is none. */
export function readHeading(line: CriteriaLine): Heading | null {
  const cutFromSentence = line.marker === 'none' && !line.opensParagraph && /^\p{Ll}/u.test(line.text);
  if (cutFromSentence) return null;
  const listHeading = readListHeading(line);
  if (listHeading !== null) return listHeading;
  const length = lengthOfGroupHeading(line);
  if (length === 0) return null;
  const words = line.text.slice(0, length);
  return { kind: 'inherited', group: groupOf(words, words), plain: false, length };
}

/** A remark that further criteria exist; it is no criterion of either list (NCT06137118, NCT01808573). */
export function isRemark(text: string): boolean {
  if (text.length > LONGEST_REMARK || /[:：]$|\bfollowing\b/i.test(text)) return false;
  return (
    /\b(?:other|additional|further)\b[^.]{0,60}\b(?:in|ex)clusion\b[^.]{0,60}\b(?:apply|applies|exist)\b/i.test(
      text,
    ) ||
    /^(?:note\s?:?\s)?there (?:are|may be) (?:other|additional|further)\b[^.]{0,40}\b(?:in|ex)clusion\b/i.test(
      text,
    )
  );
}

interface Found {
  readonly line: CriteriaLine;
  readonly before: string;
  readonly list: string;
  /** The words between the list's name and the heading's end. */
  readonly behind: string;
  /** Something marks the end: a colon, a dash, the number of a first criterion. */
  readonly closed: boolean;
  readonly length: number;
}

function readListHeading(line: CriteriaLine): Heading | null {
  const head = line.text.slice(0, LONGEST_HEADING);
  if (!NAMES_LIST.test(head)) return null;
  const long = find(line, head, CRITERIA_HEADING.exec(head) ?? REVERSED_HEADING.exec(head));
  if (long !== null) return isListHeading(long) ? headingOf(long) : null;
  const short = find(line, head, SHORT_HEADING.exec(head));
  return short !== null && isListHeading(short) && isShortHeading(short) ? headingOf(short) : null;
}

function find(line: CriteriaLine, head: string, match: RegExpExecArray | null): Found | null {
  if (match === null) return null;
  const { before = '', list = '', after = '' } = match.groups ?? {};
  const ending =
    (line.marker === 'none' && findSentence(before + list, after)) ||
    findEnding(after, PLAIN_BEFORE.test(before));
  if (!ending.closed && line.text.length > LONGEST_HEADING) return null;
  const length = head.length - after.length + ending.length;
  return { line, before, list, behind: ending.behind.trim(), closed: ending.closed, length };
}

interface Ending {
  readonly behind: string;
  readonly closed: boolean;
  /** Characters behind the list's name that belong to the heading. */
  readonly length: number;
}

/**
 * A sentence that begins behind the heading without any sign between them: "Registration PIK3CA Mutant Inclusion The
 * criteria below must be met…", "Exclusion Criteria below must be met…" (both NCT01723774).
 */
function findSentence(name: string, after: string): Ending | null {
  const space = /^\s{1,3}(?=(?:below|The|All|Patients|Participants|Subjects|To be|In order)\s)/.exec(
    after,
  )?.[0];
  return space === undefined || !isTitleCase(name)
    ? null
    : { behind: '', closed: true, length: space.length };
}

/** Finds where a heading ends: at a dash, before a numbered list, at a colon outside parentheses, or with its line. */
function findEnding(after: string, plainBefore: boolean): Ending {
  const dash = /^\s{0,3}[–—-]{1,5}>?(?:\s|$)/.exec(after)?.[0];
  const qualifierFollows = dash !== undefined && /[:：]\s*$|^\s*for\b/i.test(after.slice(dash.length));
  if (dash !== undefined && !qualifierFollows) return { behind: '', closed: true, length: dash.length };
  const list = plainBefore ? /^\s{1,3}(?=(?:\(?\d{1,2}[.)](?!\d)|[•*·])\s?\S)/.exec(after)?.[0] : undefined;
  if (list !== undefined) return { behind: '', closed: true, length: list.length };
  const colon = findColon(after);
  if (colon === -1)
    return { behind: after.replace(/[.–—-]{1,5}\s{0,3}$/, ''), closed: false, length: after.length };
  const closing = /^[\s:：–—-]*>?/.exec(after.slice(colon))?.[0].length ?? 1;
  return { behind: after.slice(0, colon), closed: true, length: colon + closing };
}

function findColon(after: string): number {
  let depth = 0;
  for (let at = 0; at < after.length; at++) {
    const sign = after.charAt(at);
    if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if (/[:：]/.test(sign) && depth <= 0) return at;
  }
  return -1;
}

function isListHeading({ line, before, list, behind, closed }: Found): boolean {
  const plainBefore = PLAIN_BEFORE.test(before);
  if (!plainBefore && SENTENCE_BEFORE.test(before)) return false;
  if (!isQualifier(behind) && !(closed && ANNOUNCEMENT.test(behind))) return false;
  if (closed || (plainBefore && behind === '')) return true;
  if (LATER_LIST.test(list)) return false;
  return line.marker === 'none' || isTitleCase(before + list + behind);
}

function isQualifier(behind: string): boolean {
  const outsideParentheses = behind.replace(/\([^()]*\)/g, ' ');
  return behind === '' || (QUALIFIER.test(behind) && !SENTENCE_BEHIND.test(outsideParentheses));
}

/** "Inclusion:", "PIK3CA Wild Type Inclusion" (NCT01723774); not "Age at inclusion:" nor "Months since inclusion:". */
function isShortHeading({ line, before, list, behind, closed }: Found): boolean {
  const plainBefore = PLAIN_BEFORE.test(before);
  if (/eligibility/i.test(list)) return closed && plainBefore && behind === '';
  if (behind !== '' && !(closed && /^(?:for\b|\()/i.test(behind))) return false;
  if (plainBefore) return true;
  if (closed && /s$/i.test(list)) return true;
  return (closed || line.marker === 'none') && isTitleCase(before + list);
}

/** Every longer word begins with a capital: "Registration Eligibility Criteria (Step 1)" (NCT03739814). */
function isTitleCase(text: string): boolean {
  const words = text.match(/[\p{L}\d][\p{L}\d'’-]*/gu) ?? [];
  return words.every((word) => word.length < 4 || !/^\p{Ll}/u.test(word));
}

function headingOf({ line, before, list, behind, length }: Found): Heading {
  return {
    kind: kindOf(list),
    group: groupOf(line.text.slice(0, length), `${before} ${behind}`),
    plain:
      !LATER_LIST.test(list) && PLAIN_BEFORE.test(before) && (behind === '' || ANNOUNCEMENT.test(behind)),
    length,
  };
}

function kindOf(list: string): Heading['kind'] {
  if (LATER_LIST.test(list)) return 'other';
  const names = new Set(list.toLowerCase().match(/non[- ]?inclusion|inclusion|exclusion/g));
  if (names.size > 1) return 'other';
  if (/^(?:non|ineligib|exclusion)/i.test(list)) return 'exclusion';
  return names.size === 1 ? 'inclusion' : 'eligibility';
}
