import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { searchableTexts } from '../catalog/snapshot.ts';
import type { Edition } from '../catalog/catalog.ts';
import { FACET_FILTERS } from '../trials/facet-groups.ts';
import { FIELD_RULES } from '../trials/filter-trials.ts';
import { wordsOf } from '../trials/search-words.ts';
import { createTrialFiltersSchema, formatQuery, understandFilters } from '../trials/trial-query.ts';
import type { Trial } from '../trials/trial.ts';
import { renderAboutPage } from '../web/about-page.ts';
import { renderClinicianFinder } from '../web/clinician-finder.ts';
import { COMPARED_MAX, renderComparison, type Comparison } from '../web/compare-page.ts';
import { describeFound } from '../web/find-trials.ts';
import { VIEWS, type Finder } from '../web/finder.ts';
import { dataScript, html, type Html } from '../web/html.ts';
import { renderPage, type PageFrame } from '../web/page.ts';
import { answersOf, queryOf } from '../web/patient-answers.ts';
import type { Phone } from '../web/phones.ts';
import { renderPatientFinder } from '../web/patient-finder.ts';
import type { Scene } from '../web/scene.ts';
import { addressInLanguage, renderSitemap, type SitemapPage } from '../web/sitemap.ts';
import { describeForSearch } from '../web/trial-json-ld.ts';
import { renderTrialPage, summarizeForPreview, titleTrialPage } from '../web/trial-page.ts';
import { LANGUAGES, readLanguage, WORDS, type Language } from '../web/words/words.ts';
import { renderViewSwitch } from '../web/view-switch.ts';
import type { BuiltFiles } from './built-files.ts';
import { editionKey } from './edition-meta.ts';
import { PAGE_SECURITY } from './fixed-headers.ts';
import type { FrontDesk } from './front-desk.ts';
import { formatPagePath, isUnfiltered, NOTHING_ASKED, readPageQuery, type PageQuery } from './page-query.ts';
import type { CommonAnswer } from './prepare-answers.ts';
import { parseQuery, queryTextOf } from './read-parameters.ts';
import { renderText, type Packing, type RenderedAnswer } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, facetValuesOf, siteKeysOf, type Service } from './service.ts';
import type { KeptAnswer } from './trial-answers.ts';
import { findTrial, sendRedirect } from './trial-routes.ts';

/** The route of a trial's page. */
export const TRIAL_PAGE = '/trials/:nctId';

/** The pages of an edition, each rendered once. */
export interface PageAnswers {
  finder(edition: Edition, query: PageQuery): KeptAnswer;
  trial(edition: Edition, trial: Trial, language: Language): KeptAnswer;
  about(edition: Edition, language: Language): KeptAnswer;
  comparison(edition: Edition, ids: readonly string[], language: Language): KeptAnswer;
  sitemap(edition: Edition): KeptAnswer;
}

