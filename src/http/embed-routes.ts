import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Edition } from '../catalog/catalog.ts';
import { createTrialFiltersSchema, formatQuery } from '../trials/trial-query.ts';
import { renderFragment, renderFramePage, type Embed } from '../web/embed.ts';
import { isFrameAncestor } from '../web/frame-ancestors.ts';
import { html } from '../web/html.ts';
import { renderPage } from '../web/page.ts';
import { renderWidgetPage } from '../web/widget-page.ts';
import { PRESETS, readHeadingLevel, WIDGET_MAJOR, WIDGET_TAG } from '../web/widget-tag.ts';
import type { BuiltFiles } from './built-files.ts';
import { readPageQuery, type PageQuery } from './page-query.ts';
import { editionKey } from './edition-meta.ts';
import { PAGE_SECURITY } from './fixed-headers.ts';
import { createScene, findForPage, frameOf, renderBlanks } from './page-scene.ts';
import { parseQuery, queryTextOf } from './read-parameters.ts';
import { createPageSheet, type PageSheet } from './page-sheet.ts';
import { renderBody, type AnswerRules, type RenderedAnswer } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, siteKeysOf, type Service } from './service.ts';
import { createSharedSteps } from './take-steps.ts';
import { keepInSteps, type KeptAnswer } from './trial-answers.ts';
import { sendRedirect } from './trial-routes.ts';
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

interface EmbedContext {
  readonly service: Service;
  readonly files: BuiltFiles;
  readonly widget: WidgetFiles;
}

/** What is asked for of an embed. */
interface Asked {
  readonly query: PageQuery;
  readonly headingLevel: number;
}

/** The list for pages of others: a fragment that their server includes or the widget fetches, a page for a frame, and how to. */
export function registerEmbeds(
  app: FastifyInstance,
  service: Service,
  { files, widget }: Pick<EmbedContext, 'files' | 'widget'>,
): void {
  const shareSteps = createSharedSteps<KeptAnswer>(service.rest);
  const context: EmbedContext = { service, files, widget };
  const filters = createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets);
  const serve = (
    path: string,
    {
      rules,
      headingLevel,
      render,
    }: {
      rules: AnswerRules;
      /** Where it is not for who asks to say. */
      headingLevel?: number;
      render: (embed: Embed, edition: Edition) => string;
    },
  ): void => {
    function* renderInSteps(edition: Edition, asked: Asked): Generator<undefined, RenderedAnswer> {
      const sheet = createPageSheet(service.blanks);
      const embed = createEmbed(context, edition, { ...asked, place: sheet.place });
      yield* renderBlanks(service, edition, { query: asked.query, scene: embed.scene });
      const markup = render(embed, edition);
      yield;
      return renderBody(sheet.fill(markup), rules);
    }
    app.get(path, { schema: { hide: true } }, async (request, reply) => {
      const edition = currentEdition(service);
      const read = readAsked(request, filters);
      const asked = headingLevel === undefined ? read : { ...read, headingLevel };
      const name = `${path}|${nameOf(asked)}`;
      const { answer, hit } = await shareSteps(`${editionKey(edition, false)}${name}`, () =>
        keepInSteps(service, { edition, name }, () => renderInSteps(edition, asked)),
      );
      request.cacheOutcome = hit ? 'hit' : 'miss';
      return sendAnswer({ request, reply }, answer);
    });
  };
  serve('/embed/v1/list.html', { rules: HTML, render: (embed) => `${renderFragment(embed).toString()}\n` });
  const assets = { style: files.addressOf('finder.css'), script: files.addressOf('embed.js') };
  serve('/embed/v1/', {
    rules: { ...HTML, securityPolicy: frameSecurity(service) },
    render: (embed) => renderFramePage(embed, { assets, frameAncestors: service.frameAncestors }),
  });
  serve('/widget/', {
    rules: { ...HTML, securityPolicy: `${PAGE_SECURITY}; frame-src 'self'` },
    headingLevel: 4,
    render: (embed, edition) => renderDocumentation(context, edition, embed),
  });
  for (const [path, meant] of Object.entries(MEANT))
    app.get(path, { schema: { hide: true } }, async (request, reply) => {
      const asked = new URLSearchParams(queryTextOf(request.raw.url)).toString();
      return sendRedirect(reply, `${service.publicUrl()}${meant}${asked && `?${asked}`}`);
    });
}

/** Addresses that people write from memory, and what they mean. */
const MEANT = {
  '/widget': '/widget/',
  '/embed': '/widget/',
  '/embed/': '/widget/',
  '/embed/v1': '/embed/v1/',
} as const;

function readAsked(request: FastifyRequest, filters: ReturnType<typeof createTrialFiltersSchema>): Asked {
  const raw = parseQuery(queryTextOf(request.raw.url));
  const kept = [...raw].filter(([name]) => NAMES.has(name));
  const text = new URLSearchParams(kept.flatMap(([name, values]) => values.map((value) => [name, value])));
  return {
    query: readPageQuery(text.toString(), filters),
    headingLevel: readHeadingLevel(raw.get('headingLevel')?.[0]),
  };
}

function nameOf({ query, headingLevel }: Asked): string {
  return [query.view, query.language, headingLevel, formatQuery(query.asked.query)].join('|');
}

function createEmbed(
  { service, files, widget }: EmbedContext,
  edition: Edition,
  { query, headingLevel, place }: Asked & Pick<PageSheet, 'place'>,
): Embed {
  const publicUrl = service.publicUrl();
  const scene = {
    ...createScene(service, edition, query.language),
    base: publicUrl,
    // Groups are on the level that was asked for, trials below them; there is no seventh.
    headingLevel: headingLevel + 1,
  };
  const { list } = frameOf(service, edition, { scene, files, path: '/embed/v1/', title: '' });
  const finder = findForPage(service, edition, { query, place });
  return { scene, finder, list, headingLevel, style: `${publicUrl}${widget.css.path}` };
}

/** Its examples are live: the page is a host of the widget like any other. */
function renderDocumentation(
  { service, files, widget }: EmbedContext,
  edition: Edition,
  embed: Embed,
): string {
  const publicUrl = service.publicUrl();
  const { origin } = new URL(publicUrl);
  const scene = { ...embed.scene, base: '' };
  const { title, lead } = scene.words.widgetPage;
  const frame = frameOf(service, edition, { scene, files, path: '/widget/', title });
  const content = renderWidgetPage({
    embed,
    publicUrl,
    script: widget.js,
    siteKeys: siteKeysOf(service.pack),
    mayFrame: isFrameAncestor(service.frameAncestors, origin, origin),
  });
  const head = html`<script type="module" src="${files.addressOf('widget-page.js')}"></script>
    <script type="module" src="/widget/${WIDGET_MAJOR}/${WIDGET_TAG}.js"></script>`;
  return renderPage({ ...frame, description: lead, isIndexed: true, head }, content);
}
