import { searchableTexts } from '../catalog/snapshot.ts';
import type { Edition } from '../catalog/catalog.ts';
import { FACET_FILTERS, groupOfFacet } from '../trials/facet-groups.ts';
import { wordsOf } from '../trials/search-words.ts';
import { describeFound } from '../web/find-trials.ts';
import type { Finder } from '../web/finder.ts';
import type { PageFrame } from '../web/page.ts';
import { answersOf, queryOf } from '../web/patient-answers.ts';
import type { Phone } from '../web/phones.ts';
import type { Scene } from '../web/scene.ts';
import { WORDS, type Language } from '../web/words/words.ts';
import type { BuiltFiles } from './built-files.ts';
import type { PageQuery } from './page-query.ts';
import { facetValuesOf, siteKeysOf, type Service } from './service.ts';

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
export function facetNamesOf({ pack }: Service): Finder['facetNames'] {
  const { facets } = pack.facets;
  return FACET_FILTERS.flatMap((group) => facets.filter(({ id }) => groupOfFacet(id) === group));
}

/** Our numbers, each with whose it is: one hospital is for children, another for adults. */
export function findPhones({ pack }: Service): Phone[] {
  return pack.sites.flatMap(({ contact }) =>
    contact?.phone ? [{ number: contact.phone, name: contact.name }] : [],
  );
}
