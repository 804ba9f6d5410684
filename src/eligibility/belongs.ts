import type { Polarity } from '../trials/facet-groups.ts';
import type { PackCondition } from '../trials/institution-pack.ts';
import { createConditionNames, type ConditionNames, type Naming } from '../trials/name-condition.ts';
import type { Evidence, Trial } from '../trials/trial.ts';
import type { ExclusionReason, Relevance } from '../trials/vocabulary.ts';
import { readCriteriaSentences, readPolarityIn, type TextSentence } from './study-sentences.ts';

/** What of a trial says whether it belongs. */
export type BelongingText = Pick<
  Trial,
  'briefTitle' | 'officialTitle' | 'acronym' | 'conditions' | 'keywords' | 'meshTerms' | 'eligibilityCriteria'
>;

/** Kept with a tier, or not kept with a reason; the evidence says why in the study's own words. */
export type Belonging =
  | { readonly kept: true; readonly tier: Relevance; readonly evidence: Evidence[] }
  | { readonly kept: false; readonly reason: ExclusionReason; readonly evidence: Evidence[] };

interface Field {
  readonly field: string;
  readonly text: string;
}

/**
 * Decides which tier a study belongs to (contract 5.4). The registry proposes broadly; this decides:
 * `specific` when the condition is named in conditions, keywords, titles or MeSH terms, `includes` when an
 * inclusion criterion names it, `possible` for a basket that includes it unnamed.
 */
export function createBelonging(condition: PackCondition): (trial: BelongingText) => Belonging {
  const names = createConditionNames(condition);
  const meshIds = new Set(condition.meshIds);
  return (trial) => {
    const fields = namingFields(trial);
    const namings = names.findAllOfCondition(fields.map(({ text }) => text));
    const named = fields.filter((_, place) => (namings[place]?.length ?? 0) > 0);
    const specific = [...named.map(asEvidence), ...meshEvidence(trial, meshIds)];
    if (specific.length > 0) return { kept: true, tier: 'specific', evidence: specific };
    const criteria = namingsInCriteria(trial, names);
    if (criteria.including.length > 0) return { kept: true, tier: 'includes', evidence: criteria.including };
    return judgeBasket({ fields, names, excluding: criteria.excluding });
  };
}

/**
 * Makes the finder of studies that take the condition by their criteria and do not list it among the conditions:
 * whoever searches by condition misses them. Gives the sentence, or `null`.
 */
export function createUnlistedFinder(condition: PackCondition): (trial: BelongingText) => Evidence | null {
  const names = createConditionNames(condition);
  return (trial) => {
    if (trial.conditions.some((text) => names.findCondition(text) !== null)) return null;
    return namingsInCriteria(trial, names).including[0] ?? null;
  };
}

function namingFields(trial: BelongingText): Field[] {
  const titles = [
    { field: 'BriefTitle', text: trial.briefTitle },
    { field: 'OfficialTitle', text: trial.officialTitle ?? '' },
    { field: 'Acronym', text: trial.acronym ?? '' },
  ];
  const conditions = trial.conditions.map((text) => ({ field: 'Condition', text }));
  const keywords = trial.keywords.map((text) => ({ field: 'Keyword', text }));
  return [...conditions, ...titles, ...keywords];
}

function evidenceIn(fields: readonly Field[], find: (text: string) => Naming | null): Evidence[] {
  return fields.filter(({ text }) => find(text) !== null).map(asEvidence);
}

function asEvidence({ field, text }: Field): Evidence {
  return { field, text };
}

/** Old records pad MeSH ids to nine digits (`D000054198`); both forms are the same heading. */
function meshEvidence(trial: BelongingText, meshIds: ReadonlySet<string>): Evidence[] {
  return trial.meshTerms
    .filter(({ id }) => meshIds.has(id))
    .map(({ id, term }) => ({ field: 'ConditionMeshId', text: `${id} ${term}` }));
}

/**
 * Sentences of the criteria that name the condition, parted by whether they take the patient or keep her out. Donors,
 * controls and parents are not patients; a sentence that only mentions the condition, or keeps it out on a condition or
 * for one cohort, says neither: "ALL not in remission" takes ALL in remission.
 */
function namingsInCriteria(
  trial: BelongingText,
  names: ConditionNames,
): { including: Evidence[]; excluding: Evidence[] } {
  const including: Evidence[] = [];
  const excluding: Evidence[] = [];
  const sentences = readCriteriaSentences(trial.eligibilityCriteria.text);
  const namingsOf = names.findAllOfCondition(sentences.map(({ text }) => text));
  for (const [place, sentence] of sentences.entries()) {
    const namings = namingsOf[place] ?? [];
    if (namings.length === 0) continue;
    const polarities = namings.map((naming) => polarityOf(naming, sentence));
    const evidence = { field: 'EligibilityCriteria', text: sentence.verbatim };
    if (polarities.some((polarity) => polarity === 'required' || polarity === 'allowed'))
      including.push(evidence);
    else if (sentence.group === null && polarities.includes('excluded')) excluding.push(evidence);
  }
  return { including, excluding };
}

function polarityOf({ start, text }: Naming, sentence: TextSentence): Polarity {
  return readPolarityIn(
    sentence,
    { start, end: start + text.length },
    { incidental: false, outright: false },
  );
}

/**
 * A basket that does not name the condition. A title that is about another disease outweighs a generic word
 * such as "leukemia" among the conditions: NCT05886491 lists "Leukemia" and is about AML only.
 */
function judgeBasket(study: { fields: Field[]; names: ConditionNames; excluding: Evidence[] }): Belonging {
  const { fields, names, excluding } = study;
  if (excluding.length > 0) return { kept: false, reason: 'all_only_excluded', evidence: excluding };
  const titles = fields.filter(({ field }) => field.endsWith('Title'));
  const otherInTitle = evidenceIn(titles, names.findOtherDisease);
  const findStrong = (text: string): Naming | null => {
    const basket = names.findBasket(text);
    return basket && !basket.generic ? basket : null;
  };
  const strong = evidenceIn(otherInTitle.length > 0 ? titles : fields, findStrong);
  if (strong.length > 0) return { kept: true, tier: 'possible', evidence: strong };
  if (otherInTitle.length > 0) return { kept: false, reason: 'other_disease', evidence: otherInTitle };
  const generic = evidenceIn(fields, names.findBasket);
  if (generic.length > 0) return { kept: true, tier: 'possible', evidence: generic };
  const namedOther = evidenceIn(fields, names.findOtherDisease);
  const other = namedOther.length > 0 ? namedOther : evidenceIn(fields, names.findWiderDisease);
  return { kept: false, reason: other.length > 0 ? 'other_disease' : 'all_not_named', evidence: other };
}
