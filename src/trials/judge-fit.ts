import {
  FACET_FILTERS,
  FACET_GROUP,
  FITS,
  groupOfFacet,
  type FacetFilter,
  type Fit,
  type Polarity,
} from './facet-groups.ts';
import { type FacetTerm, type FacetVocabulary } from './facet-vocabulary.ts';
import type { FacetEvidence, FitReason, Trial, TrialFit } from './trial.ts';

/** What a caller asks of each kind of facet: the values behind the dot, joined with "or". */
export type AskedFacets = Readonly<Record<FacetFilter, readonly string[]>>;

/** Judges one trial by what is asked; `null` when nothing is. */
export type FitJudge = (asked: AskedFacets) => TrialFit | null;

interface Found extends Pick<FacetEvidence, 'section' | 'sentence' | 'field' | 'start'> {
  readonly id: string;
  readonly polarity: Polarity;
}

/**
 * Makes the judges of trials by one vocabulary (contract 5.5), whose patterns are compiled once. A false exclusion
 * costs somebody a chance, so `does_not_fit` needs an outright exclusion that nothing else in the record softens, or a
 * title that asks for the contrary in a record that says nothing else of the asked facet. Everything in doubt is
 * `check`.
 */
export function createFitJudges(vocabulary: FacetVocabulary): (trial: JudgedTrial) => FitJudge {
  const rules = compileRules(vocabulary);
  return (trial) => createFitJudge(trial, rules);
}

/** Makes what tells the verdict on each single facet of a trial, by the same rules; nothing of the trial is kept. */
export function createVerdictFinders(vocabulary: FacetVocabulary): (trial: JudgedTrial) => VerdictFinder {
  const rules = compileRules(vocabulary);
  return (trial) => {
    const text = sortText(trial, rules);
    return (id) => judgeOne(id, text).verdict;
  };
}

/** The verdict on one facet, by its id. */
export type VerdictFinder = (id: string) => Fit;

function compileRules(vocabulary: FacetVocabulary): Rules {
  return {
    terms: new Map(vocabulary.facets.map((term) => [term.id, compileTerm(term)])),
    ownDisease: compile(vocabulary.ownDisease),
    otherDiseases: compile(vocabulary.otherDiseases),
  };
}

function createFitJudge(trial: JudgedTrial, rules: Rules): FitJudge {
  // Made when it is first asked: most trials of a long list are never shown with verdicts.
  let text: TrialText | null = null;
  const known = new Map<string, FitReason>();
  const judge = (id: string): FitReason => {
    text ??= sortText(trial, rules);
    const reason = known.get(id) ?? judgeOne(id, text);
    known.set(id, reason);
    return reason;
  };
  return (asked) => {
    const groups = FACET_FILTERS.filter((group) => asked[group].length > 0);
    if (groups.length === 0) return null;
    const reasons = groups.map((group) => bestOf(asked[group].map((value) => judge(`${group}.${value}`))));
    return { verdict: worstOf(reasons.map(({ verdict }) => verdict)), reasons };
  };
}

/** What the record says, by facet and by kind of facet, in the order of the record. */
function sortText(trial: JudgedTrial, rules: Rules): TrialText {
  const byId = new Map<string, Found[]>();
  const byGroup = new Map<string, Found[]>();
  for (const { id, polarity, evidence } of trial.facets)
    for (const { section, sentence, field, start } of evidence) {
      const one = { id, polarity, section, sentence, field, start };
      addTo(byId, id, one);
      addTo(byGroup, groupOfFacet(id), one);
    }
  return { rules, trial, titles: [trial.briefTitle, trial.officialTitle ?? ''], byId, byGroup };
}

function addTo(lists: Map<string, Found[]>, key: string, one: Found): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [one]);
  else list.push(one);
}

/** What of a trial is judged. */
type JudgedTrial = Pick<Trial, 'facets' | 'ageRange' | 'minimumAge' | 'briefTitle' | 'officialTitle'>;

/** What of a facet the judge goes by. */
interface JudgedTerm extends Pick<FacetTerm, 'kindOf' | 'contradicts' | 'beforeDays' | 'otherDisease'> {
  readonly narrowing: readonly RegExp[];
  readonly about: readonly RegExp[];
  readonly hintedBy: readonly RegExp[];
  readonly asState: readonly RegExp[];
}

