import { availabilityAsked, FIELD_RULES } from '../trials/filter-trials.ts';
import { FITS } from '../trials/facet-groups.ts';
import { tellingFilters } from './telling-filters.ts';
import { TREATMENT, type Treatment } from './treatment.ts';
import { queryOf, type PatientAnswers } from './patient-answers.ts';
import type { StatedVerdict, TrialFacts } from './trial-facts.ts';

/**
 * The order in which families read: what is open first, what they must ask about next, what may not be for ALL and
 * what is closed folded.
 */
export const GROUPS = [
  'open',
  'opening_soon',
  'by_invitation',
  'unknown',
  'paused',
  'maybe',
  'closed',
] as const;
export type Group = (typeof GROUPS)[number];
export const FOLDED_GROUPS = ['maybe', 'closed'] as const satisfies readonly Group[];

export function isFolded(group: Group): group is (typeof FOLDED_GROUPS)[number] {
  return (FOLDED_GROUPS as readonly Group[]).includes(group);
}

/** A group with the cards that the answers leave, in their order, and those that they leave out. */
export interface ArrangedGroup<Card> {
  readonly group: Group;
  readonly shown: readonly Card[];
  readonly left: readonly Card[];
}

/** Puts every card into its group; inside it what fits comes first, then what to ask about. Nothing gets lost. */
export function arrangeCards<Card extends WithFacts>(
  cards: readonly Card[],
  answers: PatientAnswers,
): ArrangedGroup<Card>[] {
  const sort = createSorter(answers);
  const sorted = cards
    .map((card) => ({
      card,
      ...sort(card.facts),
      rank: FITS.indexOf(verdictOn(card.facts, answers.treatment)?.verdict ?? 'fits'),
    }))
    .toSorted((one, other) => one.rank - other.rank || compareIds(one.card, other.card));
  return GROUPS.map((group) => {
    const members = sorted.filter((one) => one.group === group);
    return {
      group,
      shown: members.filter(({ isShown }) => isShown).map(({ card }) => card),
      left: members.filter(({ isShown }) => !isShown).map(({ card }) => card),
    };
  });
}

/** How many studies that take or may take patients the answers leave. */
export function countTaking(cards: readonly WithFacts[], answers: PatientAnswers): number {
  const sort = createSorter(answers);
  return cards.filter(({ facts }) => {
    const { group, isShown } = sort(facts);
    return isShown && !isFolded(group);
  }).length;
}

function compareIds({ facts: one }: WithFacts, { facts: other }: WithFacts): number {
  return one.nctId < other.nctId ? -1 : Number(one.nctId > other.nctId);
}

interface WithFacts {
  readonly facts: TrialFacts;
}

/** Says where a card belongs and whether the answers leave it. */
function createSorter(answers: PatientAnswers): (facts: TrialFacts) => { group: Group; isShown: boolean } {
  const query = queryOf(answers);
  const filters = tellingFilters(query).filter((filter) => filter !== 'relevance');
  return (facts) => {
    const availability = availabilityAsked(facts, query);
    // A study that does not name ALL stands apart, with those that have no site that we may call ours; the latter are
    // never shown to families, who could call nobody there.
    const isOurs = FIELD_RULES.relevance(facts, query) && FIELD_RULES.siteMatch(facts, query);
    const isOver = !isOurs && availability === 'closed';
    return {
      group: isOurs ? availability : 'maybe',
      isShown: !isOver && filters.every((filter) => FIELD_RULES[filter](facts, query)),
    };
  };
}

/**
 * What the text of a trial says of an answer on treatment: of settings joined with "or" the best decides, and of equal
 * ones that with a sentence. `null` when nothing is asked.
 */
export function verdictOn({ verdicts }: TrialFacts, treatment: Treatment): StatedVerdict | null {
  const stated = TREATMENT[treatment].map((setting) => verdicts[`setting.${setting}`] ?? NOTHING_STATED);
  const rankOf = ({ verdict, sentence }: StatedVerdict): number =>
    FITS.indexOf(verdict) * 2 + Number(sentence === null);
  return stated.toSorted((one, other) => rankOf(one) - rankOf(other))[0] ?? null;
}

const NOTHING_STATED: StatedVerdict = { verdict: 'fits', sentence: null };

/** How many studies the answers leave: those that take or may take patients, and the folded ones. */
export interface Left {
  readonly taking: number;
  readonly maybe: number;
  readonly closed: number;
}

export function countLeft(groups: readonly ArrangedGroup<unknown>[]): Left {
  const count = (isCounted: (group: Group) => boolean): number =>
    groups.reduce((sum, { group, shown }) => sum + (isCounted(group) ? shown.length : 0), 0);
  return {
    taking: count((group) => !isFolded(group)),
    maybe: count((group) => group === 'maybe'),
    closed: count((group) => group === 'closed'),
  };
}
