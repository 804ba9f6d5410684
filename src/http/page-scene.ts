import type { Edition } from '../catalog/catalog.ts';
import { ageFitOf } from '../trials/age.ts';
import { FACET_FILTERS, groupOfFacet } from '../trials/facet-groups.ts';
import type { Finder, FoundTrial, PlaceTrial } from '../web/finder.ts';
import { placeCard } from '../web/card.ts';
import { html } from '../web/html.ts';
import { NO_ANSWERS } from '../web/patient-answers.ts';
import { placeRow, type AskedOfRow } from '../web/row.ts';
import type { ListState, PageFrame } from '../web/page.ts';
import type { IndexedTrial } from '../catalog/snapshot.ts';
import type { Phone } from '../web/phones.ts';
import type { Scene } from '../web/scene.ts';
import { WORDS, type Language } from '../web/words/words.ts';
import type { BuiltFiles } from './built-files.ts';
import type { PageQuery } from './page-query.ts';
import type { Service } from './service.ts';

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
    list: edition && describeList(service, edition),
    assets: { style: files.addressOf('finder.css'), script: files.addressOf('finder.js') },
    isIndexed: edition !== null && edition.source !== 'bundled',
  };
}

function describeList({ catalog }: Service, edition: Edition): ListState {
  const { source, snapshot } = edition;
  return { source, isStale: catalog.isStale(edition), sourceDataTimestamp: snapshot.sourceDataTimestamp };
}

/** All trials of the list, with what is asked. */
export function findForPage(
  service: Service,
  edition: Edition,
  { query: { view, asked }, place }: { query: Pick<PageQuery, 'view' | 'asked'>; place: PlaceTrial },
): Finder {
  const { snapshot } = edition;
  return {
    view,
    asked,
    trials: snapshot.indexed.map((listed) => describeFound(service, listed, { view, asked })),
    place,
    facetNames: facetNamesOf(service),
    sites: service.pack.sites.filter(({ kind }) => kind !== 'elsewhere'),
    list: describeList(service, edition),
    dataDay: snapshot.sourceDataTimestamp?.slice(0, 10) ?? null,
    phones: findPhones(service),
  };
}

function describeFound(
  { blanks }: Pick<Service, 'blanks'>,
  listed: IndexedTrial,
  { view, asked }: Pick<PageQuery, 'view' | 'asked'>,
): FoundTrial {
  const { age, q } = asked.query;
  const facts = blanks.findFacts(listed, view);
  return {
    trial: listed.trial,
    // A search looks into the words of each trial many times.
    facts: q.length > 0 ? { ...facts } : facts,
    ageFit: age === null ? null : ageFitOf(age, listed.trial),
  };
}

/** Renders what every finder of this view and scene takes of its trials, as far as it is not kept: one with each step. */
export function* renderBlanks(
  service: Service,
  { snapshot }: Edition,
  { query: { view, asked }, scene }: { query: Pick<PageQuery, 'view' | 'asked'>; scene: Scene },
): Generator<undefined> {
  const facetNames = facetNamesOf(service);
  const keep: PlaceTrial = (wanted) => {
    service.blanks.findBlank(wanted);
    return NO_PAGE;
  };
  for (const listed of snapshot.indexed) {
    if (service.blanks.isKept({ trial: listed.trial, view, scene })) continue;
    const found = describeFound(service, listed, { view, asked });
    if (view === 'patient') placeCard(keep, found, { answers: NO_ANSWERS, scene, isShown: true });
    else placeRow(keep, found, { asked: NOTHING_SAID, scene, facetNames });
    yield;
  }
}

const NO_PAGE = html``;
const NOTHING_SAID: AskedOfRow = { isShown: true, fit: null, reasons: [] };

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
