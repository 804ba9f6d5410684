import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shortHash } from '../src/catalog/short-hash.ts';
import { buildService } from '../tools/build-service.ts';
import { startRegistryStandIn } from './support/registry-stand-in.ts';
import { sampleStudies } from './support/sample.ts';
import { runCommand, startServiceProcess } from './support/service-process.ts';
import { BUILT_START_ARGUMENTS, START_ARGUMENTS } from './support/start-command.ts';

/** Beside `src`, as `dist` is, which whoever runs the tests may be running from. */
const FOLDER = 'built.tmp';
const inFolder = (argument: string): string => argument.replace(/^dist\//, `${FOLDER}/`);

beforeAll(async () => buildService(FOLDER), 60_000);
afterAll(async () => rm(FOLDER, { recursive: true, force: true }));

/** One of each kind of answer, and what is found as a file. */
const PATHS = [
  '/',
  '/?view=clinician&lang=es',
  '/v1/trials?ageGroup=child&q=blinatumomab',
  '/v1/trials/NCT03959085',
  '/v1/trials?phase=9',
  '/v1/vocabulary',
  '/embed/v1/list.html',
  '/widget/',
  '/widget/1/uab-all-trials.js',
  '/openapi.json',
  '/docs/',
  '/docs/static/swagger-ui.css',
  '/nowhere',
];

const ask = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const readAll = async (startArguments: readonly string[]): Promise<string[]> => {
  const service = await startServiceProcess(
    {
      DATA_DIR: '',
      PUBLIC_URL: 'https://trials.example',
      CTGOV_BASE_URL: 'http://127.0.0.1:9/api/v2',
      SYNC_INTERVAL_SECONDS: '0',
    },
    startArguments,
  );
  const answers: string[] = [];
  for (const path of PATHS) {
    const { status, headers, text } = await ask(`http://127.0.0.1:${service.port}${path}`);
    const told = text.replaceAll(headers.get('x-request-id') ?? '', '');
    answers.push(`${path} ${status} ${headers.get('etag')} ${told.length} ${shortHash(told)}`);
  }
  expect(await service.stop()).toBe(0);
  return answers;
};

test('the built service gives the answers of the source', { timeout: 60_000 }, async () => {
  const built = await readAll(BUILT_START_ARGUMENTS.map(inFolder));
  expect(built.map((answer) => answer.split(' ')[1])).toContain('400');
  expect(built).toEqual(await readAll(START_ARGUMENTS));
});

test('the built command saves a list of the registry', { timeout: 60_000 }, async () => {
  const registry = await startRegistryStandIn({ studies: sampleStudies });
  const saved = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
  const ended = await runCommand(`${FOLDER}/sync-once.js`, [], {
    CTGOV_BASE_URL: registry.baseUrl,
    DATA_DIR: saved,
  });
  expect(ended).toMatchObject({ code: 0, errors: [] });
  expect((await readdir(saved)).filter((name) => name.startsWith('snapshot-'))).toHaveLength(1);
  await registry.close();
  await rm(saved, { recursive: true });
});
