import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { addExamples } from './openapi-examples.ts';

type Json = Record<string, unknown>;

/** Describes the service in OpenAPI 3.1 from the schemas of its routes, and serves the document and its reader. */
export async function registerOpenapi(
  app: FastifyInstance,
  about: { version: string; publicUrl: () => string },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'UAB ALL trials',
        version: about.version,
        description:
          'Every acute lymphoblastic leukemia (ALL) trial at UAB and Children’s of Alabama, from ClinicalTrials.gov. A `study` is the registry’s record, a `trial` is ours. See `/v1/meta` for terms of use and modifications.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
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
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(app.swagger()),
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: false,
    uiConfig: { layout: 'BaseLayout', deepLinking: true, defaultModelsExpandDepth: 0, validatorUrl: null },
  });
}

/** The generator leaves an unused `…Input` twin of every named schema, and the bounds of whole numbers it was not given. */
function tidyDocument(document: Json): Json {
  const components = document['components'] as { schemas?: Json } | undefined;
  const schemas = components?.schemas ?? {};
  const isUsed = (name: string): boolean =>
    JSON.stringify({ ...document, components: omit(schemas, name) }).includes(
      `"#/components/schemas/${name}"`,
    );
  for (let removed = true; removed;) {
    const unused = Object.keys(schemas).filter((name) => !isUsed(name));
    for (const name of unused) delete schemas[name];
    removed = unused.length > 0;
  }
  addExamples(document);
  return document;
}

function omit(schemas: Json, name: string): Json {
  return Object.fromEntries(Object.entries(schemas).filter(([key]) => key !== name));
}
