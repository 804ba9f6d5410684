import type { Polarity } from '../trials/facet-groups.ts';
import type { FacetTerm, FacetVocabulary } from '../trials/facet-vocabulary.ts';
import { groupOfFacet, POLARITIES } from '../trials/facet-groups.ts';
import { findSpans, type Span } from '../trials/find-spans.ts';
import { createPatternSieve, type PatternSieve } from '../trials/sift-patterns.ts';
import type { Facet, FacetEvidence } from '../trials/trial.ts';
import { readPolarityIn, readSentences, type StudyText, type TextSentence } from './study-sentences.ts';

/** Finds the facets of one vocabulary in the text of a study, in steps of which each is a part of a millisecond. */
export type FacetFinder = (text: StudyText) => Generator<undefined, Facet[]>;

interface Matcher {
  readonly term: FacetTerm;
  readonly patterns: readonly RegExp[];
  readonly notOverlapping: readonly RegExp[];
  readonly notInSentence: readonly RegExp[];
  readonly outright: readonly RegExp[];
}

interface Hit extends Span {
  readonly matcher: Matcher;
  readonly polarity: Polarity;
}

interface Found {
  readonly hit: Hit;
  readonly sentence: TextSentence;
}

/** A real sentence names a facet at most five times, and a real record in at most twenty sentences of one polarity. */
const MOST_NAMINGS = 20;
const MOST_EVIDENCE = 50;
/** Of some fifty in a study with long criteria. */
const NAMINGS_A_STEP = 16;

/** Facets that may be there without being asked for; "eligible" then says no more than that. */
const INCIDENTAL = new Set(['population.down_syndrome', 'setting.cns']);

/** "Patients with Down syndrome (Cohort 2 only)", NCT02981628. */
const FOR_SOME =
  /\b(?:[Cc]ohort|[Aa]rm|[Pp]art|[Pp]hase|[Ss]tratum|[Gg]roup|COHORT|PART)s? (?:[A-Z]|[IVX]{1,4}|\d{1,2}[a-z]?)\b|\bdose[- ](?:escalation|expansion)\b/;

/** A summary also tells of the disease in general: NCT05071482 compares Ph-positive with Ph-negative patients. */
const BACKGROUND =
  /\b(?:compared|prognos\w*|survival|incidence|common|outcomes?|account for|mortality|characteri[sz]ed|arises?|leading to)\b/i;

/**
 * Compiles a vocabulary once. Every naming becomes evidence with its polarity, sentence and place; a facet with two
 * polarities in different places has both. Linear in the length of the text.
 */
export function createFacetFinder(vocabulary: FacetVocabulary): FacetFinder {
  const matchers = vocabulary.facets.map(compile);
  const sift = createPatternSieve(matchers.flatMap(({ patterns }) => patterns));
  return function* findFacets(text) {
    const sentences = readSentences(text);
    const candidates = findCandidates(matchers, sift, sentences);
    yield;
    const found = new Map<string, Found[]>(matchers.map(({ term }) => [term.id, []]));
    let namings = 0;
    for (const [place, sentence] of sentences.entries()) {
      for (const hit of findHits(candidates[place] ?? [], sentence)) {
        found.get(hit.matcher.term.id)?.push({ hit, sentence });
        namings++;
      }
      if (namings >= NAMINGS_A_STEP) {
        namings = 0;
        yield;
      }
    }
    return [...found].flatMap(([id, own]) => gather(id, own));
  };
}

/** A facet with those of its patterns that may name it in one sentence. */
interface Candidate {
  readonly matcher: Matcher;
  readonly patterns: RegExp[];
}

/** For each sentence what may be named there, in the order of the vocabulary. */
function findCandidates(
  matchers: readonly Matcher[],
  sift: PatternSieve,
  sentences: readonly TextSentence[],
): Candidate[][] {
  const places = sift(sentences.map(({ text }) => text));
  const candidates = sentences.map((): Candidate[] => []);
  let number = 0;
  for (const matcher of matchers)
    for (const pattern of matcher.patterns)
      for (const place of places[number++] ?? []) {
        const { scope } = sentences[place] as TextSentence;
        const here = candidates[place] as Candidate[];
        const last = here.at(-1);
        if (last?.matcher === matcher) last.patterns.push(pattern);
        else if (matcher.term.scope.includes(scope)) here.push({ matcher, patterns: [pattern] });
      }
  return candidates;
}

