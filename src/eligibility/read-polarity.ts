import { findSpans } from '../trials/find-spans.ts';
import type { Polarity } from '../trials/facet-groups.ts';

/** A naming in its sentence, and what stands above that sentence. */
export interface PlacedNaming {
  /** One sentence with plain hyphens, apostrophes and spaces (see `foldSigns`). */
  readonly sentence: string;
  /** What follows behind the naming, uncut, to the end of the criterion: an exception may stand there. */
  readonly rest: string;
  readonly start: number;
  readonly end: number;
  /** The sentence stands in a list of exclusions. */
  readonly excluding: boolean;
  /** What the criterion above says of those below it: "The following patients are excluded:". */
  readonly stance: Stance;
  /** "Eligible" says that it may be present rather than what the patient has to be (Down syndrome, CNS disease). */
  readonly incidental: boolean;
  /** An exclusion in this sentence is outright, whatever adjective narrows it. */
  readonly outright: boolean;
}

/** What a criterion says of the criteria below it. */
export type Stance = 'none' | 'excludes' | 'exempts' | 'conditional';

/** Words that look like a negation and are none. */
const NO_NEGATION =
  /\bnot (?:be )?(?:limited to|only|necessarily|required|mandatory|restricted)\b|\b(?:no|not) (?:more|less|greater|fewer|later|earlier|older|younger|longer|lower|higher)\b|\bwhether or not\b|\bnon(?=-)/gi;
const NOT_EXCLUDED = /\b(?:not|never) (?:be |an? )?(?:exclu\w+|ineligible)/i;
const EXCEPTION =
  /\b(?:other than|except(?:ing|ions?)?(?: (?:of|for|in|that))?|with the exception of|apart from|aside from|unless)\b/gi;
const EXCLUDING = /\b(?:exclud(?:e|es|ed|ing)|exclusion of|ineligible)\b/gi;
const NEGATION =
  /\b(?:no|not|never|neither|nor|without|absence of|lack(?:s|ing)?(?: of)?|negative for|free of|cannot|rule[sd]? out)\b/gi;
const WITH_OR_WITHOUT =
  /\b(?:with or without|with and without|with\/without|regardless of|irrespective of|without regard to|whether or not|may have|can have|independent of)\b/gi;

/** Between a negation and what it denies none of these stands: "no prior therapy for newly diagnosed ALL". */
const BARRIER =
  /\b(?:for|at|since|because|due to|until|which|whose|where|when|if|but|whom|then)\b|\band (?:with|have|has|must|are|is|a|an)\b|,\s(?:and )?(?:must|who|with|have|has|are|is)\b/i;
const FARTHEST_NEGATION = 90;

/** "Not eligible for transplant" says nothing of this study. */
const FOR_THIS_STUDY = String.raw`(?!\s(?:for|to)\b(?!\s(?:this\b|the (?:study|trial|protocol|cohort)|stud|trial|enrol|particip|cohort|arm\b|phase|strat|be\b)))`;
const EXCLUDED_AFTER = new RegExp(
  String.raw`\b(?:(?:is|are|was|were|be|will be|should be|must be)\s(?:also\s)?(?:not\s(?:be\s)?(?:eligible|allowed|permitted|included|enrolled|acceptable)|excluded|ineligible)|not\s(?:eligible|allowed|permitted|acceptable)|ineligible|(?:must|should|will|may)\snot be (?:enrolled|included))\b${FOR_THIS_STUDY}`,
  'i',
);
const ABSENT_AFTER = /^[^.;,]{0,20}\b(?:must|should) (?:be (?:absent|ruled out|excluded))\b/i;
const ALLOWED_AFTER =
  /\b(?:(?:is|are|will be)\s(?:also\s)?(?:allowed|permitted|acceptable|eligible|included)|may\s(?:also\s)?(?:be\s)?(?:enrol\w*|eligible|participate|included)|allowed|permitted|acceptable|not exclu\w+)\b(?!\s+if\b)/i;
const ELIGIBLE_IF = /\b(?:eligible|allowed|permitted) if\b/i;
const ALSO_ELIGIBLE = /\b(?:also|allowed|permitted|acceptable|may|not exclu\w+)\b/i;

/** A whole demand, which does not become its contrary in a list of exclusions. */
const DEMANDS_ABSENCE =
  /\b(?:must|should|may|shall|can) not\b|\bcannot\b|\b(?:must|should) (?:have|be|show) (?:no|without|free)\b/i;

