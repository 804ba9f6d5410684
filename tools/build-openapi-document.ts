import { buildApp } from '../src/app.ts';
import { createCatalog } from '../src/catalog/catalog.ts';
import { readInstitutionPack } from '../src/read-institution-pack.ts';

/** The OpenAPI document of the service with its own institution pack, as committed. */
export async function buildOpenapiDocument(): Promise<string> {
  const nowMs = (): number => 0;
  const { server } = await buildApp({
    pack: await readInstitutionPack('institutions/uab-all.json'),
    catalog: createCatalog({ staleAfterMs: 1, nowMs }),
    sync: null,
    version: '1.0.0',
    publicUrl: () => 'http://127.0.0.1:3000',
    mayServeSample: true,
    rateLimitPerMinute: 0,
    trustProxy: [],
    logLevel: 'silent',
    nowMs,
  });
  await server.ready();
  const document = server.swagger();
  await server.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
