import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GONE_REASON, type Tombstone } from '../catalog/tombstones.ts';
import { createTrialFiltersSchema, understandFilters } from '../trials/trial-query.ts';
import { NctId } from '../trials/trial.ts';
import type { FrontDesk } from './front-desk.ts';
import { findPage } from './list-trials.ts';
import { describeOperation } from './operations.ts';
import { Problem } from './problem.ts';
import { parseQuery, queryTextOf, readBody, readParameters } from './read-parameters.ts';
import { ExcludedList, ProvenanceAnswer, QualityReport, TrialAnswer, TrialList } from './schemas.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, siteKeysOf, type Service } from './service.ts';
import type { KeptAnswer, TrialAnswers } from './trial-answers.ts';

const TrialPath = z.strictObject({
  nctId: z
    .string()
    .max(20)
    .describe('NCT number, in any case and with or without leading zeros.')
    .meta({ example: 'NCT03914625' }),
});

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}
const REGISTRY_ID = /^nct0*(\d{1,8})$/i;

/** The routes of trials: lists, searches, one trial, and why it is or is not on the list. */
export function registerTrialRoutes(
  app: FastifyInstance,
  service: Service,
  { answers, remember }: { answers: TrialAnswers; remember: FrontDesk['remember'] },
): void {
  const filters = createTrialFiltersSchema(siteKeysOf(service.pack), service.pack.facets);

  const sendKept = (exchange: Exchange, { answer, hit }: KeptAnswer): FastifyReply => {
    exchange.request.cacheOutcome = hit ? 'hit' : 'miss';
    return sendAnswer(exchange, answer);
  };
  const sendAndRemember = (exchange: Exchange, kept: KeptAnswer): FastifyReply => {
    const { raw, routeOptions } = exchange.request;
    if (kept.answer.keeper !== null)
      remember(raw.url ?? '', { key: kept.key, route: routeOptions.url ?? '' });
    return sendKept(exchange, kept);
  };

  app.get(
    '/v1/trials',
    { schema: describeOperation('listTrials', { querystring: filters, answer: TrialList }) },
    async (request, reply) => {
      const asked = readParameters(filters, parseQuery(queryTextOf(request.raw.url)));
      const query = understandFilters(asked);
      const edition = currentEdition(service);
      const page = findPage(service.catalog, edition, { query, cursor: asked.cursor, place: 'query' });
      return sendAndRemember({ request, reply }, answers.list(page));
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
      return sendAnswer({ request, reply }, answers.search(page));
    },
  );

  app.get(
    '/v1/trials/:nctId',
    { schema: describeOperation('getTrial', { params: TrialPath, answer: TrialAnswer }) },
    async (request, reply) => {
      const edition = currentEdition(service);
      const found = findTrial(request, service);
      if (!found.isCanonical) return sendRedirect(reply, `${service.publicUrl()}/v1/trials/${found.nctId}`);
      return sendAndRemember({ request, reply }, answers.trial(edition, found.nctId));
    },
  );

  app.get(
    '/v1/trials/:nctId/provenance',
    { schema: describeOperation('getProvenance', { params: TrialPath, answer: ProvenanceAnswer }) },
    async (request, reply) => {
      const edition = currentEdition(service);
      const found = findTrial(request, service);
      if (!found.isCanonical)
        return sendRedirect(reply, `${service.publicUrl()}/v1/trials/${found.nctId}/provenance`);
      return sendAndRemember({ request, reply }, answers.provenance(edition, found.nctId));
    },
  );

  app.get(
    '/v1/excluded',
    { schema: describeOperation('listExcluded', { answer: ExcludedList }) },
    // Its tombstones fade by themselves, without another edition: no address leads to it past this.
    async (request, reply) => sendKept({ request, reply }, answers.excluded(currentEdition(service))),
  );

  app.get(
    '/v1/quality',
    { schema: describeOperation('getQuality', { answer: QualityReport }) },
    async (request, reply) => sendAndRemember({ request, reply }, answers.quality(currentEdition(service))),
  );
}

/** The trial that an address means, and whether the address spells its id as we do. */
interface FoundTrial {
  readonly nctId: string;
  readonly isCanonical: boolean;
}

/**
 * The trial that an address means. Another spelling of the id, or an id that was merged, is to be sent on to the
 * canonical address.
 * @throws Problem `not-found`, `gone`, `invalid-parameter`
 */
export function findTrial(request: FastifyRequest, service: Service): FoundTrial {
  const { nctId: given } = request.params as { nctId: string };
  const nctId = readNctId(request);
  if (nctId === null)
    throw new Problem('invalid-parameter', 'This is no NCT number.', {
      errors: [{ in: 'path', name: 'nctId', detail: 'NCT and up to eight digits.', allowed: [] }],
    });
  const { snapshot } = currentEdition(service);
  const canonical = snapshot.findAlias(nctId) ?? nctId;
  if (snapshot.findTrial(canonical) !== null) return { nctId: canonical, isCanonical: canonical === given };
  const tombstone = service.catalog.findTombstone(nctId);
  if (tombstone === null) throw new Problem('not-found', `${nctId} is not on this list.`);
  throw new Problem('gone', describeGone(tombstone));
}

/** The id that an address spells in whatever way; `null` when it is none. */
export function readNctId({ params }: FastifyRequest): string | null {
  const { data } = TrialPath.safeParse(params);
  const digits = data === undefined ? undefined : REGISTRY_ID.exec(data.nctId)?.[1];
  return digits === undefined ? null : NctId.parse(`NCT${digits.padStart(8, '0')}`);
}

/** When and why, in our words. */
function describeGone({ nctId, goneAt, reason, mergedInto }: Tombstone): string {
  const into = mergedInto === null ? '' : ` (${mergedInto})`;
  return `${nctId} left the list on ${goneAt.slice(0, 10)}. ${GONE_REASON[reason].definition.replace(/\.$/, `${into}.`)}`;
}

export function sendRedirect(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(308).header('location', location).header('cache-control', DATA_CACHE_CONTROL).send();
}
