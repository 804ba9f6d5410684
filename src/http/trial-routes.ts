import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GONE_REASON, type Tombstone } from '../catalog/tombstones.ts';
import { createTrialFiltersSchema, formatQuery, understandFilters } from '../trials/trial-query.ts';
import { NctId, type QualityFinding } from '../trials/trial.ts';
import { QUALITY_CODES } from '../trials/vocabulary.ts';
import { describeEdition, editionKey } from './edition-meta.ts';
import { findPage, listTrials } from './list-trials.ts';
import { describeOperation } from './operations.ts';
import { Problem } from './problem.ts';
import { parseQuery, queryTextOf, readBody, readParameters } from './read-parameters.ts';
import { renderJson, type RenderedAnswer } from './rendered-answers.ts';
import { ExcludedList, ProvenanceAnswer, QualityReport, TrialAnswer, TrialList } from './schemas.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, facetValuesOf, siteKeysOf, type Service } from './service.ts';

const TrialPath = z.strictObject({
  nctId: z
    .string()
    .max(20)
    .describe('NCT number, in any case and with or without leading zeros.')
    .meta({ example: 'NCT03914625' }),
});
const REGISTRY_ID = /^nct0*(\d{1,8})$/i;

/** The routes of trials: lists, searches, one trial, and why it is or is not on the list. */
export function registerTrialRoutes(app: FastifyInstance, service: Service): void {
  const siteKeys = siteKeysOf(service.pack);
  const filters = createTrialFiltersSchema(siteKeys, service.pack.facets);
  const facetValues = facetValuesOf(service.pack);

  const sendRendered = (
    exchange: { request: FastifyRequest; reply: FastifyReply },
    key: string,
    render: () => RenderedAnswer,
  ): FastifyReply => {
    const { answer, hit } = service.answers.getOrRender(key, render);
    service.metrics.countCache(hit ? 'hit' : 'miss');
    exchange.request.cacheOutcome = hit ? 'hit' : 'miss';
    return sendAnswer(exchange, answer, DATA_CACHE_CONTROL);
  };

  app.get(
    '/v1/trials',
    { schema: describeOperation('listTrials', { querystring: filters, answer: TrialList }) },
    async (request, reply) => {
      const asked = readParameters(filters, parseQuery(queryTextOf(request.raw.url)));
      const query = understandFilters(asked);
      const edition = currentEdition(service);
      const page = findPage(service.catalog, edition, { query, cursor: asked.cursor, place: 'query' });
      const key = `${editionKey(page.edition, service.catalog)}|list|${page.offset}|${formatQuery(query)}`;
      return sendRendered({ request, reply }, key, () => {
        const list = listTrials(page, {
          catalog: service.catalog,
          siteKeys,
          facetValues,
          publicUrl: service.publicUrl(),
          linked: true,
        });
        const link = formatLinks(list.links);
        return renderJson(list, link === '' ? {} : { link });
      });
    },
  );

  app.post(
    '/v1/trials/search',
    { schema: describeOperation('searchTrials', { body: filters, answer: TrialList }) },
    async (request, reply) => {
      const asked = readBody(filters, request.body);
      const query = understandFilters(asked);
      const edition = currentEdition(service);
      const page = findPage(service.catalog, edition, { query, cursor: asked.cursor, place: 'body' });
      const list = listTrials(page, {
        catalog: service.catalog,
        siteKeys,
        facetValues,
        publicUrl: service.publicUrl(),
        linked: false,
      });
      return sendAnswer({ request, reply }, renderJson(list), 'no-store');
    },
  );

  app.get(
    '/v1/trials/:nctId',
    { schema: describeOperation('getTrial', { params: TrialPath, answer: TrialAnswer }) },
    async (request, reply) => {
      const edition = currentEdition(service);
      const found = findTrial(request, { service, path: '' });
      if (found.redirect !== null) return sendRedirect(reply, found.redirect);
      const { nctId } = found;
      const key = `${editionKey(edition, service.catalog)}|trial|${nctId}`;
      return sendRendered({ request, reply }, key, () =>
        renderJson({
          data: edition.snapshot.findTrial(nctId),
          meta: describeEdition(edition, service.catalog),
        }),
      );
    },
  );

  app.get(
    '/v1/trials/:nctId/provenance',
    { schema: describeOperation('getProvenance', { params: TrialPath, answer: ProvenanceAnswer }) },
    async (request, reply) => {
      const edition = currentEdition(service);
      const found = findTrial(request, { service, path: '/provenance' });
      if (found.redirect !== null) return sendRedirect(reply, found.redirect);
      const { nctId } = found;
      const key = `${editionKey(edition, service.catalog)}|provenance|${nctId}`;
      return sendRendered({ request, reply }, key, () =>
        renderJson({
          data: edition.snapshot.findProvenance(nctId),
          meta: describeEdition(edition, service.catalog),
        }),
      );
    },
  );

  app.get(
    '/v1/excluded',
    { schema: describeOperation('listExcluded', { answer: ExcludedList }) },
    async (request, reply) => {
      const edition = currentEdition(service);
      const gone = service.catalog.tombstones;
      const key = `${editionKey(edition, service.catalog)}|excluded|${gone.length}`;
      return sendRendered({ request, reply }, key, () => {
        const { excluded, setAside } = edition.snapshot;
        const reasons = Object.groupBy(excluded, ({ reason }) => reason);
        const counts = Object.entries(reasons).map(([reason, studies]) => [reason, studies.length]);
        return renderJson({
          data: excluded,
          total: excluded.length,
          reasons: Object.fromEntries(counts),
          setAside,
          gone,
          meta: describeEdition(edition, service.catalog),
        });
      });
    },
  );

  app.get(
    '/v1/quality',
    { schema: describeOperation('getQuality', { answer: QualityReport }) },
    async (request, reply) => {
      const edition = currentEdition(service);
      return sendRendered({ request, reply }, `${editionKey(edition, service.catalog)}|quality`, () => {
        const { quality } = edition.snapshot;
        return renderJson({
          data: quality,
          total: quality.length,
          codes: countQualityCodes(quality),
          meta: describeEdition(edition, service.catalog),
        });
      });
    },
  );
}

