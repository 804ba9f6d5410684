import { buildApp } from '../src/app.ts';
import { createSnapshotBuilder } from '../src/catalog/build-snapshot.ts';
import { createCatalog, type Catalog } from '../src/catalog/catalog.ts';
import { readSample } from '../src/catalog/read-sample.ts';
import { readInstitutionPack } from '../src/read-institution-pack.ts';

const PUBLIC_URL = 'https://trials.example';
const CLOCK = { nowMs: () => Date.parse('2026-11-24T12:00:00Z'), monotonicMs: () => 0 };

/** Addresses whose answers over the bundled sample are the document's examples. */
const EXAMPLES = {
  listTrials: '/v1/trials?ageGroup=child&phase=3&limit=1',
  getTrial: '/v1/trials/NCT03876769',
  getProvenance: '/v1/trials/NCT03876769/provenance',
  getMeta: '/v1/meta',
  getLiveness: '/health/live',
  getReadiness: '/health/ready',
} as const;

async function buildBareApp(catalog: Catalog) {
  return buildApp({
    pack: await readInstitutionPack('institutions/uab-all.json'),
    catalog,
    sync: null,
    version: '1.0.0',
    publicUrl: () => PUBLIC_URL,
    mayServeSample: true,
    rateLimitPerMinute: 0,
    trustProxy: [],
    frameAncestors: "'none'",
    logLevel: 'silent',
    nowMs: () => CLOCK.nowMs(),
  });
}

/** The OpenAPI document of the service with its own institution pack, as committed. */
export async function buildOpenapiDocument(): Promise<string> {
  const { server } = await buildBareApp(createCatalog({ staleAfterMs: 1, clock: CLOCK }));
  const document: unknown = (await server.inject('/openapi.json')).json();
  await server.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Real answers over the bundled sample, by operation. */
export async function buildExamples(): Promise<string> {
  const pack = await readInstitutionPack('institutions/uab-all.json');
  const build = createSnapshotBuilder(pack, { modifications: '/v1/meta' });
  const catalog = createCatalog({ staleAfterMs: 1, clock: CLOCK });
  const snapshot = await build(await readSample(new URL('../sample/', import.meta.url)));
  catalog.publish({ snapshot, source: 'bundled', checkedAt: null });
  const { server } = await buildBareApp(catalog);
  const answers: [string, unknown][] = [];
  for (const [operationId, url] of Object.entries(EXAMPLES))
    answers.push([operationId, (await server.inject(url)).json()]);
  await server.close();
  const examples = Object.fromEntries(answers);
  return `${JSON.stringify({ ...examples, searchTrials: examples['listTrials'] }, null, 2)}\n`;
}
