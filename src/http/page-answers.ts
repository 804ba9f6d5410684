import type { Edition } from '../catalog/catalog.ts';
import { FIELD_RULES } from '../trials/filter-trials.ts';
import { formatQuery, understandFilters } from '../trials/trial-query.ts';
import type { Trial } from '../trials/trial.ts';
import { renderAboutPage } from '../web/about-page.ts';
import { renderClinicianFinder } from '../web/clinician-finder.ts';
import { COMPARED_MAX, renderComparison, type Comparison } from '../web/compare-page.ts';
import { VIEWS } from '../web/finder.ts';
import { dataScript, html, type Html } from '../web/html.ts';
import { renderPage, type PageFrame } from '../web/page.ts';
import { renderPatientFinder } from '../web/patient-finder.ts';
import { addressInLanguage, renderSitemap, type SitemapPage } from '../web/sitemap.ts';
import { describeForSearch } from '../web/trial-json-ld.ts';
import { renderTrialPage, summarizeForPreview, titleTrialPage } from '../web/trial-page.ts';
import { LANGUAGES, type Language } from '../web/words/words.ts';
import { renderViewSwitch } from '../web/view-switch.ts';
import type { BuiltFiles } from './built-files.ts';
import { editionKey } from './edition-meta.ts';
import { PAGE_SECURITY } from './fixed-headers.ts';
import { createScene, facetNamesOf, findForPage, findPhones, frameOf, renderBlanks } from './page-scene.ts';
import { formatPagePath, isUnfiltered, NOTHING_ASKED, type PageQuery } from './page-query.ts';
import { createPageSheet } from './page-sheet.ts';
import type { CommonAnswer } from './prepare-answers.ts';
import {
  renderBody,
  renderText,
  type AnswerRules,
  type Packing,
  type RenderedAnswer,
} from './rendered-answers.ts';
import { DATA_CACHE_CONTROL } from './send-answer.ts';
import type { Service } from './service.ts';
import { createSharedSteps } from './take-steps.ts';
import { createKeeper, keepInSteps, type KeptAnswer } from './trial-answers.ts';

/** The route of a trial's page. */
export const TRIAL_PAGE = '/trials/:nctId';

type Finder = Pick<PageQuery, 'view' | 'language'>;

/** The pages of an edition, each rendered once. */
export interface PageAnswers {
  finder(edition: Edition, query: PageQuery): Promise<KeptAnswer>;
  /** Whether anybody has asked for all trials of a view in a language, since the start. */
  wasAsked(finder: Finder): boolean;
  /** The same with a trial that has to be rendered to each step, and some more of the page itself. */
  finderInSteps(edition: Edition, query: PageQuery): Generator<undefined, KeptAnswer>;
  trial(edition: Edition, trial: Trial, language: Language): KeptAnswer;
  about(edition: Edition, language: Language): KeptAnswer;
  comparison(edition: Edition, ids: readonly string[], language: Language): KeptAnswer;
  sitemap(edition: Edition): KeptAnswer;
}

