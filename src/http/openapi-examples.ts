import examples from '../../openapi/examples.json' with { type: 'json' };
import { describeProblem, Problem, PROBLEM, type ProblemType } from './problem.ts';

interface Media {
  example?: unknown;
}
interface Operation {
  readonly operationId?: string;
  readonly responses?: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface Document {
  readonly paths?: Record<string, Record<string, Operation>>;
}

const PLACE = {
  publicUrl: 'https://trials.example',
  requestId: '00000000-0000-4000-8000-000000000000',
};

/**
 * Puts an example on every answer: real ones over the bundled sample, written by `npm run openapi`, and for each
 * error status the first of its problem types.
 */
export function addExamples(document: Document): void {
  const known: Readonly<Record<string, unknown>> = examples;
  for (const methods of Object.values(document.paths ?? {}))
    for (const { operationId = '', responses = {} } of Object.values(methods))
      for (const { description, content = {} } of Object.values(responses)) {
        const type = /^`([a-z-]+)`/.exec(description)?.[1] as ProblemType | undefined;
        const [answer, problem] = [content['application/json'], content['application/problem+json']];
        if (answer && Object.hasOwn(known, operationId)) answer.example = known[operationId];
        if (problem && type) problem.example = describeProblem(new Problem(type, PROBLEM[type].help), PLACE);
      }
}
