import type { FastifyInstance } from 'fastify';
import { searchableTexts } from '../catalog/snapshot.ts';
import type { Edition } from '../catalog/catalog.ts';
import { FACET_FILTERS } from '../trials/facet-groups.ts';
import { wordsOf } from '../trials/search-words.ts';
import { createTrialFiltersSchema, formatQuery } from '../trials/trial-query.ts';
import { describeFound } from '../web/find-trials.ts';
import type { Finder } from '../web/finder.ts';
import { html } from '../web/html.ts';
import { renderPage, type PageFrame } from '../web/page.ts';
import { renderPatientFinder } from '../web/patient-finder.ts';
import type { Scene } from '../web/scene.ts';
import { WORDS, type Language } from '../web/words/words.ts';
import type { BuiltFiles } from './built-files.ts';
import { editionKey } from './edition-meta.ts';
import { readPageQuery, type PageQuery } from './page-query.ts';
import { queryTextOf } from './read-parameters.ts';
import { renderText, type RenderedAnswer } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, facetValuesOf, siteKeysOf, type Service } from './service.ts';

/** Pages run our own script alone, load nothing of others, and turn no text into markup. */
export const PAGE_SECURITY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** The pages that people see. */
export function registerPages(app: FastifyInstance, service: Service, files: BuiltFiles): void {
  const filters = createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets);
  const keep = (edition: Edition, name: string, render: () => string): RenderedAnswer =>
    service.answers.getOrRender(`${editionKey(edition, service.catalog.isStale(edition))}page|${name}`, () =>
      renderText(render(), {
        cacheControl: DATA_CACHE_CONTROL,
        contentType: 'text/html; charset=utf-8',
        securityPolicy: PAGE_SECURITY,
      }),
    ).answer;

  app.get('/', { schema: { hide: true } }, async (request, reply) => {
    const edition = currentEdition(service);
    const query = readPageQuery(queryTextOf(request.raw.url), filters);
    const { view, language, asked } = query;
    const name = `finder|${view}|${language}|${formatQuery(asked.query)}|${asked.ageIsUnreadable ? asked.age : ''}`;
    const answer = keep(edition, name, () => {
      const scene = createScene(service, edition, language);
      const finder = findForPage(service, edition, query);
      const frame = frameOf(service, edition, {
        scene,
        files,
        path: view === 'patient' ? '/' : `/?view=${view}`,
        title: scene.words.page.title,
      });
      return renderPage(
        frame,
        html`<h1>${scene.words.intro.heading}</h1>
          ${renderPatientFinder(finder, scene)}`,
      );
    });
    return sendAnswer({ request, reply }, answer);
  });
}

function createScene(service: Service, edition: Edition, language: Language): Scene {
  return {
    language,
    words: WORDS[language],
    base: '',
    headingLevel: 3,
    timeZone: service.pack.place.timeZone,
    checkedAt: edition.checkedAt,
  };
}

function frameOf(
  service: Service,
  edition: Edition,
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
    list: {
      source: edition.source,
      isStale: service.catalog.isStale(edition),
      sourceDataTimestamp: edition.snapshot.sourceDataTimestamp,
    },
    assets: { style: files.addressOf('finder.css'), script: files.addressOf('finder.js') },
    isIndexed: true,
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
  const { page, facets, suggestions } = snapshot.index.list(asked.query, 0, {
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
      { query: asked.query, view, facetIds, isShown: shown.has(place) },
    );
  });
  return {
    view,
    asked,
    trials,
    facetCounts: facets,
    suggestions: suggestions ?? [],
    phone: findPhone(service),
  };
}

/** The first number of ours that anybody may call. */
function findPhone({ pack }: Service): Finder['phone'] {
  for (const { contact } of pack.sites)
    if (contact?.phone) return { number: contact.phone, name: contact.name };
  return null;
}
