import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { GUARD } from '../catalog/guards.ts';
import { SYNC_FAILURE } from '../catalog/sync-failure.ts';
import { SYNC_STATE } from '../catalog/sync-state.ts';
import { GONE_REASON } from '../catalog/tombstones.ts';
import * as facetWords from '../trials/facet-groups.ts';
import * as words from '../trials/vocabulary.ts';
import { describeEdition } from './edition-meta.ts';
import { describeOperation } from './operations.ts';
import { PROBLEM } from './problem.ts';
import { renderJson } from './rendered-answers.ts';
import { LiveAnswer, MetaAnswer, ReadyAnswer, VocabularyAnswer } from './schemas.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';
import { currentEdition, type Service } from './service.ts';
import { describeHeld, describeSync } from './sync-status.ts';
import { MODIFICATIONS, TERMS_OF_USE } from './terms.ts';

/** The routes that speak of the service itself: words, state, health, metrics. */
export function registerServiceRoutes(app: FastifyInstance, service: Service): void {
  const vocabulary = renderJson(describeVocabulary(service), { cacheControl: DATA_CACHE_CONTROL });

  app.get(
    '/v1/vocabulary',
    { schema: describeOperation('getVocabulary', { answer: VocabularyAnswer }) },
    async (request, reply) => sendAnswer({ request, reply }, vocabulary),
  );

  app.get(
    '/v1/meta',
    { schema: describeOperation('getMeta', { answer: MetaAnswer }) },
    async (request, reply) =>
      sendAnswer({ request, reply }, renderJson(describeService(service), { cacheControl: 'no-cache' })),
  );

  app.get(
    '/health/live',
    { schema: describeOperation('getLiveness', { answer: LiveAnswer }), config: { rateLimited: false } },
    async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'live' }),
  );

  app.get(
    '/health/ready',
    {
      schema: describeOperation('getReadiness', { answer: ReadyAnswer, unready: ReadyAnswer }),
      config: { rateLimited: false },
    },
    async (_request, reply) => {
      const answer = describeReadiness(service);
      return reply
        .code(answer.status === 'ready' ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(answer);
    },
  );

  app.get(
    '/metrics',
    { schema: describeOperation('getMetrics', {}), config: { rateLimited: false } },
    async (_request, reply) =>
      reply
        .header('content-type', service.metrics.contentType)
        .header('cache-control', 'no-store')
        .send(await service.metrics.format()),
  );
}

function describeVocabulary(service: Service): z.infer<typeof VocabularyAnswer> {
  const list = (table: Readonly<Record<string, words.Term>>, order = Object.keys(table)) =>
    order.map((value) => {
      const term = table[value] as words.Term;
      return { value, label: term.label, definition: term.definition };
    });
  const problems = Object.entries(PROBLEM).map(([value, { title, help }]) => ({
    value,
    label: title,
    definition: help,
  }));
  return {
    enumerations: {
      availability: list(words.AVAILABILITY),
      ageGroup: list(words.AGE_GROUP),
      ageFit: list(words.AGE_FIT),
      phase: list(words.PHASE, words.PHASES),
      siteKind: list(words.SITE_KIND),
      relevance: list(words.RELEVANCE),
      exclusionReason: list(words.EXCLUSION_REASON),
      notice: list(words.NOTICE),
      qualityCode: list(words.QUALITY_CODE),
      sex: list(words.SEX),
      studyType: list(words.STUDY_TYPE),
      overallStatus: list(words.OVERALL_STATUS),
      facetGroup: list(facetWords.FACET_GROUP),
      polarity: list(facetWords.POLARITY),
      fit: list(facetWords.FIT),
      sort: list(words.SORT),
      source: list(words.SNAPSHOT_SOURCE),
      syncState: list(SYNC_STATE),
      syncFailure: list(SYNC_FAILURE),
      guard: list(GUARD),
      goneReason: list(GONE_REASON),
      problem: problems,
    },
    facets: {
      version: service.pack.facets.version,
      terms: service.pack.facets.facets.map(
        ({ id, label, patientLabel, scope, codes, kindOf, contradicts }) => ({
          id,
          group: facetWords.groupOfFacet(id),
          value: id.slice(id.indexOf('.') + 1),
          label,
          patientLabel,
          scope,
          codes,
          kindOf,
          contradicts,
        }),
      ),
    },
    sites: service.pack.sites
      .filter(({ kind }) => kind !== 'elsewhere')
      .map(({ key, name, population, kind }) => ({ key, name, population, kind })),
  };
}

function describeSnapshot(service: Service): z.infer<typeof ReadyAnswer>['snapshot'] {
  const edition = service.catalog.current;
  if (edition === null) return null;
  const {
    snapshotId: id,
    source,
    sourceDataTimestamp,
    checkedAt,
    stale,
  } = describeEdition(edition, service.catalog);
  return { id, source, trials: edition.snapshot.trials.length, sourceDataTimestamp, checkedAt, stale };
}

function describeReadiness(service: Service): z.infer<typeof ReadyAnswer> {
  const edition = service.catalog.current;
  const loaded = edition !== null && (edition.source !== 'bundled' || service.mayServeSample);
  const status = service.isStopping() ? 'stopping' : loaded ? 'ready' : 'not_ready';
  return {
    status,
    snapshot: describeSnapshot(service),
    sync: describeSync(service.sync?.status ?? null),
  };
}

function describeService(service: Service): z.infer<typeof MetaAnswer> {
  const { snapshot } = currentEdition(service);
  const { pack } = service;
  return {
    name: 'uab-all-trials',
    institution: pack.name,
    condition: `${pack.condition.label} (${pack.condition.shortLabel})`,
    snapshot: describeSnapshot(service) as NonNullable<ReturnType<typeof describeSnapshot>>,
    counts: {
      trials: snapshot.trials.length,
      excluded: snapshot.excluded.length,
      setAside: snapshot.setAside.length,
    },
    queries: [...snapshot.queries],
    sync: describeSync(service.sync?.status ?? null),
    held: describeHeld(service.sync?.status.held ?? null),
    journal: [...(service.sync?.status.journal ?? [])],
    links: pack.links,
    termsOfUse: [...TERMS_OF_USE],
    modifications: [...MODIFICATIONS],
  };
}
