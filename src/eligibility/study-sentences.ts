import type { FacetSection } from '../trials/trial.ts';
import { parseCriteria, type CriteriaSection, type PlacedCriterion } from './parse-criteria.ts';
import { withSingleSpaces } from '../trials/single-spaces.ts';
import type { Polarity } from '../trials/facet-groups.ts';
import type { FacetScope } from '../trials/facet-vocabulary.ts';
import { readPolarity, readStance, type PlacedNaming, type Stance } from './read-polarity.ts';
import { findSpans } from '../trials/find-spans.ts';
import { rememberLast } from './remember-last.ts';

/** The text of a study, plain, as far as facets and belonging are read from it. */
export interface StudyText {
  readonly briefTitle: string;
  readonly officialTitle: string | null;
  readonly acronym: string | null;
  readonly conditions: readonly string[];
  readonly keywords: readonly string[];
  readonly meshTerms: readonly { readonly id: string; readonly term: string }[];
  readonly briefSummary: string | null;
  readonly criteria: string;
  readonly interventionNames: readonly string[];
  readonly interventionOtherNames: readonly string[];
  readonly armGroupLabels: readonly string[];
}

/** One sentence of a study and where it stands. */
export interface TextSentence {
  readonly scope: FacetScope;
  readonly section: FacetSection;
  /** The cohort, arm or phase that the criterion is for; `null`: all patients. */
  readonly group: string | null;
  /** The registry's name of the field. */
  readonly field: string;
  /** `verbatim` is `text of the field.slice(start, end)`. */
  readonly verbatim: string;
  readonly start: number;
  readonly end: number;
  /** The sentence with plain signs and single spaces, for matching only. */
  readonly text: string;
  readonly stance: Stance;
  /** The sentences of the same criterion behind this one. */
  readonly following: string;
}

/** Groups that are not patients: their criteria never speak for the patient. */
const NOT_PATIENTS = new Set(['donor', 'control', 'caregiver', 'parent', 'relative', 'provider']);

/** The longest sentence of the records at hand has about 1,500 characters. */
const LONGEST_SENTENCE = 2_000;
const LONGEST_WORD = 200;
/** The longest real criteria have 20,000 characters; of a hostile field the first part is read. */
const LONGEST_FIELD = 200_000;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** All sentences in which facets are looked for, in the order of the record. */
export function readSentences(text: StudyText): TextSentence[] {
  const field = (scope: FacetScope, section: FacetSection, name: string, texts: readonly (string | null)[]) =>
    texts.flatMap((one) => (one === null ? [] : readField({ scope, section, field: name }, one)));
  return [
    ...field('titles', 'title', 'BriefTitle', [text.briefTitle]),
    ...field('titles', 'title', 'OfficialTitle', [text.officialTitle]),
    ...field('titles', 'title', 'Acronym', [text.acronym]),
    ...field('conditions', 'condition', 'Condition', text.conditions),
    ...field('conditions', 'condition', 'Keyword', text.keywords),
    ...field(
      'conditions',
      'condition',
      'ConditionMeshTerm',
      text.meshTerms.map(({ term }) => term),
    ),
    ...readSummary(text.briefSummary ?? ''),
    ...readCriteriaSentences(text.criteria),
    ...field('interventions', 'intervention', 'InterventionName', text.interventionNames),
    ...field('interventions', 'intervention', 'InterventionOtherName', text.interventionOtherNames),
    ...field('interventions', 'intervention', 'ArmGroupLabel', text.armGroupLabels),
  ];
}

/** The sentences of the criteria that speak of patients. */
export const readCriteriaSentences = rememberLast((criteria): readonly TextSentence[] =>
  parseCriteria(criteria.slice(0, LONGEST_FIELD))
    .sections.filter(({ group }) => group === null || !NOT_PATIENTS.has(group))
    .flatMap((section) => readItems(section, { items: section.items, criteria, stance: 'none' })),
);

/** What a sentence of a study says of the naming that stands in it from `start` to `end`. */
export function readPolarityIn(
  { text, following, section, stance }: TextSentence,
  { start, end }: { start: number; end: number },
  { incidental, outright }: Pick<PlacedNaming, 'incidental' | 'outright'>,
): Polarity {
  return readPolarity({
    sentence: text,
    rest: `${text.slice(end)} ${following}`,
    start,
    end,
    excluding: section === 'exclusion',
    stance,
    incidental,
    outright,
  });
}

