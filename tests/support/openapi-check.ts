import { readFile } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { PROBLEM, type ProblemDetails, type ProblemType } from '../../src/http/problem.ts';

/** Holds answers to the committed OpenAPI document, the only description of the service that callers have. */

export interface ParameterSchema {
  readonly type: 'array' | 'integer' | 'string';
  readonly enum?: readonly string[];
  readonly items?: { readonly enum: readonly string[] };
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly examples?: readonly (string | readonly string[])[];
}
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: ParameterSchema;
}
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Record<string, { schema: Record<string, unknown>; example?: unknown }>;
  };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { schema: Record<string, unknown> }>; readonly description: string }
  >;
}
export interface OpenapiDocument {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

/** An answer as `inject` gives it and as a socket gives it. */
export interface SeenAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export const openapiText = await readFile('openapi/openapi.json', 'utf8');
export const openapiDocument = JSON.parse(openapiText) as OpenapiDocument;
export const openapiOperations = Object.entries(openapiDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats.default(ajv);
ajv.addSchema(openapiDocument, 'openapi');
const compiled = new Map<object, ValidateFunction>();

/** The check of one schema of the document, whose references are to the document. */
export function validatorOf(schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const text = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  const made = ajv.compile(JSON.parse(text) as object);
  compiled.set(schema, made);
  return made;
}

export function operationOf(operationId: string): Operation {
  const found = openapiOperations.find(({ operation }) => operation.operationId === operationId);
  if (found === undefined) throw new Error(`${operationId} is not documented`);
  return found.operation;
}

/** Status, content type and body are documented for this operation. */
export function expectDocumented(operation: Operation, answer: SeenAnswer): void {
  const { operationId, responses } = operation;
  const documented = responses[String(answer.statusCode)];
  expect(documented, `${operationId} documents ${answer.statusCode}`).toBeDefined();
  if (documented?.content === undefined) {
    expect(answer.body, `${operationId} ${answer.statusCode} has no body`).toBe('');
    return;
  }
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  const schema = documented.content[type]?.schema;
  if (schema === undefined) throw new Error(`${operationId} does not document ${type}`);
  const validate = validatorOf(schema);
  expect(validate(readContent(type, answer.body)), ajv.errorsText(validate.errors)).toBe(true);
}

function readContent(type: string, body: string): unknown {
  return type.endsWith('json') ? JSON.parse(body) : body;
}

/** The kind of a problem answer, of the closed list and documented for this operation; null for other answers. */
export function expectKnownProblem(operation: Operation, answer: SeenAnswer): ProblemType | null {
  if (!String(answer.headers['content-type']).startsWith('application/problem+json')) return null;
  const problem = JSON.parse(answer.body) as ProblemDetails;
  const type = problem.type.slice(problem.type.lastIndexOf('/') + 1);
  expect(Object.keys(PROBLEM)).toContain(type);
  const { status, title } = PROBLEM[type as ProblemType];
  expect([answer.statusCode, problem.status, problem.title]).toEqual([status, status, title]);
  expect(operation.responses[String(status)]?.description).toContain(`\`${type}\``);
  return type as ProblemType;
}