/** An exclusion with one of these behind or before it holds only on a further condition. */
const CONDITION_AFTER =
  /\b(?:and (?:are|is|needs?|who|have|has|currently|requir\w+|with|in|at|not|on|receiv\w+|within)|who|that (?:is|are|has|have|had|require\w*|do|does|did)|if|unless|within|prior to|before|currently|in the absence|until|requir\w+|eligible (?:for|to)|candidates? (?:for|to)|(?:eligible )?for (?:cohort|arm|part|phase|strat\w+|combination)|treated with|receiving|except|other than|during|at (?:the )?time(?! of (?:initial )?diagnosis)|with(?! (?:ALL|[BT]-ALL|acute|leuk|lymph))|when|less than|more than|despite|not (?:in|controlled|responding|on)|which|without|by|in (?:the )?(?:past|last|previous)|days|weeks|months|after|following)\b|[<>≤≥]/i;
const CONDITION_BEFORE =
  /\b(?:(?:active|symptomatic|uncontrolled|clinically significant|isolated|untreated|progressive|current|currently|concurrent|primary|first|second|third|subsequent|early|late|multiple|extramedullary|testicular|severe|overt|ongoing|known active|bulky|leptomeningeal|combined|prior|previous|treatment for|treated for|therapy for|receiv\w+|received|planned|candidates? for)\s(?:[\w/()-]+\s){0,3}|(?:within|less than|fewer than|under|more than|history of|(?:signs?|symptoms?|manifestations?) of|[<>≤≥])[^.;]{0,50})$/i;
/** "However, patients who failed two TKIs are eligible"; "eligible for AALL1731" is another study (NCT03959085). */
const EXCEPTED_LATER =
  /\b(?:unless|except\w*|however|(?<!\b(?:not|in|non) ?-?)eligible(?! for [A-Z]{2,}\d)|(?<!\bnot )(?:allowed|permitted)|may (?:be |still )?(?:enrol\w*|participate|included|eligible))\b/;
const CLAUSE_BREAK = /;|\b(?:but|however|note:)(?=\W|$)/gi;

/** Real criteria nest parentheses two deep; what stands deeper is read as if the others were not there. */
const DEEPEST_PARENTHESIS = 4;

/** What the sentence says of the naming (domain: polarity); its cost is bounded by the length of the sentence. */
export function readPolarity(naming: PlacedNaming, depth = 0): Polarity {
  const around = depth < DEEPEST_PARENTHESIS ? findParenthesis(naming) : null;
  if (around === null) {
    const clause = cutToClause({ ...naming, sentence: blankParentheses(naming) });
    return judgeClause(clause) ?? judgeByList(clause);
  }
  // A parenthesis is its own clause; when it says nothing, it shares the fate of the words before it.
  const inner = { ...naming, sentence: naming.sentence.slice(around.start + 1, around.end - 1) };
  const offset = around.start + 1;
  const judged = judgeClause(
    cutToClause({ ...inner, start: naming.start - offset, end: naming.end - offset }),
  );
  return judged ?? readPolarity({ ...naming, start: around.start, end: around.end }, depth + 1);
}

/** What the clause's own words say; `null` when they say nothing and the list decides. */
function judgeClause(given: PlacedNaming): Polarity | null {
  // "Patients must not have …" says the same in either list (NCT04315324 has it under Exclusion Criteria).
  const states = given.excluding && DEMANDS_ABSENCE.test(given.sentence.slice(0, given.start));
  const clause = states ? { ...given, excluding: false } : given;
  const before = clause.sentence.slice(0, clause.start).replace(NO_NEGATION, blank);
  const after = clause.sentence.slice(clause.end);
  const { excluding } = clause;
  if (NOT_EXCLUDED.test(`${before} ${after}`)) return excluding ? 'mentioned' : 'allowed';
  if (reaches(WITH_OR_WITHOUT, clause.sentence.slice(0, clause.start)))
    return excluding ? 'mentioned' : 'allowed';
  const excludedAt = indexOf(EXCLUDED_AFTER, after);
  if (excludedAt !== null)
    return excludedOrIf(clause, after.slice(0, excludedAt.start) + after.slice(excludedAt.end));
  if (ABSENT_AFTER.test(after)) return excluding ? 'mentioned' : 'excluded';
  const cue = nearestCue(before);
  if (cue === 'excluding') return excludedOrIf(clause, after);
  if (cue === 'exception') return excluding ? 'mentioned' : 'excluded';
  if (cue === 'negation') return excluding ? 'mentioned' : excludedOrIf(clause, after);
  if (clause.incidental && !excluding && ELIGIBLE_IF.test(after)) return 'allowed';
  const allowedAt = indexOf(ALLOWED_AFTER, after);
  if (allowedAt === null || BARRIER.test(after.slice(0, allowedAt.start))) return null;
  if (excluding) return 'mentioned';
  return clause.incidental || ALSO_ELIGIBLE.test(allowedAt.text) ? 'allowed' : 'required';
}

