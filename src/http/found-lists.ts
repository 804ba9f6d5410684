import { LRUCache } from 'lru-cache';
import type { IndexedTrial, Snapshot } from '../catalog/snapshot.ts';
import { ageFitOf, type Age } from '../trials/age.ts';
import { nameTallies, tallySheetOf, type NamedValues, type TallySheet } from '../trials/tally-sheet.ts';
import { asksFacets, type TrialQuery } from '../trials/trial-query.ts';
import type { AgeFit } from '../trials/vocabulary.ts';
import { summarizeTrial, type ListedTrial, type Trial, type TrialSummary } from '../trials/trial.ts';
import {
  createForm,
  createFragment,
  createShortFragment,
  fillForm,
  groupParts,
  weighOwn,
  writeOutForms,
  type FilledForm,
  type Form,
  type Fragment,
  type Part,
} from './answer-bodies.ts';
import type { FoundList, Page } from './list-trials.ts';
import { maybeMetAgain } from './told-questions.ts';

/** Of a snapshot's lists together, but for the summaries, which are there anyway. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Beside it, and of its packed forms what is more than their share. */
const BESIDE_BYTES = 2_000;
/** Of a list its packed forms are less together, which are counted before they are made. */
const PACKED_SHARE = 0.5;

/**
 * Finds lists, and keeps them by the class of the age: hardly two patients are equally old to the day, but most differ
 * in nothing that a trial asks.
 * @param named of all lists the same: what is found once for these values holds for every one
 */
export function createListFinder(named: NamedValues, keptBytes = KEPT_BYTES): (page: Page) => FoundList {
  const kept = new WeakMap<Snapshot, LRUCache<string, FoundList>>();
  return (page) => {
    if (!maybeMetAgain(page.query)) return findList(page, named);
    const { snapshot } = page.edition;
    let lists = kept.get(snapshot);
    if (lists === undefined) kept.set(snapshot, (lists = new LRUCache({ maxSize: keptBytes })));
    const key = nameList(page);
    const known = lists.get(key);
    if (known !== undefined) return known;
    const { total, begin } = findList(page, named);
    const found = { total, begin: writeOutForms(begin) };
    lists.set(key, found, {
      size: Math.ceil(weighOwn(begin) + PACKED_SHARE * begin.length) + key.length + BESIDE_BYTES,
    });
    return found;
  };
}

/** The question with the class of its age in place of the age. */
function nameList({ edition, query: { age }, told, offset }: Page): string {
  const ageClass = age === null ? '' : edition.snapshot.index.ageClassOf(age);
  return `${offset}|${ageClass}|${told.ageless}`;
}

/** Finds a list, whatever was found before. */
export function findList({ edition, query, offset }: Page, named: NamedValues): FoundList {
  const { index, indexed } = edition.snapshot;
  const found = index.tally(query, offset, named);
  const endOf = asksFacets(query) ? describeFits(query) : describeAgeFits(query.age);
  const parts: Part[] = [BEGIN];
  const last = found.page.length - 1;
  for (const [number, place] of found.page.entries()) {
    const one = indexed[place] as IndexedTrial;
    parts.push(summaryOf(one), endOf(one, number === last));
  }
  const { total, hidden, fitCounts, tallies, suggestions } = found;
  parts.push(
    `],"total":${total},"hidden":{"relevance":${hidden.relevance},"siteMatch":${hidden.siteMatch}}` +
      `,"fitCounts":${fitCounts === null ? 'null' : JSON.stringify(fitCounts)},"facets":`,
    formatTallies(tallies, named),
    `,"suggestions":${suggestions.length === 0 ? '[]' : JSON.stringify(suggestions)}`,
  );
  return { total, begin: groupParts(parts) };
}

const BEGIN = createShortFragment('{"data":[');

/** How the counts of a sheet are told: most of what a list says beside its trials, and all of it but the numbers is always the same. */
interface TallyForm {
  readonly form: Form;
  /** Which count is in each gap. */
  readonly places: readonly number[];
  /** Room for the counts of one list. */
  readonly row: number[];
}
const tallyForms = new WeakMap<TallySheet, TallyForm>();

function formatTallies(tallies: Uint32Array, named: NamedValues): FilledForm {
  const sheet = tallySheetOf(named);
  const known = tallyForms.get(sheet) ?? createTallyForm(sheet);
  tallyForms.set(sheet, known);
  const { form, places, row } = known;
  for (let gap = 0; gap < places.length; gap++) row[gap] = tallies[places[gap] as number] as number;
  return fillForm(form, row);
}

/** Cut from the text in which each count is its own place, because an object has its own order of names. */
function createTallyForm(sheet: TallySheet): TallyForm {
  const counts = nameTallies(
    sheet,
    Uint32Array.from({ length: sheet.length }, (_, place) => place),
  );
  const cut = JSON.stringify(counts).split(/(?<=":)(\d+)/);
  const places = cut.filter((_, place) => place % 2 === 1).map(Number);
  return { form: createForm(cut.filter((_, place) => place % 2 === 0)), places, row: [...places] };
}

/** Summaries as text, still open at their ends: most of every list, and the same in all lists of a snapshot. */
const summaries = new WeakMap<Trial, Fragment>();

function summaryOf({ trial }: IndexedTrial): Fragment {
  const known = summaries.get(trial) ?? createFragment(JSON.stringify(summarizeTrial(trial)).slice(0, -1));
  summaries.set(trial, known);
  return known;
}

/** What a list says of a trial because of the question: the end of its summary, and the comma before the next one. */
type EndOfSummary = (one: IndexedTrial, isLast: boolean) => Part;

function describeFits(query: TrialQuery): EndOfSummary {
  return ({ trial, judgeFit }, isLast) => {
    const ageFit = query.age === null ? null : ageFitOf(query.age, trial);
    return closeSummary({ ageFit, fit: judgeFit(query) }, isLast);
  };
}

/** Most questions ask for no facet, and then there are only so many ends. */
function describeAgeFits(age: Age | null): EndOfSummary {
  return ({ trial }, isLast) =>
    (isLast ? LAST_ENDS : ENDS)[(age === null ? null : ageFitOf(age, trial)) ?? 'unasked'];
}

type AskedOfTrial = Omit<ListedTrial, keyof TrialSummary>;

function closeSummary(answers: AskedOfTrial, isLast: boolean): string {
  return `,${JSON.stringify(answers).slice(1)}${isLast ? '' : ','}`;
}

const createEnds = (isLast: boolean): Readonly<Record<AgeFit | 'unasked', Fragment>> => {
  const create = (ageFit: AgeFit | null): Fragment =>
    createShortFragment(closeSummary({ ageFit, fit: null }, isLast));
  return { unasked: create(null), yes: create('yes'), edge: create('edge') };
};
const ENDS = createEnds(false);
const LAST_ENDS = createEnds(true);