function compile(term: FacetTerm): Matcher {
  const insensitive = (patterns: readonly string[]): RegExp[] =>
    patterns.map((pattern) => new RegExp(pattern, 'giu'));
  return {
    term,
    patterns: [
      ...insensitive(term.patterns),
      ...term.patternsCaseSensitive.map((pattern) => new RegExp(pattern, 'gu')),
    ],
    notOverlapping: insensitive(term.notOverlapping),
    notInSentence: insensitive(term.notInSentence),
    outright: insensitive(term.outright),
  };
}

function gather(id: string, own: readonly Found[]): Facet[] {
  if (own.length === 0) return [];
  return POLARITIES.flatMap((polarity) => {
    const evidence = own
      .filter(({ hit }) => hit.polarity === polarity)
      .map(({ sentence }) => asEvidence(sentence));
    return evidence.length === 0 ? [] : [{ id, polarity, evidence: distinct(evidence) }];
  });
}

function asEvidence({ section, group, verbatim, field, start, end }: TextSentence): FacetEvidence {
  return { section, group, sentence: verbatim, field, start, end };
}

/** A sentence that names a facet twice in one way is one piece of evidence; the first ones say enough. */
function distinct(evidence: FacetEvidence[]): FacetEvidence[] {
  if (evidence.length === 1) return evidence;
  const byPlace = evidence.map((one) => [`${one.field} ${one.start} ${one.sentence}`, one] as const);
  return [...new Map(byPlace).values()].slice(0, MOST_EVIDENCE);
}

function findHits(candidates: readonly Candidate[], sentence: TextSentence): Hit[] {
  const hits = candidates.flatMap((candidate) =>
    findNamings(candidate, sentence.text).map((span) => placeHit(candidate.matcher, span, sentence)),
  );
  return hits.map((hit) => (isCombined(hit, hits, sentence) ? { ...hit, polarity: 'excluded_if' } : hit));
}

function placeHit(matcher: Matcher, span: Span, sentence: TextSentence): Hit {
  const incidental = INCIDENTAL.has(matcher.term.id);
  const outright = matcher.outright.some((pattern) => matches(pattern, sentence.text));
  const told = sentence.section === 'summary' && BACKGROUND.test(sentence.text);
  const polarity = told ? 'mentioned' : readPolarityIn(sentence, span, { incidental, outright });
  // What one cohort excludes, another may take.
  const forSome = polarity === 'excluded' && (sentence.group !== null || FOR_SOME.test(sentence.text));
  return { ...span, matcher, polarity: forSome ? 'excluded_if' : polarity };
}

/** The namings of a facet in a sentence; overlapping ones are one. */
function findNamings({ matcher, patterns }: Candidate, text: string): Span[] {
  const spans = patterns.flatMap((pattern) => findSpans(pattern, text));
  if (spans.length === 0 || matcher.notInSentence.some((pattern) => matches(pattern, text))) return [];
  const guarded = matcher.notOverlapping.flatMap((pattern) => findSpans(pattern, text));
  const merged: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last !== undefined && span.start < last.end)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    else merged.push(span);
  }
  return merged.filter((span) => !guarded.some((guard) => overlap(span, guard))).slice(0, MOST_NAMINGS);
}

/**
 * An exclusion that names facets of several kinds together excludes only who has them all: "Down syndrome and T-ALL".
 * "Or", a comma and a colon part them.
 */
function isCombined(hit: Hit, hits: readonly Hit[], { text }: TextSentence): boolean {
  const group = groupOfFacet(hit.matcher.term.id);
  if (hit.polarity !== 'excluded' || group === 'disease') return false;
  return hits.some((other) => {
    const otherGroup = groupOfFacet(other.matcher.term.id);
    if (otherGroup === 'disease' || otherGroup === group || other.polarity !== 'excluded') return false;
    if (overlap(hit, other)) return false;
    const [from, to] = hit.end <= other.start ? [hit.end, other.start] : [other.end, hit.start];
    return !/[,;:/]|\bor\b|\(\d/i.test(text.slice(from, to));
  });
}

function matches(pattern: RegExp, text: string): boolean {
  return text.search(pattern) >= 0;
}

function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}