/** What stands in a list of exclusions is excluded, elsewhere required, unless the criterion above says otherwise. */
function judgeByList(clause: PlacedNaming): Polarity {
  const after = clause.sentence.slice(clause.end);
  const { stance, excluding } = clause;
  if (stance === 'exempts') return excluding ? 'mentioned' : 'excluded';
  if (excluding && stance === 'conditional') return 'excluded_if';
  return excluding || stance === 'excludes' ? excludedOrIf(clause, after) : 'required';
}

/** Excluded outright, or only on the further condition that stands around the naming. */
function excludedOrIf(clause: PlacedNaming, after: string): Polarity {
  if (clause.outright) return 'excluded';
  if (EXCEPTED_LATER.test(clause.rest)) return 'excluded_if';
  const before = clause.sentence.slice(0, clause.start);
  return CONDITION_AFTER.test(after) || CONDITION_BEFORE.test(before) ? 'excluded_if' : 'excluded';
}

/** What a criterion says of those below it; its own words may name nothing. */
export function readStance(intro: string, excluding: boolean): Stance {
  const before = intro.replace(NO_NEGATION, blank);
  if (NOT_EXCLUDED.test(before)) return excluding ? 'exempts' : 'none';
  const endsOpen = /[:：-]\s*$|\b(?:following|any of|one of|these|below)\b[^.]{0,60}$/i.test(before);
  if (!endsOpen) return 'none';
  if (/\b(?:other than|except\w*|unless|apart from)\b[^.;]{0,60}$/i.test(before)) return 'exempts';
  if (excluding) return ALLOWED_AFTER.test(before) ? 'exempts' : 'none';
  const excludes =
    EXCLUDED_AFTER.test(before) || /\b(?:no|not|none|without|exclud\w+)\b[^.;]{0,60}$/i.test(before);
  return excludes ? 'excludes' : 'none';
}

type Cue = 'exception' | 'excluding' | 'negation';

const CUES: readonly (readonly [Cue, RegExp])[] = [
  ['exception', EXCEPTION],
  ['excluding', EXCLUDING],
  ['negation', NEGATION],
];

/** The last cue before the naming that reaches it. */
function nearestCue(before: string): Cue | null {
  let nearest: Cue | null = null;
  let nearestEnd = -1;
  for (const [cue, pattern] of CUES) {
    const end = endOfLast(pattern, before);
    if (end === null || end <= nearestEnd || !reachesFrom(end, before)) continue;
    nearest = cue;
    nearestEnd = end;
  }
  return nearest;
}

function reaches(pattern: RegExp, before: string): boolean {
  const end = endOfLast(pattern, before);
  return end !== null && reachesFrom(end, before);
}

function reachesFrom(end: number, before: string): boolean {
  return before.length - end <= FARTHEST_NEGATION && !BARRIER.test(before.slice(end));
}

function endOfLast(pattern: RegExp, text: string): number | null {
  return findSpans(pattern, text).at(-1)?.end ?? null;
}

function indexOf(pattern: RegExp, text: string): { start: number; end: number; text: string } | null {
  const match = pattern.exec(text);
  return match && { start: match.index, end: match.index + match[0].length, text: match[0] };
}

/** The innermost parenthesis with words around the naming. */
function findParenthesis({ sentence, start, end }: PlacedNaming): { start: number; end: number } | null {
  if (!sentence.includes('(')) return null;
  const open: number[] = [];
  for (let at = 0; at < start; at++) {
    if (sentence[at] === '(') open.push(at);
    else if (sentence[at] === ')') open.pop();
  }
  const from = open.at(-1);
  if (from === undefined) return null;
  let depth = 0;
  for (let at = end; at < sentence.length; at++) {
    if (sentence[at] === '(') depth++;
    else if (sentence[at] === ')' && depth-- === 0) return { start: from, end: at + 1 };
  }
  return null;
}

/** The sentence with everything in parentheses blank, but for the naming itself. */
function blankParentheses({ sentence, start, end }: PlacedNaming): string {
  if (!sentence.includes('(')) return sentence;
  const clean = (part: string): string => part.replace(/\([^()]{0,400}\)/g, blank);
  return clean(sentence.slice(0, start)) + sentence.slice(start, end) + clean(sentence.slice(end));
}

/** Cuts a sentence to the part between semicolons and "but" that holds the naming. */
function cutToClause(naming: PlacedNaming): PlacedNaming {
  const { sentence, start, end } = naming;
  const from = endOfLast(CLAUSE_BREAK, sentence.slice(0, start)) ?? 0;
  const next = sentence.slice(end).search(CLAUSE_BREAK);
  const to = next === -1 ? sentence.length : end + next;
  return { ...naming, sentence: sentence.slice(from, to), start: start - from, end: end - from };
}

function blank(text: string): string {
  return ' '.repeat(text.length);
}