export function createPageAnswers(service: Service, files: BuiltFiles): PageAnswers {
  const keep = (edition: Edition, name: string, render: () => RenderedAnswer): KeptAnswer => {
    const key = `${editionKey(edition, service.catalog.isStale(edition))}page|${name}`;
    return { key, ...service.answers.getOrRender(key, render) };
  };
  return {
    finder(edition, query) {
      const { view, language, asked } = query;
      const render = (): RenderedAnswer => renderFinder({ service, edition, files }, query);
      // What somebody typed and nobody can read is no question that comes again.
      if (asked.ageIsUnreadable) return { key: '', answer: render(), hit: false };
      return keep(
        edition,
        `finder|${view}|${language}|${formatQuery(asked.query)}|${JSON.stringify({ ...asked, query: null })}`,
        render,
      );
    },
    trial: (edition, trial, language) =>
      keep(edition, `trial|${language}|${trial.nctId}`, () =>
        renderTrial({ service, edition, files }, trial, language),
      ),
    about: (edition, language) =>
      keep(edition, `about|${language}`, () => {
        const scene = createScene(service, edition, language);
        const { title, description } = scene.words.aboutPage;
        const frame = {
          ...frameOf(service, edition, { scene, files, path: '/about', title }),
          description,
          isIndexed: true,
        };
        return renderPageAnswer(frame, renderAboutPage(frame, findPhones(service)));
      }),
    comparison: (edition, ids, language) =>
      keep(edition, `compare|${language}|${ids.join()}`, () => {
        const scene = createScene(service, edition, language);
        const path = formatComparePath(ids);
        const frame = frameOf(service, edition, { scene, files, path, title: scene.words.compare.title });
        const content = html`${renderViewSwitch('clinician', scene)}${renderComparison(
          findCompared(service, edition, ids),
          scene,
        )}`;
        return renderPageAnswer({ ...frame, isIndexed: false }, content, 'quickly');
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

/** The pages that people see. */
export function registerPages(
  app: FastifyInstance,
  service: Service,
  { pages, remember }: { pages: PageAnswers; remember: FrontDesk['remember'] },
): void {
  const filters = createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets);
  /** Only what is written as we write it is remembered: what links of others add makes no address of its own. */
  const send = (
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
    { kept, address }: { kept: KeptAnswer; address: string },
  ): FastifyReply => {
    const { raw, routeOptions } = request;
    if (raw.url === address) remember(address, { key: kept.key, route: routeOptions.url ?? '' });
    request.cacheOutcome = kept.hit ? 'hit' : 'miss';
    return sendAnswer({ request, reply }, kept.answer);
  };

  app.get('/', { schema: { hide: true } }, async (request, reply) => {
    const query = readPageQuery(queryTextOf(request.raw.url), filters);
    const kept = pages.finder(currentEdition(service), query);
    return send({ request, reply }, { kept, address: addressOf(formatPagePath(query), query.language) });
  });

  app.get(TRIAL_PAGE, { schema: { hide: true } }, async (request, reply) => {
    const edition = currentEdition(service);
    const { nctId, isCanonical } = findTrial(request, service);
    const language = languageOf(request);
    const address = addressOf(`/trials/${nctId}`, language);
    const trial = edition.snapshot.findTrial(nctId);
    if (!isCanonical || trial === null) return sendRedirect(reply, `${service.publicUrl()}${address}`);
    return send({ request, reply }, { kept: pages.trial(edition, trial, language), address });
  });

  app.get('/about', { schema: { hide: true } }, async (request, reply) => {
    const language = languageOf(request);
    const kept = pages.about(currentEdition(service), language);
    return send({ request, reply }, { kept, address: addressOf('/about', language) });
  });

  app.get('/sitemap.xml', { schema: { hide: true } }, async (request, reply) =>
    send({ request, reply }, { kept: pages.sitemap(currentEdition(service)), address: '/sitemap.xml' }),
  );

  app.get('/robots.txt', { schema: { hide: true } }, async (request, reply) => {
    const text = `User-agent: *\nDisallow:\n\nSitemap: ${service.publicUrl()}/sitemap.xml\n`;
    const rules = { cacheControl: DATA_CACHE_CONTROL, contentType: 'text/plain; charset=utf-8' };
    return sendAnswer({ request, reply }, renderText(text, rules));
  });

  app.get('/compare', { schema: { hide: true } }, async (request, reply) => {
    const language = languageOf(request);
    const ids = readComparedIds(parseQuery(queryTextOf(request.raw.url)).get('trials') ?? []);
    const kept = pages.comparison(currentEdition(service), ids, language);
    return send({ request, reply }, { kept, address: addressOf(formatComparePath(ids), language) });
  });
}

/** Path and query of a comparison in the one spelling that we write. */
function formatComparePath(ids: readonly string[]): string {
  return `/compare?trials=${ids.join()}`;
}

/** One more than fit, so that it can be said that there are more. */
const READ_IDS = COMPARED_MAX + 1;
const LONGEST_ID = 20;

function readComparedIds(given: readonly string[]): string[] {
  const ids = given.flatMap((text) => text.split(',')).map((id) => id.trim().toUpperCase());
  return [...new Set(ids)]
    .filter((id) => /^[A-Z0-9-]+$/.test(id))
    .map((id) => id.slice(0, LONGEST_ID))
    .slice(0, READ_IDS);
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

/** Larger lists are rendered when they are asked for: the finder has every trial on it. */
const MOST_PREPARED_TRIALS = 500;

/** The pages that are asked for most, to be rendered before anybody asks. */
export function* findCommonPages(pages: PageAnswers, { snapshot }: Edition): Generator<CommonAnswer> {
  if (snapshot.trials.length > MOST_PREPARED_TRIALS) return;
  for (const language of LANGUAGES)
    for (const view of VIEWS) {
      const asked = { view, language, asked: NOTHING_ASKED };
      yield {
        address: addressOf(formatPagePath(asked), language),
        route: '/',
        render: (edition) => pages.finder(edition, asked),
      };
    }
  for (const language of LANGUAGES)
    for (const trial of snapshot.trials)
      yield {
        address: addressOf(`/trials/${trial.nctId}`, language),
        route: TRIAL_PAGE,
        render: (edition) => pages.trial(edition, trial, language),
      };
}

function addressOf(path: string, language: Language): string {
  return addressInLanguage('', path, language);
}

/** The language that the address of a page asks for. */
export function languageOf({ raw }: Pick<FastifyRequest, 'raw'>): Language {
  return readLanguage(parseQuery(queryTextOf(raw.url)).get('lang')?.[0]);
}

/** What a page is rendered of. */
interface PageSource {
  readonly service: Service;
  readonly edition: Edition;
  readonly files: BuiltFiles;
}

function renderPageAnswer(frame: PageFrame, content: Html, packing: Packing = 'well'): RenderedAnswer {
  return renderText(renderPage(frame, content), {
    cacheControl: DATA_CACHE_CONTROL,
    contentType: 'text/html; charset=utf-8',
    securityPolicy: PAGE_SECURITY,
    packing,
  });
}

function renderFinder({ service, edition, files }: PageSource, query: PageQuery): RenderedAnswer {
  const scene = createScene(service, edition, query.language);
  const finder = findForPage(service, edition, query);
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
  return renderPageAnswer(
    { ...frame, isIndexed: frame.isIndexed && isCommon },
    content,
    isCommon ? 'well' : 'quickly',
  );
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

export function createScene(service: Service, edition: Edition | null, language: Language): Scene {
  return {
    language,
    words: WORDS[language],
    base: '',
    headingLevel: 3,
    timeZone: service.pack.place.timeZone,
    checkedAt: edition?.checkedAt ?? null,
    siteNames: Object.fromEntries(service.pack.sites.map(({ key, name }) => [key, name])),
  };
}

/** What stands around a page of the list; where there is no edition, of no list. */
export function frameOf(
  service: Service,
  edition: Edition | null,
  page: { scene: Scene; files: BuiltFiles; path: string; title: string },
): PageFrame {
  const { scene, files, path, title } = page;
  return {
    scene,
    title,
    description: scene.words.page.tagline,
    path,
    publicUrl: service.publicUrl(),
    institution: { name: service.pack.name, url: service.pack.links.institution },
    list: edition && {
      source: edition.source,
      isStale: service.catalog.isStale(edition),
      sourceDataTimestamp: edition.snapshot.sourceDataTimestamp,
    },
    assets: { style: files.addressOf('finder.css'), script: files.addressOf('finder.js') },
    isIndexed: edition !== null && edition.source !== 'bundled',
  };
}

/** All trials of the list, with what the question leaves. */
export function findForPage(
  service: Service,
  { snapshot }: Edition,
  { view, asked }: Pick<PageQuery, 'view' | 'asked'>,
): Finder {
  const facetValues = facetValuesOf(service.pack);
  const facetIds = FACET_FILTERS.flatMap((group) => facetValues[group].map((value) => `${group}.${value}`));
  const query = view === 'patient' ? queryOf(answersOf(asked)) : asked.query;
  const { page, facets, suggestions } = snapshot.index.list(query, 0, {
    siteKeys: siteKeysOf(service.pack),
    facetValues,
  });
  const shown = new Set(page);
  const order = [...page, ...[...snapshot.indexed.keys()].filter((place) => !shown.has(place))];
  const trials = order.map((place) => {
    const { trial, judgeFit } = snapshot.indexed[place] as (typeof snapshot.indexed)[number];
    const searchWords = view === 'patient' ? [] : [...wordsOf(searchableTexts(trial))];
    return describeFound(
      { trial, judgeFit, searchWords },
      { query, view, facetIds, isShown: shown.has(place) },
    );
  });
  return {
    view,
    asked,
    trials,
    facetCounts: facets,
    suggestions: suggestions ?? [],
    facetNames: facetNamesOf(service),
    sites: service.pack.sites.filter(({ kind }) => kind !== 'elsewhere'),
    dataDay: snapshot.sourceDataTimestamp?.slice(0, 10) ?? null,
    phones: findPhones(service),
  };
}

/** All facets that can be asked for, by group. */
function facetNamesOf({ pack }: Service): Finder['facetNames'] {
  const { facets } = pack.facets;
  return FACET_FILTERS.flatMap((group) => facets.filter(({ id }) => id.startsWith(`${group}.`)));
}

/** Our numbers, each with whose it is: one hospital is for children, another for adults. */
export function findPhones({ pack }: Service): Phone[] {
  return pack.sites.flatMap(({ contact }) =>
    contact?.phone ? [{ number: contact.phone, name: contact.name }] : [],
  );
}
