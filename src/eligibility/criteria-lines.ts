/** A stretch of one line of the criteria, without the bullet before it. */
export interface CriteriaLine {
  /** Columns before the bullet or the text; a tab counts four. */
  readonly indent: number;
  /** A bullet is dropped; a label ("1.", "(a)", "iv)") stays, because other criteria refer to it. */
  readonly marker: 'bullet' | 'label' | 'none';
  /** The first line of a paragraph: a blank line, or the beginning of the text, is above it. */
  readonly opensParagraph: boolean;
  readonly text: string;
  /** Offsets of `text` in the whole text. */
  readonly start: number;
  readonly end: number;
}

const TAB_COLUMNS = 4;

/**
 * Signs that are bullets and nothing else; one of `*`, `-`, dashes, `+` before a blank; a dash glued to a word
 * ("-Age"). A minus before a number and a footnote's asterisk ("\*Patients who had…", NCT01723774) are text.
 */
const BULLET = /(?:[•▪▫◦‣●○■□◆➢➤✓✔·]|(?:[*+–—-]|--)(?=\s|$)|[–—-](?=[A-Z][a-z]))\s*/y;

/** "1.", "2)", "(3)", "1.2.", "a.", "(b)", "iv.", and the "o" that word processors leave of a round bullet. */
const LABEL =
  /^(?:[(（]?(?:\d{1,3}(?:\.\d{1,2}){0,3}[a-z]?|[a-z]|[ivxl]{1,6})[.)、）](?=\s|$|[A-Z(])|[(（]?\d{1,3}[)、）]|o(?=\s))/i;

/**
 * A second heading in the middle of a line, as in NCT06629051 ("Inclusion Criteria: participants who … Exclusion
 * Criteria: no"). The colon and the capitals are needed; a word before it that makes it part of a sentence is ruled out.
 */
const INNER_HEADING =
  /(?<=[\s.;)\]])(?:(?:Key|Main|Donor|Control|Patient|KEY|DONOR|CONTROL|PATIENT)\s)?(?:Inclusion|Exclusion|INCLUSION|EXCLUSION)\s(?:Criteria|CRITERIA)\s?[:：]/g;
const AFTER_SENTENCE = /[.;:)\]–—-]\s*$/;
const AFTER_CONTENT = /(?:[a-z]|\d|%)\s*$/;
const AFTER_CONNECTIVE =
  /(?:^|\s)(?:and|or|the|see|per|of|in|to|for|with|by|from|under|all|any|these|following|additional|other|main|key|study|protocol)\s*$/i;
const STARTS_WITH_HEADING = /^[^\p{L}]{0,10}(?:[\p{L}]{1,20}\s){0,2}(?:in|ex)clusion criteria/iu;

/** Lines of the criteria in their order; blank lines and bare bullets are left out. */
export function readCriteriaLines(text: string): CriteriaLine[] {
  const lines: CriteriaLine[] = [];
  let opensParagraph = true;
  for (let start = 0; start <= text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const found: CriteriaLine[] =
      start === end ? [] : partLine(text.slice(start, end), { start, opensParagraph });
    // One by one: a spread of a hostile line's parts would not fit on the stack.
    for (const line of found) lines.push(line);
    opensParagraph = found.length === 0;
    start = end + 1;
  }
  return lines;
}

interface Place {
  readonly start: number;
  readonly opensParagraph: boolean;
}

/** One line, or several where headings stand inside it. */
function partLine(raw: string, place: Place): CriteriaLine[] {
  const cuts = findInnerHeadings(raw);
  const indent = cuts.length === 0 ? 0 : indentOf(raw);
  return [0, ...cuts].flatMap((from, index) => {
    const part = raw.slice(from, cuts[index]);
    const start = place.start + from;
    if (index === 0) return readLine(part, { ...place, start }) ?? [];
    const line = readLine(part, { start, opensParagraph: true });
    return line === null ? [] : { ...line, indent };
  });
}

function findInnerHeadings(raw: string): number[] {
  // Nearly all lines are told by this at once.
  if (!raw.includes('Criteria') && !raw.includes('CRITERIA')) return [];
  const headingEnd = STARTS_WITH_HEADING.exec(raw)?.[0].length ?? Infinity;
  return [...raw.matchAll(INNER_HEADING)]
    .map(({ index }) => index)
    .filter((index) => {
      const before = raw.slice(Math.max(0, index - 30), index);
      if (!/\p{L}{3}/u.test(before) || AFTER_CONNECTIVE.test(before)) return false;
      return AFTER_SENTENCE.test(before) || (index > headingEnd && AFTER_CONTENT.test(before));
    });
}

function readLine(raw: string, place: Place): CriteriaLine | null {
  const trimmed = raw.trimEnd();
  const textFrom = skipBullets(trimmed, trimmed.length - trimmed.trimStart().length);
  const text = trimmed.slice(textFrom.after);
  if (text === '') return null;
  return {
    indent: indentOf(trimmed),
    marker: LABEL.test(text) ? 'label' : textFrom.bulleted ? 'bullet' : 'none',
    opensParagraph: place.opensParagraph,
    text,
    start: place.start + textFrom.after,
    end: place.start + trimmed.length,
  };
}

/** Where the text behind the bullets begins. Bullets may be doubled: "* • Age" (NCT06813014), "\- ✓ Screened" (NCT06074536). */
export function skipBullets(line: string, from: number): { after: number; bulleted: boolean } {
  BULLET.lastIndex = from;
  let after = from;
  while (BULLET.test(line)) after = BULLET.lastIndex;
  return { after, bulleted: after > from };
}

function indentOf(line: string): number {
  const blank = line.slice(0, line.length - line.trimStart().length);
  return blank.length + (TAB_COLUMNS - 1) * (blank.split('\t').length - 1);
}
