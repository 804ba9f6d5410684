import { readFile } from 'node:fs/promises';
import { createSnapshotBuilder } from '../src/catalog/build-snapshot.ts';
import { readConfig } from '../src/config.ts';
import { readInstitutionPack } from '../src/read-institution-pack.ts';
import { createRegistryClient, REGISTRY_LIMITS } from '../src/registry/registry-client.ts';
import { RegistryError } from '../src/registry/registry-errors.ts';
import { Study } from '../src/registry/study.ts';
import { buildStudyQueries } from '../src/registry/study-query.ts';
import type { StudyQuery } from '../src/registry/walk-studies.ts';

/**
 * `npm run test:live`: checks every assumption of the client against the real registry, from a machine that can
 * reach it, and prints what nobody has established yet. About fifteen requests, one a second.
 */

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
let passed = 0;
let failed = 0;
const check = async (name: string, run: () => Promise<string | true>): Promise<void> => {
  const result = await run().catch((error: unknown) =>
    error instanceof RegistryError
      ? `${error.code}: ${error.message} ${error.upstreamText ?? ''}`
      : String(error),
  );
  if (result === true) passed++;
  else failed++;
  print(`${result === true ? 'ok  ' : 'FAIL'} ${name}${result === true ? '' : `: ${result}`}`);
};

const config = readConfig(process.env);
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const userAgent = config.CTGOV_USER_AGENT || `uab-all-trials/${version}`;
const client = createRegistryClient({ baseUrl: config.CTGOV_BASE_URL, userAgent });
const pack = await readInstitutionPack(config.INSTITUTION_FILE);
const queries = buildStudyQueries(pack);
/** More than this in one city for these phrases would mean that a phrase matches too much. */
const MOST_STUDIES = 1_000;

print(`User-Agent ${userAgent}`);
let etag: string | null = null;
await check('the version answers, with a tag', async () => {
  const answer = await client.fetchVersion();
  if (!answer.changed) return '304 without a condition';
  etag = answer.version.etag;
  print(`     ${JSON.stringify(answer.version)}`);
  return etag === null ? 'no ETag' : true;
});
await check('the tag answers 304', async () =>
  (await client.fetchVersion({ etag })).changed ? '200 again' : true,
);

const walk = await client.walkStudies(queries).catch((error: unknown) => {
  print(
    `FAIL the walk: ${error instanceof RegistryError ? `${error.code} ${error.upstreamText ?? ''}` : String(error)}`,
  );
  failed++;
  return null;
});
if (walk !== null) {
  for (const { name, totalCount, pages } of walk.queries)
    await check(`query ${name} is within bounds: ${totalCount} studies on ${pages} pages`, async () =>
      totalCount > 0 && totalCount <= MOST_STUDIES ? true : `${totalCount}`,
    );
  await check('every study is readable', async () => {
    const unreadable = walk.proposed.filter(({ study }) => !Study.safeParse(study).success);
    return unreadable.length === 0 ? true : unreadable.map(({ nctId }) => nctId).join();
  });
  await check('sites have a status only while the study recruits, or lapsed while it did', async () => {
    const odd = walk.proposed.flatMap(({ study }) => {
      const { protocolSection: section } = Study.parse(study);
      const { overallStatus } = section.statusModule;
      const statuses = (section.contactsLocationsModule?.locations ?? []).filter(
        ({ status }) => status !== undefined,
      );
      const allowed = ['RECRUITING', 'UNKNOWN', 'AVAILABLE'].includes(overallStatus);
      return statuses.length > 0 && !allowed
        ? [`${section.identificationModule.nctId} ${overallStatus}`]
        : [];
    });
    return odd.length === 0 ? true : odd.join();
  });
  const snapshot = await createSnapshotBuilder(pack, { modifications: '/v1/meta' })({
    ...walk.version,
    queries: walk.queries,
    studies: walk.proposed,
  });
  await check('some trials are kept, and none is set aside', async () =>
    snapshot.trials.length > 0 && snapshot.setAside.length === 0
      ? true
      : `${snapshot.trials.length}, ${snapshot.setAside.length}`,
  );
  print(
    `     ${walk.proposed.length} proposed, ${snapshot.trials.length} kept, ${snapshot.excluded.length} excluded, ${walk.requests} requests`,
  );
}

const small = createRegistryClient({ baseUrl: config.CTGOV_BASE_URL, userAgent, limits: { pageSize: 10 } });
await check('tokens lead through all pages', async () => {
  const [named] = queries;
  if (named === undefined) return 'no query';
  const parameters = { ...named.parameters, fields: 'NCTId|VersionHolder' };
  const paged = await small.walkStudies([{ ...named, parameters }]);
  return paged.proposed.length === paged.queries[0]?.totalCount ? true : JSON.stringify(paged.queries);
});

print('Questions that nobody has answered:');
const count = async (name: string, parameters: Record<string, string>): Promise<void> => {
  const query: StudyQuery = { name, parameters: { fields: 'NCTId|VersionHolder', ...parameters } };
  const answer = await client.walkStudies([query]).then(
    ({ queries: [counted] }) => String(counted?.totalCount),
    (error: unknown) =>
      error instanceof RegistryError ? `${error.code} ${error.upstreamText ?? ''}` : String(error),
  );
  print(`  ${name}: ${answer}`);
};
const place = queries[0]?.parameters['filter.advanced'] ?? '';
await count('facility by our full name, in our city', {
  'filter.advanced': `${place} AND SEARCH[Location](AREA[LocationFacility]"University of Alabama at Birmingham" AND AREA[LocationCity]Birmingham)`,
  'query.cond': '"acute lymphoblastic leukemia"',
});
await count('facility by our acronym, in our city', {
  'filter.advanced': 'SEARCH[Location](AREA[LocationFacility]UAB AND AREA[LocationCity]Birmingham)',
  'query.cond': '"acute lymphoblastic leukemia"',
});

const raw = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
  const response = await fetch(`${config.CTGOV_BASE_URL}${path}`, {
    headers: { 'user-agent': userAgent, ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(REGISTRY_LIMITS.requestMs),
  }).catch((error: unknown) => error as Error);
  await new Promise((resolve) => {
    setTimeout(resolve, REGISTRY_LIMITS.spacingMs);
  });
  if (response instanceof Error) return response.message;
  const text = (await response.text()).slice(0, 160).replace(/\s+/g, ' ');
  return `${response.status} ${response.headers.get('content-type') ?? ''} location=${response.headers.get('location') ?? '-'} | ${text}`;
};
print(
  `  304 on /studies with the dataset's tag: ${await raw('/studies?pageSize=1&fields=NCTId', etag === null ? {} : { 'if-none-match': etag })}`,
);
print(`  an unreadable page token: ${await raw('/studies?pageSize=1&fields=NCTId&pageToken=abc')}`);
print(`  a malformed id: ${await raw('/studies/NCT00000000')}`);
print(`  an alias (NCT01182896): ${await raw('/studies/NCT01182896?fields=NCTId')}`);
print('Not to be tried: the rate limit and the body of a 429.');

await client.close();
await small.close();
print(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