export function createPageAnswers(service: Service, files: BuiltFiles): PageAnswers {
  const keepAnswer = createKeeper(service);
  const keep = (edition: Edition, name: string, render: () => RenderedAnswer): KeptAnswer =>
    keepAnswer(edition, `page|${name}`, render);
  const shareSteps = createSharedSteps<KeptAnswer>(service.rest);
  const inSteps: PageAnswers['finderInSteps'] = function* inSteps(edition, query) {
    const source: PageSource = { service, edition, files };
    // What somebody typed and nobody can read is no question that comes again.
    if (query.asked.ageIsUnreadable)
      return { key: '', answer: yield* renderFinder(source, query), hit: false };
    const name = `page|${nameFinder(query)}`;
    return yield* keepInSteps(service, { edition, name }, () => renderFinder(source, query));
  };
  const askedFinders = new Set<string>();
  const nameOf = ({ view, language }: Finder): string => `${view}|${language}`;
  return {
    async finder(edition, query) {
      if (isUnfiltered(query)) askedFinders.add(nameOf(query));
      return shareSteps(`${editionKey(edition, false)}${nameFinder(query)}`, () => inSteps(edition, query));
    },
    wasAsked: (finder) => askedFinders.has(nameOf(finder)),
    finderInSteps: inSteps,
    trial: (edition, trial, language) =>
      keep(edition, `trial|${language}|${trial.nctId}`, () =>
        renderTrial({ service, edition, files }, trial, language),
      ),
    about: (edition, language) => {
      const failedAt = findFailedCheck(service, edition);
      return keep(edition, `about|${language}|${failedAt}`, () => {
        const scene = createScene(service, edition, language);
        const { title, description } = scene.words.aboutPage;
        const frame = {
          ...frameOf(service, edition, { scene, files, path: '/about', title }),
          description,
          isIndexed: true,
        };
        return renderPageAnswer(frame, renderAboutPage(frame, { phones: findPhones(service), failedAt }));
      });
    },
    comparison: (edition, ids, language) =>
      keep(edition, `compare|${language}|${ids.join()}`, () => {
        const scene = createScene(service, edition, language);
        const path = formatComparePath(ids);
        const frame = frameOf(service, edition, { scene, files, path, title: scene.words.compare.title });
        const content = html`${renderViewSwitch('clinician', scene)}${renderComparison(
          findCompared(service, edition, ids),
          scene,
        )}`;
        return renderPageAnswer({ ...frame, isIndexed: false, hasTable: true }, content, 'quickly');
      }),
    sitemap: (edition) =>
      keep(edition, 'sitemap', () =>
        renderText(renderSitemap(findIndexedPages(edition), service.publicUrl()), {
          cacheControl: DATA_CACHE_CONTROL,
          contentType: 'application/xml; charset=utf-8',
        }),
      ),
  };
}

/** When a list that nobody has checked yet was last tried to be checked in vain. */
function findFailedCheck({ sync }: Service, { checkedAt }: Edition): string | null {
  return checkedAt === null ? (sync?.status.lastError?.at ?? null) : null;
}

/** Path and query of a comparison in the one spelling that we write. */
export function formatComparePath(ids: readonly string[]): string {
  return `/compare?trials=${ids.join()}`;
}

/** The trials that are asked to be compared; an id that was merged into another means that one. */
function findCompared(service: Service, { snapshot }: Edition, ids: readonly string[]): Comparison {
  const asked = ids.slice(0, COMPARED_MAX);
  const found = asked.map((id) => snapshot.findTrial(snapshot.findAlias(id) ?? id));
  return {
    trials: [...new Set(found.filter((trial) => trial !== null))],
    unknown: asked.filter((_id, place) => found[place] === null),
    isCut: ids.length > COMPARED_MAX,
    facetNames: facetNamesOf(service),
  };
}

/** The address of a page in a language. */
export function addressOf(path: string, language: Language): string {
  return addressInLanguage('', path, language);
}

/** Larger lists are rendered when they are asked for: the finder has every trial on it. */
const MOST_PREPARED_TRIALS = 500;

/**
 * The pages that are asked for most, to be rendered before anybody asks: the one that the address of the service opens,
 * and each other view and language once somebody has asked for it. The page of a trial takes two milliseconds whoever
 * asks first, and all of them together half of the memory that answers may have.
 */
export function* findCommonPages(pages: PageAnswers, { snapshot }: Edition): Generator<CommonAnswer> {
  if (snapshot.trials.length > MOST_PREPARED_TRIALS) return;
  for (const view of VIEWS)
    for (const language of LANGUAGES) {
      const asked = { view, language, asked: NOTHING_ASKED };
      const address = addressOf(formatPagePath(asked), language);
      if (address === '/' || pages.wasAsked(asked))
        yield { address, route: '/', renderInSteps: (edition) => pages.finderInSteps(edition, asked) };
    }
}

