import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DescribedRoute } from './documentation.ts';

/** Where the reader of the document answers; the files of its own are beneath the last. */
const READER = [
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/yaml',
  '/docs/static/index.html',
  '/docs/static/swagger-initializer.js',
  '/docs/static/*',
];

/** Of the connection to us, not of what is told. */
const OF_THE_CONNECTION = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/**
 * Serves the OpenAPI document of all routes that are registered from now on, and its reader. Both are made when they
 * are first asked for: the packages that make them would be a tenth of every start, and few ask.
 */
export function registerOpenapi(app: FastifyInstance, about: { version: string }): void {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema?.hide !== true && method !== 'HEAD') routes.push({ method, url, ...(schema && { schema }) });
  });
  let documentation: Promise<FastifyInstance> | null = null;
  const open = async (): Promise<FastifyInstance> =>
    (documentation ??= import('./documentation.ts').then(async ({ createDocumentation }) =>
      createDocumentation(routes, about),
    ));
  app.addHook('onClose', async () => (await documentation?.catch(() => null))?.close());

  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send((await open()).swagger()),
  );
  for (const url of READER)
    app.get(url, { schema: { hide: true } }, async (request, reply) =>
      handOver({ request, reply }, await open()),
    );
}

async function handOver(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  reader: FastifyInstance,
): Promise<FastifyReply> {
  const answer = await reader.inject({
    method: request.method,
    url: request.raw.url ?? '/',
    headers: request.headers,
    payloadAsStream: true,
  });
  const { statusCode, headers, raw } = answer;
  // Who leaves before the end leaves the reader's file open otherwise.
  reply.raw.once('close', () => raw.res.destroy());
  if (statusCode === 404) {
    reply.callNotFound();
    return reply;
  }
  if (statusCode >= 400) throw Object.assign(new Error('The reader of the document failed'), { statusCode });
  const told = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.has(name));
  return reply.code(statusCode).headers(Object.fromEntries(told)).send(answer.stream());
}
