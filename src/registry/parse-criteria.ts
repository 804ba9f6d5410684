import type { CriteriaItem } from '../trials/trial.ts';

/** Whom a section speaks of when it is not the patient: its criteria never speak for the patient. */
export type CriteriaGroup = 'donor' | 'control' | 'caregiver';

/** A stretch of the criteria under one heading. */
export interface CriteriaSection {
  readonly kind: 'inclusion' | 'exclusion' | 'other';
  readonly group: CriteriaGroup | null;
  /** The heading as written, without its bullet; `null` for text before any heading. */
  readonly heading: string | null;
  readonly items: CriteriaItem[];
}

/** The contract's form of the criteria. */
export interface SplitCriteria {
  readonly inclusion: CriteriaItem[];
  readonly exclusion: CriteriaItem[];
  readonly other: CriteriaItem[];
}

interface Line {
  readonly indent: number;
  readonly bullet: boolean;
  readonly numbered: boolean;
  readonly text: string;
}

/** Deeper nesting than any real record shows (6) is laid flat, so that hostile text cannot exhaust a stack. */
const DEEPEST = 20;
const BULLET = /^(?:[*•·▪◦‣–—-]|\+)(?=\s|$)\s*/;
const NUMBER = /^(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])(?=\s)/;

/**
 * A heading is short and says little besides "inclusion criteria": a qualifier before ("Key", "Donor"), a colon or
 * dash, perhaps a group behind ("for controls"). A sentence that mentions the criteria is none.
 */
const HEADING =
  /^(?:\d{1,2}[.)]\s*)?((?:[\w/&'’-]+\s+){0,5}?)(inclusion|exclusion|eligibility)(?:\s+(?:and|or|\/)\s+(?:inclusion|exclusion))?(?:\s+criteri(?:ar?|on)|(?=\s*[:-]|\s*$))((?:[\s(][\w(),/&'’-]+){0,8}?)\s*(?:[:：–—-]+\s*|$)/i;
const REVERSED_HEADING = /^()(?:criteria)\s+for\s+(inclusion|exclusion)(())\s*(?:[:：–—-]+\s*|$)/i;
const SENTENCE_WORD =
  /\b(?:meet|meets|meeting|met|must|who|the|all|any|these|those|are|is|do|does|not|may|should|if|will|have|has|as|per|see|above|listed|same|following|this|other)\b/i;
const GROUPS: readonly [CriteriaGroup, RegExp][] = [
  ['donor', /\bdonors?\b/i],
  ['control', /\b(?:controls?|healthy)\b/i],
  [
    'caregiver',
    /\b(?:caregivers?|parents?|guardians?|siblings?|famil(?:y|ies)|providers?|clinicians?|staff)\b/i,
  ],
];

interface Heading {
  readonly kind: CriteriaSection['kind'];
  readonly group: CriteriaGroup | null;
  readonly text: string;
  /** True when the heading says no more than which list follows. */
  readonly plain: boolean;
  readonly rest: string;
}

/** Parses plain criteria text into its sections, in the order of the text; only bullet signs are dropped. */
export function parseCriteria(text: string): CriteriaSection[] {
  return sectionsOf(text).map(({ heading, lines }) => ({
    kind: heading?.kind ?? 'other',
    group: heading?.group ?? null,
    heading: heading?.text ?? null,
    items: nest(lines),
  }));
}

/**
 * The contract's three lists. A plain heading only selects its list; one that says more ("Donor Inclusion
 * Criteria:") becomes an item above its criteria. Text without any heading is `other`: a reader must not take
 * it for inclusion.
 */
export function splitCriteria(text: string): SplitCriteria {
  const split: SplitCriteria = { inclusion: [], exclusion: [], other: [] };
  for (const { heading, lines } of sectionsOf(text)) {
    const items = nest(lines);
    const list = split[heading?.kind ?? 'other'];
    if (heading === null || heading.plain) list.push(...items);
    else list.push({ text: heading.text, items });
  }
  return split;
}

