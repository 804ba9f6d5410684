import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createTrialFiltersSchema, formatQuery } from '../trials/trial-query.ts';
import { renderFragment, renderFramePage, type Embed } from '../web/embed.ts';
import { PRESETS, readHeadingLevel } from '../web/widget-tag.ts';
import type { BuiltFiles } from './built-files.ts';
import { editionKey } from './edition-meta.ts';
import { readPageQuery } from './page-query.ts';
import { createScene, findForPage, frameOf } from './page-routes.ts';
import { parseQuery, queryTextOf } from './read-parameters.ts';
import { renderText, type RenderedAnswer } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, siteKeysOf, type Service } from './service.ts';
import type { WidgetFiles } from './widget-routes.ts';

const HTML = { cacheControl: DATA_CACHE_CONTROL, contentType: 'text/html; charset=utf-8' } as const;

/** What the page of somebody else may ask for; nothing that a reader types is among it. */
const NAMES: ReadonlySet<string> = new Set(['view', 'lang', ...PRESETS]);

/** A page in a frame runs our script alone, asks nothing, and is framed by whom the operator allows. */
function frameSecurity({ frameAncestors }: Service): string {
  return (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; form-action 'self'; " +
    `base-uri 'none'; frame-ancestors ${frameAncestors}; require-trusted-types-for 'script'; trusted-types 'none'`
  );
}

/** The list for pages of others: a fragment that their server includes or the widget fetches, and a page for a frame. */
export function registerEmbeds(
  app: FastifyInstance,
  service: Service,
  { files, widget }: { files: BuiltFiles; widget: WidgetFiles },
): void {
  const filters = createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets);
  const answer = (
    request: FastifyRequest,
    form: { name: string; rules: Parameters<typeof renderText>[1]; render: (embed: Embed) => string },
  ): RenderedAnswer => {
    const edition = currentEdition(service);
    const raw = parseQuery(queryTextOf(request.raw.url));
    const query = readPageQuery(keepNames(raw), filters);
    const headingLevel = readHeadingLevel(raw.get('headingLevel')?.[0]);
    const { view, language, asked } = query;
    const key = `${editionKey(edition, service.catalog.isStale(edition))}embed|${form.name}|${view}|${language}|${headingLevel}|${formatQuery(asked.query)}`;
    return service.answers.getOrRender(key, () => {
      const publicUrl = service.publicUrl();
      const scene = {
        ...createScene(service, edition, language),
        base: publicUrl,
        // Groups are on the level that was asked for, trials below them; there is no seventh.
        headingLevel: headingLevel + 1,
      };
      const { list } = frameOf(service, edition, { scene, files, path: '/embed/v1/', title: '' });
      const finder = findForPage(service, edition, query);
      const style = `${publicUrl}${widget.css.path}`;
      return renderText(form.render({ scene, finder, list, headingLevel, style }), form.rules);
    }).answer;
  };

  app.get('/embed/v1/list.html', { schema: { hide: true } }, async (request, reply) =>
    sendAnswer({ request, reply }, answer(request, { name: 'list', rules: HTML, render: renderFragment })),
  );

  const assets = { style: files.addressOf('finder.css'), script: files.addressOf('embed.js') };
  const { frameAncestors } = service;
  app.get('/embed/v1/', { schema: { hide: true } }, async (request, reply) =>
    sendAnswer(
      { request, reply },
      answer(request, {
        name: 'frame',
        rules: { ...HTML, securityPolicy: frameSecurity(service) },
        render: (embed) => renderFramePage(embed, { assets, frameAncestors }),
      }),
    ),
  );
}

function keepNames(raw: ReadonlyMap<string, readonly string[]>): string {
  const kept = [...raw].filter(([name]) => NAMES.has(name));
  return new URLSearchParams(
    kept.flatMap(([name, values]) => values.map((value) => [name, value])),
  ).toString();
}