interface Rules {
  readonly terms: ReadonlyMap<string, JudgedTerm>;
  readonly ownDisease: readonly RegExp[];
  readonly otherDiseases: readonly RegExp[];
}

interface TrialText {
  readonly rules: Rules;
  readonly trial: JudgedTrial;
  readonly titles: readonly string[];
  readonly byId: ReadonlyMap<string, readonly Found[]>;
  readonly byGroup: ReadonlyMap<string, readonly Found[]>;
}

const NOTHING_FOUND: readonly Found[] = [];

function compileTerm({ narrowing, about, hintedBy, asState, ...term }: FacetTerm): JudgedTerm {
  return {
    ...term,
    narrowing: compile(narrowing),
    about: compile(about),
    hintedBy: compile(hintedBy),
    asState: compile(asState),
  };
}

function compile(patterns: readonly string[]): RegExp[] {
  return patterns.map((pattern) => new RegExp(pattern, 'iu'));
}

function judgeOne(id: string, record: TrialText): FitReason {
  const own = record.byId.get(id) ?? NOTHING_FOUND;
  return FACET_GROUP[groupOfFacet(id)].describes === 'study'
    ? judgeStudyFacet(id, own)
    : judgePatientFacet(id, own, record);
}

/** A therapy or a purpose describes the study; a study that does not name it may still use it. */
function judgeStudyFacet(id: string, own: readonly Found[]): FitReason {
  const named = withPolarity(own, ['required', 'allowed'])[0];
  if (named !== undefined) return because(id, 'fits', 'The record names it.', named);
  const other = own[0];
  if (other !== undefined) return because(id, 'check', 'The record names it in another sense.', other);
  return {
    id,
    verdict: 'check',
    detail: 'The parts of the record that would name it do not.',
    sentence: null,
  };
}

function judgePatientFacet(id: string, own: readonly Found[], record: TrialText): FitReason {
  const tooOld = refuseByAge(id, record);
  if (tooOld !== null) return tooOld;
  // A summary tells of other patients too; it counts only where nothing else does.
  const taken = withPolarity(own, ['required', 'allowed']).filter(({ section }) => section !== 'summary');
  const strongest = taken.find(({ section }) => section === 'title') ?? taken[0];
  const outright = withPolarity(own, ['excluded']);
  const excluded = outright.find((one) => !isOfPart(one, record));
  const conditional = withPolarity(own, ['excluded_if'])[0] ?? outright.find((one) => isOfPart(one, record));
  if (strongest !== undefined) {
    const doubt = excluded ?? conditional;
    if (doubt !== undefined && (excluded !== undefined || strongest.section !== 'title'))
      return because(
        id,
        'check',
        'Taken in one place and excluded, perhaps on a condition, in another.',
        doubt,
      );
    return because(id, 'fits', 'The text asks for it or allows it.', strongest);
  }
  if (conditional !== undefined) return because(id, 'check', 'Excluded on a condition.', conditional);
  if (excluded !== undefined) return because(id, 'does_not_fit', 'The text excludes it.', excluded);
  return judgeUnnamed(id, own, record);
}

/** The exclusion is of a part of the facet only, or of another disease, or perhaps of something else. */
function isOfPart({ id, sentence }: Found, { rules }: TrialText): boolean {
  const { terms, ownDisease, otherDiseases } = rules;
  const { narrowing = [], about = [] } = terms.get(id) ?? {};
  const ofOther = matchesAny(otherDiseases, sentence) && !matchesAny(ownDisease, sentence);
  return ofOther || matchesAny(narrowing, sentence) || (about.length > 0 && !matchesAny(about, sentence));
}

function matchesAny(patterns: readonly RegExp[], sentence: string): boolean {
  return patterns.some((pattern) => pattern.test(sentence));
}

/** Whether a title asks for what contradicts the asked facet, as the state of the patient. */
function demands({ id, section, sentence }: Found, asked: JudgedTerm, { rules }: TrialText): boolean {
  if (section !== 'title' || !asked.contradicts.includes(id)) return false;
  const asState = rules.terms.get(id)?.asState ?? [];
  return asState.length === 0 || matchesAny(asState, sentence);
}

/** The one exclusion by a structured field: no infants where the minimum age is a year (domain 6, policy). */
function refuseByAge(id: string, { trial, rules }: TrialText): FitReason | null {
  const beforeDays = rules.terms.get(id)?.beforeDays ?? null;
  const { fromDays } = trial.ageRange;
  if (beforeDays === null || fromDays === null || fromDays < beforeDays) return null;
  return { id, verdict: 'does_not_fit', detail: 'The minimum age rules it out.', sentence: trial.minimumAge };
}

