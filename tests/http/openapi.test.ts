import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { PROBLEM } from '../../src/http/problem.ts';
import { buildExamples, buildOpenapiDocument } from '../../tools/build-openapi-document.ts';
import { formatSettingsTable } from '../../tools/settings-table.ts';
import { sampleSnapshot } from '../support/sample.ts';
import { buildTestApp } from '../support/test-app.ts';

interface Media {
  content?: Record<string, { schema: Record<string, unknown> }>;
  description: string;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters?: { name: string; description?: string; example?: string | string[] }[];
  responses: Record<string, Media>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

const committed = await readFile('openapi/openapi.json', 'utf8');
const document = JSON.parse(committed) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const app = await buildTestApp();

const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi');

function checkAgainst(
  operation: Operation,
  response: { statusCode: number; body: string; headers: Record<string, unknown> },
): void {
  const answer = operation.responses[String(response.statusCode)];
  expect(answer, `${operation.operationId} documents ${response.statusCode}`).toBeDefined();
  const type = String(response.headers['content-type']).split(';')[0] ?? '';
  const schema = answer?.content?.[type]?.schema;
  expect(schema, `${operation.operationId} documents ${type}`).toBeDefined();
  const text = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  const validate = ajv.compile(JSON.parse(text) as object);
  expect(validate(JSON.parse(response.body)), ajv.errorsText(validate.errors)).toBe(true);
}
const operationOf = (operationId: string): Operation => {
  const found = operations.find(({ operation }) => operation.operationId === operationId);
  if (found === undefined) throw new Error(`${operationId} is not documented`);
  return found.operation;
};

test('the committed document is what the routes say', async () => {
  expect(committed).toBe(await buildOpenapiDocument());
  expect(document.openapi).toBe('3.1.0');
});

test('the committed examples are what the service answers over the sample', async () => {
  expect(await readFile('openapi/examples.json', 'utf8')).toBe(await buildExamples());
});

test('the examples of the filters together find a trial', async () => {
  const parameters = document.paths['/v1/trials']?.['get']?.parameters ?? [];
  const asked = parameters.flatMap(({ name, example }) =>
    example === undefined ? [] : [[name, String(example)]],
  );
  const answer = await app.server.inject(`/v1/trials?${new URLSearchParams(asked).toString()}`);
  expect(asked.length).toBeGreaterThan(8);
  expect(answer.json<{ total: number }>().total).toBe(1);
});

test('the document is served', async () => {
  const served = (await app.server.inject('/openapi.json')).json<Document>();
  expect(served.paths).toEqual(document.paths);
});

describe.each(operations)('$method $path', ({ operation }) => {
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
  const names = operations.map(({ operation }) => operation.operationId);
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
  checkAgainst(operationOf(operationId), await app.server.inject(url));
});

test.each(sampleSnapshot.trials.map(({ nctId }) => nctId))('%s answers as documented', async (nctId) => {
  checkAgainst(operationOf('getTrial'), await app.server.inject(`/v1/trials/${nctId}`));
});

test('not ready answers as documented', async () => {
  const empty = await buildTestApp({ snapshot: null });
  checkAgainst(operationOf('getReadiness'), await empty.server.inject('/health/ready'));
  checkAgainst(operationOf('listTrials'), await empty.server.inject('/v1/trials'));
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
    const described = operations
      .flatMap(({ operation }) => Object.values(operation.responses).map(({ description }) => description))
      .join(' ');
    for (const type of Object.keys(PROBLEM).filter((one) => one !== 'method-not-allowed'))
      expect(described).toContain(`\`${type}\``);
  });
});

test('the settings in the README are those of the schema', async () => {
  expect(await readFile('README.md', 'utf8')).toContain(formatSettingsTable());
});