/** Whatever folding changes; most sentences have none of it. */
const FOLDED = /[\u2010-\u2015\u2212\u2018\u2019\u02bc`´]|\s{2}|[^\S ]/;

/** Signs that mean the same become one sign, and runs of white space one space. */
export function foldSigns(text: string): string {
  if (!FOLDED.test(text)) return text;
  return withSingleSpaces(
    text.replace(/[\u2010-\u2015\u2212]/g, '-').replace(/[\u2018\u2019\u02bc`´]/g, "'"),
  );
}

/** A title or a name is one sentence, whatever stops are in it. */
function readField(
  place: { scope: FacetScope; section: FacetSection; field: string },
  text: string,
): TextSentence[] {
  return cutLong(text.slice(0, LONGEST_FIELD), 0).map((piece) => ({
    ...place,
    ...piece,
    group: null,
    stance: 'none',
    following: '',
  }));
}

function readSummary(summary: string): TextSentence[] {
  return segment(summary, { start: 0, end: Math.min(summary.length, LONGEST_FIELD) }).map((piece) => ({
    ...piece,
    scope: 'summary',
    section: 'summary',
    field: 'BriefSummary',
    group: null,
    stance: 'none',
    following: '',
  }));
}

interface ItemsBelow {
  readonly items: readonly PlacedCriterion[];
  readonly criteria: string;
  readonly stance: Stance;
}

function readItems(section: CriteriaSection, { items, criteria, stance }: ItemsBelow): TextSentence[] {
  const excluding = section.kind === 'exclusion';
  return items.flatMap((item) => {
    const below = stanceBelow(item, { excluding, stance });
    const pieces = segment(criteria, item);
    const own = pieces.map((piece, index): TextSentence => ({
      ...piece,
      following: pieces
        .slice(index + 1, index + 3)
        .map(({ text }) => text)
        .join(' '),
      scope: 'criteria',
      section: section.kind,
      field: 'EligibilityCriteria',
      group: section.group,
      // A criterion that goes on below itself is narrowed by what stands there.
      stance: excluding && item.items.length > 0 && stance === 'none' ? 'conditional' : stance,
    }));
    return [...own, ...readItems(section, { items: item.items, criteria, stance: below })];
  });
}

function stanceBelow(item: PlacedCriterion, around: { excluding: boolean; stance: Stance }): Stance {
  if (item.items.length === 0) return around.stance;
  const own = readStance(foldSigns(item.text), around.excluding);
  return own === 'none' ? around.stance : own;
}

/** A sentence with its place. */
type Piece = Pick<TextSentence, 'verbatim' | 'start' | 'end' | 'text'>;

/**
 * Where a sentence ends for certain, by Unicode Standard Annex 29: behind a full stop and spaces, before a capital
 * letter (SB11).
 */
const ENDS = /\. +(?=[A-Z])/g;
/**
 * Where one may end or not. It does not where only white space follows (SB9), nor, behind a full stop, before a digit
 * (SB6), a comma (SB8a) or a small letter (SB8). A text without such a place, as most criteria are, is not given to the
 * segmenter, which takes longer than all other reading.
 */
const MAY_END =
  /\.(?![\d,]| ?[a-z]| +[A-Z]| *$)|[^\P{Sentence_Terminal}.](?! *$)|[\u0085\u2024\ufe52\uff0e]/u;

/** Sentences of a stretch of text with their places, without the white space around them. */
function segment(text: string, stretch: { start: number; end: number }): Piece[] {
  // A line feed inside a criterion is a wrapped line, not the end of a sentence.
  const flat = text.slice(stretch.start, stretch.end).replace(/[^\S ]/g, ' ');
  return splitSentences(flat).flatMap(({ segment: raw, index }) => {
    const words = raw.trim();
    const start = stretch.start + index + (raw.length - raw.trimStart().length);
    return cutLong(text.slice(start, start + words.length), start);
  });
}

function splitSentences(flat: string): { segment: string; index: number }[] {
  if (MAY_END.test(flat)) return [...segmenter.segment(flat)];
  const starts = [0, ...findSpans(ENDS, flat).map(({ end }) => end)];
  return starts.map((index, place) => ({ segment: flat.slice(index, starts[place + 1]), index }));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Cuts what is longer than any real sentence, so that reading one naming never costs the whole text. */
function cutLong(text: string, start: number): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < text.length;) {
    const limit = from + LONGEST_SENTENCE;
    const space = text.lastIndexOf(' ', limit);
    const to =
      text.length - from <= LONGEST_SENTENCE
        ? text.length
        : space > limit - LONGEST_WORD
          ? space
          : limit - Number(isHighSurrogate(text.charCodeAt(limit - 1)));
    const verbatim = text.slice(from, to);
    pieces.push({ verbatim, start: start + from, end: start + to, text: foldSigns(verbatim) });
    from = to;
  }
  return pieces;
}