function countQualityCodes(findings: readonly QualityFinding[]): Record<string, number> {
  const counts = QUALITY_CODES.map((code) => [code, findings.filter((one) => one.code === code).length]);
  return Object.fromEntries(counts) as Record<string, number>;
}

type FoundTrial = { readonly redirect: null; readonly nctId: string } | { readonly redirect: string };

/**
 * The trial that an address means. Another spelling of the id, or an id that was merged, is sent on to the
 * canonical address.
 * @throws Problem `not-found`, `gone`, `invalid-parameter`
 */
function findTrial(
  request: FastifyRequest,
  { service, path }: { service: Service; path: string },
): FoundTrial {
  const { nctId: given } = request.params as { nctId: string };
  const digits = TrialPath.safeParse(request.params).success ? REGISTRY_ID.exec(given)?.[1] : undefined;
  if (digits === undefined)
    throw new Problem('invalid-parameter', 'This is no NCT number.', {
      errors: [{ in: 'path', name: 'nctId', detail: 'NCT and up to eight digits.', allowed: [] }],
    });
  const nctId = NctId.parse(`NCT${digits.padStart(8, '0')}`);
  const { snapshot } = currentEdition(service);
  const canonical = snapshot.findAlias(nctId) ?? nctId;
  if (snapshot.findTrial(canonical) !== null)
    return canonical === given
      ? { redirect: null, nctId }
      : { redirect: `${service.publicUrl()}/v1/trials/${canonical}${path}` };
  const tombstone = service.catalog.findTombstone(nctId);
  if (tombstone === null) throw new Problem('not-found', `${nctId} is not on this list.`);
  throw new Problem('gone', describeGone(tombstone));
}

/** When and why, in our words. */
function describeGone({ nctId, goneAt, reason, mergedInto }: Tombstone): string {
  const into = mergedInto === null ? '' : ` (${mergedInto})`;
  return `${nctId} left the list on ${goneAt.slice(0, 10)}. ${GONE_REASON[reason].definition.replace(/\.$/, `${into}.`)}`;
}

function sendRedirect(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(308).header('location', location).header('cache-control', DATA_CACHE_CONTROL).send();
}

/** RFC 8288. */
function formatLinks(links: { next: string | null; prev: string | null }): string {
  const named: [string, string | null][] = [
    ['next', links.next],
    ['prev', links.prev],
  ];
  return named.flatMap(([rel, url]) => (url === null ? [] : [`<${url}>; rel="${rel}"`])).join(', ');
}