/** The text does not say of the asked facet whether it is taken. */
function judgeUnnamed(id: string, own: readonly Found[], record: TrialText): FitReason {
  const term = record.rules.terms.get(id);
  const wider = term?.kindOf ?? null;
  if (wider !== null) {
    const ofWider = judgeOne(wider, record);
    if (ofWider.sentence !== null && ofWider.verdict !== 'check') return { ...ofWider, id };
  }
  const contrary = findContrary(id, record);
  if (contrary !== null && own.every(({ section }) => section === 'summary'))
    return because(id, 'does_not_fit', 'The title asks for the contrary.', contrary);
  const summary = withPolarity(own, ['required', 'allowed'])[0];
  if (summary !== undefined) return because(id, 'fits', 'The summary names it.', summary);
  const mention = own[0];
  if (mention !== undefined) return because(id, 'check', 'Named without saying who is taken.', mention);
  const ofGroup = record.byGroup.get(groupOfFacet(id)) ?? NOTHING_FOUND;
  const other = ofGroup.find(
    (one) =>
      one.polarity === 'required' &&
      one.section !== 'summary' &&
      !isKindOf(one.id, id, record) &&
      record.rules.terms.get(one.id)?.otherDisease !== true,
  );
  if (other !== undefined)
    return because(id, 'check', 'The text asks for something else of this kind.', other);
  return { id, verdict: 'fits', detail: 'The text restricts nothing of this kind.', sentence: null };
}

function isKindOf(id: string, wider: string, { rules }: TrialText): boolean {
  return rules.terms.get(id)?.kindOf === wider;
}

/**
 * A facet that the title asks for and that no patient has together with the asked one. It does not count when the
 * record names a third way in (another facet of this kind in a title that the asked one does not contradict), or a
 * narrower kind of the asked facet.
 */
function findContrary(id: string, record: TrialText): Found | null {
  const term = record.rules.terms.get(id);
  if (term === undefined) return null;
  const group = groupOfFacet(id);
  const required = withPolarity(record.byGroup.get(group) ?? NOTHING_FOUND, ['required']);
  const contrary = required.find((one) => demands(one, term, record));
  if (contrary === undefined || record.titles.some((title) => matchesAny(term.hintedBy, title))) return null;
  const otherWay = required.some(
    (one) =>
      one.section !== 'summary' &&
      !term.contradicts.includes(one.id) &&
      !isCompatible(one.id, contrary.id, record),
  );
  return otherWay || namesDiseaseBare(group, record) ? null : contrary;
}

/** A narrower or wider form of the contrary opens no other way in. */
function isCompatible(id: string, contrary: string, record: TrialText): boolean {
  return isKindOf(id, contrary, record) || isKindOf(contrary, id, record);
}

/** An inclusion criterion names the disease without any lineage: all lineages may be meant. */
function namesDiseaseBare(group: string, { byId, byGroup }: TrialText): boolean {
  if (group !== 'lineage') return false;
  const key = ({ field, start }: Found): string => `${field} ${start}`;
  const withLineage = new Set((byGroup.get('lineage') ?? NOTHING_FOUND).map(key));
  return (byId.get('disease.all') ?? NOTHING_FOUND).some(
    (one) =>
      one.polarity === 'required' &&
      (one.section === 'inclusion' || one.section === 'other') &&
      !withLineage.has(key(one)),
  );
}

function withPolarity(found: readonly Found[], polarities: readonly Polarity[]): Found[] {
  return found.filter(({ polarity }) => polarities.includes(polarity));
}

function because(id: string, verdict: Fit, detail: string, { sentence }: Found): FitReason {
  return { id, verdict, detail, sentence };
}

/** Of values joined with "or" the best decides. */
function bestOf(reasons: readonly FitReason[]): FitReason {
  return reasons.toSorted(
    (one, other) => FITS.indexOf(one.verdict) - FITS.indexOf(other.verdict),
  )[0] as FitReason;
}

/** Of parameters joined with "and" the worst decides. */
function worstOf(verdicts: readonly Fit[]): Fit {
  return FITS[Math.max(...verdicts.map((verdict) => FITS.indexOf(verdict)))] ?? 'check';
}
