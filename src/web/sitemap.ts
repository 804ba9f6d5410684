import { html, type Html } from './html.ts';
import { LANGUAGES, type Language } from './words/words.ts';

/** A page that search engines may show. */
export interface SitemapPage {
  readonly path: string;
  /** When its content last changed, as far as anybody says. */
  readonly lastModified: string | null;
}

/** The address of a page in a language; English is the address itself. */
export function addressInLanguage(publicUrl: string, path: string, language: Language): string {
  return language === 'en'
    ? `${publicUrl}${path}`
    : `${publicUrl}${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
}

/** The protocol of sitemaps takes no more addresses in one file. */
const MOST_ADDRESSES = 50_000;

/** All pages in all languages, each telling of the others. */
export function renderSitemap(pages: readonly SitemapPage[], publicUrl: string): string {
  const listed = pages.slice(0, Math.floor(MOST_ADDRESSES / LANGUAGES.length));
  const root = html`<urlset
    xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:xhtml="http://www.w3.org/1999/xhtml"
  >
    ${listed.map((page) => LANGUAGES.map((language) => renderEntry(page, publicUrl, language)))}
  </urlset>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.toString()}\n`;
}

function renderEntry({ path, lastModified }: SitemapPage, publicUrl: string, language: Language): Html {
  return html`<url>
    <loc>${addressInLanguage(publicUrl, path, language)}</loc>
    ${LANGUAGES.map((one) => html`<xhtml:link rel="alternate" hreflang="${one}" href="${addressInLanguage(publicUrl, path, one)}" />`)}
    ${lastModified !== null && html`<lastmod>${lastModified}</lastmod>`}
  </url>`;
}