/** What a page is rendered of. */
interface PageSource {
  readonly service: Service;
  readonly edition: Edition;
  readonly files: BuiltFiles;
}

function renderPageAnswer(frame: PageFrame, content: Html, packing: Packing = 'well'): RenderedAnswer {
  return renderText(renderPage(frame, content), PAGE_RULES[packing]);
}

const PAGE: AnswerRules = {
  cacheControl: DATA_CACHE_CONTROL,
  contentType: 'text/html; charset=utf-8',
  securityPolicy: PAGE_SECURITY,
};
const PAGE_RULES: Readonly<Record<Packing, AnswerRules>> = {
  well: PAGE,
  quickly: { ...PAGE, packing: 'quickly' },
};

function nameFinder({ view, language, asked }: PageQuery): string {
  const typed = JSON.stringify({ ...asked, query: null });
  return `finder|${view}|${language}|${formatQuery(asked.query)}|${typed}`;
}

function* renderFinder(
  { service, edition, files }: PageSource,
  query: PageQuery,
): Generator<undefined, RenderedAnswer> {
  const scene = createScene(service, edition, query.language);
  yield* renderBlanks(service, edition, { query, scene });
  const sheet = createPageSheet(service.blanks);
  const finder = findForPage(service, edition, { query, place: sheet.place });
  const path = formatPagePath(query);
  const frame = frameOf(service, edition, { scene, files, path, title: scene.words.page.title });
  const [heading, renderContent] =
    query.view === 'clinician'
      ? [scene.words.clinician.heading, renderClinicianFinder]
      : [scene.words.intro.heading, renderPatientFinder];
  const content = html`${renderViewSwitch(query.view, scene)}
    <h1>${heading}</h1>
    ${renderContent(finder, scene)}`;
  const isCommon = isUnfiltered(query);
  const hasTable = query.view === 'clinician';
  const markup = renderPage({ ...frame, isIndexed: frame.isIndexed && isCommon, hasTable }, content);
  yield;
  const body = sheet.fill(markup);
  yield;
  return renderBody(body, PAGE_RULES[isCommon ? 'well' : 'quickly']);
}

function renderTrial(
  { service, edition, files }: PageSource,
  trial: Trial,
  language: Language,
): RenderedAnswer {
  const scene = { ...createScene(service, edition, language), headingLevel: 2 };
  const path = `/trials/${trial.nctId}`;
  const frame = frameOf(service, edition, { scene, files, path, title: titleTrialPage(trial, scene) });
  const address = addressInLanguage(service.publicUrl(), path, language);
  const facetLabels = new Map(service.pack.facets.facets.map(({ id, patientLabel }) => [id, patientLabel]));
  return renderPageAnswer(
    {
      ...frame,
      description: summarizeForPreview(trial, scene),
      isIndexed: frame.isIndexed && isListed(trial),
      head: dataScript('application/ld+json', describeForSearch(trial, address)),
    },
    renderTrialPage(trial, { scene, address, facetLabels }),
  );
}

/** Whether lists show a trial unless they are asked otherwise (contract 5.4). */
function isListed(trial: Trial): boolean {
  const query = understandFilters({});
  return FIELD_RULES.relevance(trial, query) && FIELD_RULES.siteMatch(trial, query);
}

/**
 * What search engines may show: closed trials too, since whoever looks one up should read here that it is closed;
 * nothing of a sample, which is no list of today.
 */
function findIndexedPages({ snapshot, source }: Edition): SitemapPage[] {
  const about = { path: '/about', lastModified: null };
  if (source === 'bundled') return [about];
  const trials = snapshot.trials
    .filter(isListed)
    .map(({ nctId, dates }) => ({ path: `/trials/${nctId}`, lastModified: dates.lastUpdatePosted }));
  const finders = ['/', '/?view=clinician'].map((path) => ({ path, lastModified: null }));
  return [...finders, about, ...trials];
}
