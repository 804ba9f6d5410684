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

/** Files of the reader are given whole, and by their tag or not at all. */
const PARTS_ONLY = new Set(['range', 'if-range', 'if-match', 'if-unmodified-since']);

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
  const make = async (): Promise<FastifyInstance> => {
    const { createDocumentation } = await import('./documentation.ts');
    return createDocumentation(routes, about);
  };
  const open = async (): Promise<FastifyInstance> => {
    documentation ??= make().catch((error: unknown) => {
      // What fails once, as for want of a free file, may succeed for the next who asks.
      documentation = null;
      throw error;
    });
    return documentation;
  };
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
  const asked = Object.entries(request.headers).filter(([name]) => !PARTS_ONLY.has(name));
  const answer = await reader.inject({
    method: request.method,
    url: request.raw.url ?? '/',
    headers: Object.fromEntries(asked),
    payloadAsStream: true,
  });
  const { statusCode, headers, raw } = answer;
  const letGo = (): void => void raw.res.destroy();
  // Who leaves, now or meanwhile, leaves the reader's file open otherwise.
  if (request.raw.socket.destroyed) {
    letGo();
    answer.stream().destroy();
    reply.hijack();
    return reply;
  }
  reply.raw.once('close', letGo);
  if (statusCode >= 400 && statusCode < 500) {
    reply.callNotFound();
    return reply;
  }
  if (statusCode >= 500) throw Object.assign(new Error('The reader of the document failed'), { statusCode });
  const told = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.has(name));
  return reply.code(statusCode).headers(Object.fromEntries(told)).send(answer.stream());
}
