import type { Catalog, Edition } from '../catalog/catalog.ts';
import type { QualityFinding } from '../trials/trial.ts';
import { QUALITY_CODES } from '../trials/vocabulary.ts';
import { isCommonList } from './common-lists.ts';
import { describeEdition, editionKey } from './edition-meta.ts';
import { createListFinder, findList } from './found-lists.ts';
import { listTrials, type ListContext, type Page } from './list-trials.ts';
import { renderJson, type AnswerRules, type RenderedAnswer } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL } from './send-answer.ts';
import { facetValuesOf, siteKeysOf, type Service } from './service.ts';

/** An answer with the key under which it is kept, and whether it had been rendered before. */
export interface KeptAnswer {
  readonly key: string;
  readonly answer: RenderedAnswer;
  readonly hit: boolean;
}

/** Keeps answers by what they are made of: nothing of one edition answers for another. */
export function createKeeper({
  catalog,
  answers,
}: Pick<Service, 'catalog' | 'answers'>): (
  edition: Edition,
  name: string,
  render: () => RenderedAnswer,
  options?: { isRare: boolean },
) => KeptAnswer {
  return (edition, name, render, options) => {
    const key = keyOf(catalog, edition, name);
    return { key, ...answers.getOrRender(key, render, options) };
  };
}

function keyOf(catalog: Catalog, edition: Edition, name: string): string {
  return editionKey(edition, catalog.isStale(edition)) + name;
}

/**
 * The same for what is rendered in steps. The key is of the time before the first: a list that becomes stale
 * meanwhile must not find a page of it that does not say so.
 */
export function* keepInSteps(
  { catalog, answers }: Pick<Service, 'catalog' | 'answers'>,
  { edition, name }: { edition: Edition; name: string },
  renderInSteps: () => Generator<undefined, RenderedAnswer>,
): Generator<undefined, KeptAnswer> {
  const key = keyOf(catalog, edition, name);
  const known = answers.find(key);
  if (known !== undefined) return { key, answer: known, hit: true };
  const answer = yield* renderInSteps();
  return { key, ...answers.getOrRender(key, () => answer) };
}

/** The answers about trials, each rendered once an edition; a list that hardly anybody asks for, once more. */
export interface TrialAnswers {
  list(page: Page): KeptAnswer;
  /** The same list for a question that must not be kept. */
  search(page: Page): RenderedAnswer;
  trial(edition: Edition, nctId: string): KeptAnswer;
  provenance(edition: Edition, nctId: string): KeptAnswer;
  excluded(edition: Edition): KeptAnswer;
  quality(edition: Edition): KeptAnswer;
}

const DATA_RULES: AnswerRules = { cacheControl: DATA_CACHE_CONTROL };
const RARE_RULES: AnswerRules = { ...DATA_RULES, packing: 'quickly' };
const SEARCH_RULES: AnswerRules = { cacheControl: 'no-store', packing: 'quickly' };

export function createTrialAnswers(service: Service): TrialAnswers {
  const { catalog } = service;
  const named = { siteKeys: siteKeysOf(service.pack), facetValues: facetValuesOf(service.pack) };
  const contextOf = (linked: boolean, find: ListContext['findList']): ListContext => ({
    catalog,
    linked,
    findList: find,
    get publicUrl() {
      return service.publicUrl();
    },
  });
  const findAnew: ListContext['findList'] = (page) => findList(page, named);
  // Kept as a whole.
  const common = contextOf(true, findAnew);
  const rare = contextOf(true, createListFinder(named));
  // Nothing of what is asked in a body is kept.
  const byBody = contextOf(false, findAnew);
  const keep = createKeeper(service);
  const keepData = (edition: Edition, name: string, describe: () => object): KeptAnswer =>
    keep(edition, name, () =>
      renderJson({ ...describe(), meta: describeEdition(edition, catalog) }, DATA_RULES),
    );
  return {
    list(page) {
      const isCommon = isCommonList(page);
      return keep(
        page.edition,
        `list|${page.offset}|${page.told.text}`,
        () => (isCommon ? listTrials(page, common, DATA_RULES) : listTrials(page, rare, RARE_RULES)),
        { isRare: !isCommon },
      );
    },
    search: (page) => listTrials(page, byBody, SEARCH_RULES),
    trial: (edition, nctId) =>
      keepData(edition, `trial|${nctId}`, () => ({ data: edition.snapshot.findTrial(nctId) })),
    provenance: (edition, nctId) =>
      keepData(edition, `provenance|${nctId}`, () => ({ data: edition.snapshot.findProvenance(nctId) })),
    excluded: (edition) => {
      const gone = catalog.tombstones;
      return keepData(edition, `excluded|${gone.length}`, () => {
        const { excluded, setAside } = edition.snapshot;
        const reasons = Object.groupBy(excluded, ({ reason }) => reason);
        const counts = Object.entries(reasons).map(([reason, studies]) => [reason, studies.length]);
        return {
          data: excluded,
          total: excluded.length,
          reasons: Object.fromEntries(counts) as Record<string, number>,
          setAside,
          gone,
        };
      });
    },
    quality: (edition) =>
      keepData(edition, 'quality', () => {
        const { quality } = edition.snapshot;
        return { data: quality, total: quality.length, codes: countQualityCodes(quality) };
      }),
  };
}

function countQualityCodes(findings: readonly QualityFinding[]): Record<string, number> {
  const counts = QUALITY_CODES.map((code) => [code, findings.filter((one) => one.code === code).length]);
  return Object.fromEntries(counts) as Record<string, number>;
}
