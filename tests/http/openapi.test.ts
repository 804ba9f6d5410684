import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { PROBLEM } from '../../src/http/problem.ts';
import { buildExamples, buildOpenapiDocument } from '../../tools/build-openapi-document.ts';
import { formatSettingsTable } from '../../tools/settings-table.ts';
import {
  expectDocumented,
  openapiDocument,
  openapiOperations,
  openapiText,
  operationOf,
  type OpenapiDocument,
} from '../support/openapi-check.ts';
import { sampleSnapshot } from '../support/sample.ts';
import { buildTestApp } from '../support/test-app.ts';

const app = await buildTestApp();

test('the committed document is what the routes say', async () => {
  expect(openapiText).toBe(await buildOpenapiDocument());
  expect(openapiDocument.openapi).toBe('3.1.0');
});

test('the committed examples are what the service answers over the sample', async () => {
  expect(await readFile('openapi/examples.json', 'utf8')).toBe(await buildExamples());
});

test('the examples of the filters together find a trial', async () => {
  const parameters = openapiDocument.paths['/v1/trials']?.['get']?.parameters ?? [];
  const asked = parameters.flatMap(({ name, schema }) =>
    (schema.examples ?? []).map((example) => [name, String(example)]),
  );
  const answer = await app.server.inject(`/v1/trials?${new URLSearchParams(asked).toString()}`);
  expect(asked.length).toBeGreaterThan(8);
  expect(answer.json<{ total: number }>().total).toBe(1);
});

test('what is tried out begins with nothing asked, and a search with one that finds trials', async () => {
  const parameters = openapiDocument.paths['/v1/trials']?.['get']?.parameters ?? [];
  for (const parameter of parameters) {
    expect(parameter.example, parameter.name).toBeUndefined();
    expect(parameter.schema, parameter.name).not.toHaveProperty('example');
    expect(parameter.schema, parameter.name).not.toHaveProperty('default');
  }
  const search = openapiDocument.paths['/v1/trials/search']?.['post'];
  const payload = search?.requestBody?.content['application/json']?.example as object;
  const answer = await app.server.inject({ method: 'POST', url: '/v1/trials/search', payload });
  expect(answer.json<{ total: number }>().total).toBeGreaterThan(1);
});

test('the document is served', async () => {
  const served = (await app.server.inject('/openapi.json')).json<OpenapiDocument>();
  expect(served.paths).toEqual(openapiDocument.paths);
});

describe.each(openapiOperations)('$method $path', ({ operation }) => {
  test('is named, described, and says how it fails', () => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.description.length).toBeGreaterThan(10);
    expect(
      Object.keys(operation.responses).filter((status) => status.startsWith('4')).length,
    ).toBeGreaterThan(0);
    for (const parameter of operation.parameters ?? []) expect(parameter.description).toBeTruthy();
    for (const { content = {} } of Object.values(operation.responses).filter(
      ({ content: media }) => media?.['application/problem+json'],
    ))
      expect(content['application/problem+json']).toHaveProperty('example');
  });
});

test('no two operations share a name', () => {
  const names = openapiOperations.map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ['listTrials', '/v1/trials'],
  ['listTrials', '/v1/trials?age=31&phase=3'],
  ['listTrials', '/v1/trials?phase=4&ageGroup=infant'],
  ['listTrials', '/v1/trials?lineage=t&setting=relapsed&match=fits,check,does_not_fit'],
  ['listTrials', '/v1/trials?phase=9'],
  ['getTrial', '/v1/trials/NCT99999999'],
  ['getProvenance', '/v1/trials/NCT03914625/provenance'],
  ['listExcluded', '/v1/excluded'],
  ['getQuality', '/v1/quality'],
  ['getVocabulary', '/v1/vocabulary'],
  ['getMeta', '/v1/meta'],
  ['getLiveness', '/health/live'],
  ['getReadiness', '/health/ready'],
])('%s %s answers as documented', async (operationId, url) => {
  expectDocumented(operationOf(operationId), await app.server.inject(url));
});

test.each(sampleSnapshot.trials.map(({ nctId }) => nctId))('%s answers as documented', async (nctId) => {
  expectDocumented(operationOf('getTrial'), await app.server.inject(`/v1/trials/${nctId}`));
});

test('not ready answers as documented', async () => {
  const empty = await buildTestApp({ snapshot: null });
  expectDocumented(operationOf('getReadiness'), await empty.server.inject('/health/ready'));
  expectDocumented(operationOf('listTrials'), await empty.server.inject('/v1/trials'));
});

describe('problem types', () => {
  test('are the same in the code, in docs/problems.md and on their pages', async () => {
    const page = await readFile('docs/problems.md', 'utf8');
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, type]) => type);
    expect(headings).toEqual(Object.keys(PROBLEM));
    for (const [type, { help }] of Object.entries(PROBLEM)) {
      expect(page).toContain(help);
      const response = await app.server.inject(`/problems/${type}`);
      expect([response.statusCode, response.headers['content-type']]).toEqual([
        200,
        'text/html; charset=utf-8',
      ]);
      expect(response.body).toContain(PROBLEM[type as keyof typeof PROBLEM].title);
    }
  });

  test('each is documented by some operation', () => {
    const described = openapiOperations
      .flatMap(({ operation }) => Object.values(operation.responses).map(({ description }) => description))
      .join(' ');
    for (const type of Object.keys(PROBLEM).filter((one) => one !== 'method-not-allowed'))
      expect(described).toContain(`\`${type}\``);
  });
});

test('the settings in the README are those of the schema', async () => {
  expect(await readFile('README.md', 'utf8')).toContain(formatSettingsTable());
});
