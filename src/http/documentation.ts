import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { addExamples } from './openapi-examples.ts';

type Json = Record<string, unknown>;
export type DescribedRoute = Pick<RouteOptions, 'method' | 'url' | 'schema'>;

const TITLE = 'UAB ALL trials';

/**
 * An application of its own, without a port, that knows the routes only by their schemas: it makes the OpenAPI 3.1
 * document of them, and has the reader of it beneath `/docs`.
 */
export async function createDocumentation(
  routes: readonly DescribedRoute[],
  { version }: { version: string },
): Promise<FastifyInstance> {
  const app = fastify();
  app.setValidatorCompiler(() => (value) => ({ value }));
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  // Who hands a request over says of a failure what is said of all failures.
  app.setErrorHandler(({ statusCode = 500 }: { statusCode?: number }, _request, reply) =>
    reply.code(statusCode).send(),
  );
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: TITLE,
        version,
        description:
          'Every acute lymphoblastic leukemia (ALL) trial at UAB and Children’s of Alabama, from ClinicalTrials.gov. A `study` is the registry’s record, a `trial` is ours. See `/v1/meta` for terms of use and modifications.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      externalDocs: { url: '/', description: 'The list of trials, for people' },
      servers: [{ url: '/', description: 'This service' }],
      tags: [
        { name: 'Trials', description: 'Lists, searches, one trial, and why.' },
        { name: 'Service', description: 'Words, state, health.' },
      ],
      security: [],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => tidyDocument(jsonSchemaTransformObject(document) as Json),
  });
  for (const { method, url, schema } of routes)
    app.route({ method, url, schema: schema ?? {}, handler: async () => undefined });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: false,
    theme: { title: `${TITLE}: API` },
    uiConfig: { layout: 'BaseLayout', deepLinking: true, defaultModelsExpandDepth: 0, validatorUrl: null },
  });
  await app.ready();
  return app;
}

/**
 * The generator leaves an unused `…Input` twin of every named schema, and names them in the order in which their files
 * were loaded, which is no business of who reads the document.
 */
function tidyDocument(document: Json): Json {
  const components = document['components'] as { schemas?: Json } | undefined;
  const schemas = components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? null);
    }
  };
  follow({ ...document, components: null });
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
  if (components !== undefined)
    components.schemas = Object.fromEntries(
      Object.entries(schemas).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    );
  addExamples(document);
  return document;
}
