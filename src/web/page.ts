import type { SnapshotSource } from '../trials/vocabulary.ts';
import { html, renderDocument, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import { addressInLanguage } from './sitemap.ts';
import { formatDay, formatPartialDate } from './words/dates.ts';
import { fill, LANGUAGES, WORDS, type Language } from './words/words.ts';

/** Which list it is, and how current. */
export interface ListState {
  readonly source: SnapshotSource;
  readonly isStale: boolean;
  readonly sourceDataTimestamp: string | null;
}

/** What every page shows around its content. */
export interface PageFrame {
  readonly scene: Scene;
  readonly title: string;
  /** One sentence for search engines and previews. */
  readonly description: string;
  /** The address without language: path and query that belong to the page itself. */
  readonly path: string;
  readonly publicUrl: string;
  readonly institution: { readonly name: string; readonly url: string };
  /** The list that the page is of; `null` where there is none to speak of. */
  readonly list: ListState | null;
  /** Names of built files by their plain name. */
  readonly assets: { readonly style: string; readonly script: string };
  /** Only for search engines' sake: pages of errors and of filters are not to be found there. */
  readonly isIndexed: boolean;
  /** A table of many columns is on it. Said before all content, so that nothing moves when that comes. */
  readonly hasTable?: boolean;
  readonly head?: Html;
}

/** A whole page: head, banner when the list is not current, header, content, footer. */
export function renderPage(frame: PageFrame, content: Html): string {
  const { scene, title, description, assets } = frame;
  const { words, language } = scene;
  return renderDocument(
    html`<html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <meta name="description" content="${description}" />
        ${frame.isIndexed ? renderAddresses(frame) : html`<meta name="robots" content="noindex" />`}
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assets.style}" />
        <script type="module" src="${assets.script}"></script>
        ${frame.head ?? null}
      </head>
      <body${frame.hasTable === true && html` class="has-table"`}>
        <a class="skip" href="#main">${words.page.skip}</a>
        <header class="site-header">
          ${renderBanner(frame)}
          <div class="wide">
            <p class="site-name"><a href="${linkTo(scene, '/')}">${words.page.siteName}</a></p>
            <p class="site-tagline">${words.page.tagline}</p>
            <nav class="site-links" aria-label="${words.page.language}">${renderLanguageLink(frame)}</nav>
          </div>
        </header>
        <main id="main" class="wide">${content}</main>
        <footer class="site-footer">
          <div class="wide">
            <p>${words.page.whoTreatsWhom}</p>
            <p>${words.page.disclaimer}</p>
            <ul class="site-links">
              <li><a href="${linkTo(scene, '/about')}">${words.page.about}</a></li>
              <li><a href="${linkTo(scene, '/widget/')}">${words.page.widget}</a></li>
              <li><a href="${scene.base}/docs">${words.page.api}</a></li>
              <li><a href="${frame.institution.url}">${frame.institution.name}</a></li>
            </ul>
          </div>
        </footer>
      </body>
    </html>`,
  );
}

function renderAddresses(frame: PageFrame): Html {
  const { publicUrl, path } = frame;
  const addressIn = (language: Language): string => addressInLanguage(publicUrl, path, language);
  return html`<link
      rel="canonical"
      href="${addressIn(frame.scene.language)}"
    />${LANGUAGES.map((one) => html`<link rel="alternate" hreflang="${one}" href="${addressIn(one)}" />`)}<link
      rel="alternate"
      hreflang="x-default"
      href="${addressIn('en')}"
    />`;
}

function renderLanguageLink(frame: PageFrame): Html {
  const other: Language = frame.scene.language === 'en' ? 'es' : 'en';
  const scene: Scene = { ...frame.scene, language: other };
  const [path = '/', query = ''] = frame.path.split('?');
  return html`<a
    lang="${other}"
    hreflang="${other}"
    href="${linkTo(scene, path, Object.fromEntries(new URLSearchParams(query)))}"
    >${WORDS[frame.scene.language].page.otherLanguage}</a
  >`;
}

/** Said first on every page: that this is no list of today. */
export function renderBanner({ scene, list }: Pick<PageFrame, 'scene' | 'list'>): Html | null {
  const warning = list && warnOfList(list, scene);
  return warning === null ? null : html`<p class="banner" role="note">${warning}</p>`;
}

/** That this is no list of today; `null` of one that is. */
export function warnOfList(list: ListState, scene: Scene): string | null {
  const { words, language, timeZone, checkedAt } = scene;
  if (list.source === 'bundled') return `${words.page.sample}${describeSampleDay(list, scene)}`;
  if (!list.isStale || checkedAt === null) return null;
  return fill(words.page.stale, { date: formatDay(checkedAt, { language, timeZone }) });
}

/** Nobody checks the sample, and so what it says of a day is that of its data. */
function describeSampleDay({ sourceDataTimestamp }: ListState, { words, language }: Scene): string {
  if (sourceDataTimestamp === null) return '';
  const date = formatPartialDate(sourceDataTimestamp.slice(0, 10), language);
  return ` ${fill(words.page.dataOf, { date })}.`;
}