function sectionsOf(text: string): { heading: Heading | null; lines: Line[] }[] {
  const sections: { heading: Heading | null; lines: Line[] }[] = [];
  let current: { heading: Heading | null; lines: Line[] } = { heading: null, lines: [] };
  let afterBlank = true;
  for (const raw of text.split('\n')) {
    const line = readLine(raw);
    if (line === null) {
      afterBlank = true;
      continue;
    }
    const heading = readHeading(line.text);
    if (heading) {
      if (current.heading || current.lines.length > 0) sections.push(current);
      current = {
        heading,
        lines: heading.rest === '' ? [] : [{ ...line, bullet: false, text: heading.rest }],
      };
    } else if (continuesItem(line, current.lines.at(-1), afterBlank)) {
      const last = current.lines.pop() as Line;
      current.lines.push({ ...last, text: `${last.text} ${line.text}` });
    } else current.lines.push(line);
    afterBlank = false;
  }
  if (current.heading || current.lines.length > 0) sections.push(current);
  return sections;
}

function readLine(raw: string): Line | null {
  const expanded = raw.replace(/\t/g, '    ').trimEnd();
  let rest = expanded.trimStart();
  if (rest === '') return null;
  const indent = expanded.length - rest.length;
  const bullet = BULLET.exec(rest)?.[0];
  if (bullet !== undefined) rest = rest.slice(bullet.length);
  if (rest === '') return null;
  return { indent, bullet: bullet !== undefined, numbered: NUMBER.test(rest), text: rest };
}

/** A line without a marker straight below an item is the rest of a wrapped sentence. */
function continuesItem(line: Line, last: Line | undefined, afterBlank: boolean): boolean {
  if (last === undefined || afterBlank || line.bullet || line.numbered) return false;
  return line.indent > 0 || /^[a-z(]/.test(line.text);
}

function readHeading(text: string): Heading | null {
  if (!/clusion|eligib|criteria/i.test(text.slice(0, 120))) return null;
  const match = HEADING.exec(text) ?? REVERSED_HEADING.exec(text);
  if (match === null) return null;
  const [whole, before = '', kindWord = '', behind = ''] = match;
  const named = /^\s*(?:for|\(|specific|related)/i.test(behind);
  if (SENTENCE_WORD.test(named ? before : `${before} ${behind}`)) return null;
  const rest = text.slice(whole.length).trim();
  if (rest !== '' && !/[:：–—-]\s*$/.test(whole)) return null;
  const kind = headingKind(whole, /\bnon[- ]$/i.test(before) ? 'exclusion' : kindWord);
  const group = GROUPS.find(([, pattern]) => pattern.test(`${before} ${behind}`))?.[0] ?? null;
  const plain = isPlain(before) && behind.trim() === '' && kind !== 'other';
  return { kind, group, text: whole.trim(), plain, rest };
}

function headingKind(whole: string, kindWord: string): Heading['kind'] {
  const both = /inclusion/i.test(whole) && /exclusion/i.test(whole);
  if (both || /eligibility/i.test(kindWord)) return 'other';
  return kindWord.toLowerCase() === 'exclusion' ? 'exclusion' : 'inclusion';
}

function isPlain(before: string): boolean {
  return /^(?:key|main|major|general|patient|subject|participant|study)?\s*$/i.test(before);
}

/** Nests lines by their indentation. */
function nest(lines: readonly Line[]): CriteriaItem[] {
  const root: CriteriaItem[] = [];
  const path: { indent: number; items: CriteriaItem[] }[] = [];
  for (const line of lines) {
    while (path.length > 0 && (path.at(-1)?.indent ?? 0) >= line.indent) path.pop();
    const item: CriteriaItem = { text: line.text, items: [] };
    (path.at(-1)?.items ?? root).push(item);
    if (path.length < DEEPEST - 1) path.push({ indent: line.indent, items: item.items });
  }
  return root;
}
