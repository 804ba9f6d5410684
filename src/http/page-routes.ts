import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createTrialFiltersSchema } from '../trials/trial-query.ts';
import { COMPARED_MAX } from '../web/compare-page.ts';
import { readLanguage, type Language } from '../web/words/words.ts';
import type { FrontDesk } from './front-desk.ts';
import { addressOf, formatComparePath, TRIAL_PAGE, type PageAnswers } from './page-answers.ts';
import { formatPagePath, readPageQuery } from './page-query.ts';
import { parseQuery, queryTextOf } from './read-parameters.ts';
import { renderText } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, siteKeysOf, type Service } from './service.ts';
import type { KeptAnswer } from './trial-answers.ts';
import { findTrial, sendRedirect } from './trial-routes.ts';

/** The pages that people see. */
export function registerPages(
  app: FastifyInstance,
  service: Service,
  { pages, remember }: { pages: PageAnswers; remember: FrontDesk['remember'] },
): void {
  const filters = createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets);
  /**
   * Only what is written as we write it is remembered: what links of others add makes no address of its own. What may
   * change without another edition has none.
   */
  const send = (
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
    { kept, address }: { kept: KeptAnswer; address: string | null },
  ): FastifyReply => {
    const { raw, routeOptions } = request;
    if (address !== null && raw.url === address)
      remember(address, { key: kept.key, route: routeOptions.url ?? '' });
    request.cacheOutcome = kept.hit ? 'hit' : 'miss';
    return sendAnswer({ request, reply }, kept.answer);
  };

  app.get('/', { schema: { hide: true } }, async (request, reply) => {
    const query = readPageQuery(queryTextOf(request.raw.url), filters);
    const kept = await pages.finder(currentEdition(service), query);
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
    const edition = currentEdition(service);
    const kept = pages.about(edition, language);
    // While nobody has checked the list it says whether that was tried, which comes without another edition.
    const address = edition.checkedAt === null ? null : addressOf('/about', language);
    return send({ request, reply }, { kept, address });
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

/** The language that the address of a page asks for. */
export function languageOf({ raw }: Pick<FastifyRequest, 'raw'>): Language {
  return readLanguage(parseQuery(queryTextOf(raw.url)).get('lang')?.[0]);
}
