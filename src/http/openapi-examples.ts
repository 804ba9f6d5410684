import examples from '../../openapi/examples.json' with { type: 'json' };
import { describeProblem, Problem, PROBLEM, type ProblemType } from './problem.ts';

interface Media {
  example?: unknown;
}
interface Parameter {
  readonly required?: boolean;
  readonly schema?: { examples?: unknown[] };
  example?: unknown;
}
interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Record<string, Media> };
  readonly responses?: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface Document {
  readonly paths?: Record<string, Record<string, Operation>>;
}

const PLACE = {
  publicUrl: 'https://trials.example',
  requestId: '00000000-0000-4000-8000-000000000000',
};

/** A question that finds trials; of the examples of all filters together a reader would make one that finds one. */
const SEARCHED = { age: '8mo', availability: ['open'] };

/**
 * Puts an example on every answer: real ones over the bundled sample, written by `npm run openapi`, and for each
 * error status the first of its problem types.
 */
export function addExamples(document: Document): void {
  const known: Readonly<Record<string, unknown>> = examples;
  for (const methods of Object.values(document.paths ?? {}))
    for (const { operationId = '', parameters = [], requestBody, responses = {} } of Object.values(methods)) {
      for (const parameter of parameters) keepOutOfForms(parameter);
      const asked = requestBody?.content?.['application/json'];
      if (asked) asked.example = SEARCHED;
      for (const { description, content = {} } of Object.values(responses)) {
        const type = /^`([a-z-]+)`/.exec(description)?.[1] as ProblemType | undefined;
        const [answer, problem] = [content['application/json'], content['application/problem+json']];
        if (answer && Object.hasOwn(known, operationId)) answer.example = known[operationId];
        if (problem && type) problem.example = describeProblem(new Problem(type, PROBLEM[type].help), PLACE);
      }
    }
}

/**
 * The `example` of a parameter is filled into the form of who tries an operation out, and all of them are sent. Those
 * of its schema (JSON Schema 2020-12, section 9.5) only document it. What must be given may as well be filled in.
 */
function keepOutOfForms(parameter: Parameter): void {
  const { required = false, schema, example } = parameter;
  if (required || schema === undefined || example === undefined) return;
  schema.examples = [example];
  delete parameter.example;
}
