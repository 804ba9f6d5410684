import { z } from 'zod';
import { PROBLEM, ProblemDetails, type ProblemType } from './problem.ts';

interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly tag: 'Trials' | 'Service';
  readonly problems: readonly ProblemType[];
  readonly answers: string;
}

const ALWAYS = [
  'unknown-parameter',
  'overloaded',
  'internal',
  'uri-too-long',
  'malformed-request',
  'request-timeout',
  'headers-too-large',
] as const;
const READING = [...ALWAYS, 'not-ready', 'rate-limited'] as const;
const STRICT = ['invalid-parameter'] as const;

/** What each operation does and how it can fail; the OpenAPI document is made from this and the schemas. */
const OPERATIONS = {
  listTrials: {
    summary: 'List trials',
    description:
      'Trials that pass every filter. Values of one parameter are joined with "or", parameters with "and"; lists are comma-separated or repeated. Unknown parameters, unknown or empty values are errors, never ignored. `lineage`, `genomic`, `population`, `setting`, `risk`, `target`, `therapy` and `purpose` are read from free text: they give each trial a `fit` with its reasons and sentences, `match` chooses which verdicts are listed, and `fitCounts` counts all three. Follow `links.next` for further pages.',
    tag: 'Trials',
    problems: [...STRICT, 'cursor-expired', ...READING],
    answers: 'A page of the list.',
  },
  searchTrials: {
    summary: 'Search trials without an address',
    description:
      'The same filters as JSON, so that a patient’s age is in no address and no log. Never cached. For further pages send `cursors.next` as `cursor` with the same filters.',
    tag: 'Trials',
    problems: [...STRICT, 'cursor-expired', 'payload-too-large', 'unsupported-media-type', ...READING],
    answers: 'A page of the list.',
  },
  getTrial: {
    summary: 'Get one trial',
    description:
      'The full record. Another spelling of the number, or a number that was merged into another, answers 308.',
    tag: 'Trials',
    problems: [...STRICT, 'not-found', 'gone', ...READING],
    answers: 'The trial.',
  },
  getProvenance: {
    summary: 'Get why a trial is listed',
    description: 'Which query, site pattern and text made the trial part of the list.',
    tag: 'Trials',
    problems: [...STRICT, 'not-found', 'gone', ...READING],
    answers: 'The evidence.',
  },
  listExcluded: {
    summary: 'List studies that were not kept',
    description: 'Every study that the registry proposed and that is not on the list, with the reason.',
    tag: 'Trials',
    problems: READING,
    answers: 'All of them, in one answer.',
  },
  getQuality: {
    summary: 'Get what could be mended at the registry',
    description:
      'For the registry staff of the institution: what in the records of its trials could be mended, each with the NCT number, the field and the evidence.',
    tag: 'Trials',
    problems: READING,
    answers: 'All findings, in one answer.',
  },
  getVocabulary: {
    summary: 'Get all words',
    description: 'Every enumeration with labels, definitions and order, and the sites.',
    tag: 'Service',
    problems: [...ALWAYS, 'rate-limited'],
    answers: 'The words.',
  },
  getMeta: {
    summary: 'Get the state of the data',
    description: 'The list being served, its source and age, terms of use and our modifications.',
    tag: 'Service',
    problems: READING,
    answers: 'The state.',
  },
  getLiveness: {
    summary: 'Is the process alive',
    description: 'Touches nothing.',
    tag: 'Service',
    problems: ALWAYS,
    answers: 'Alive.',
  },
  getReadiness: {
    summary: 'Is there a list to serve',
    description:
      'Ready when a list is loaded and the process is not stopping, whether or not the registry can be reached.',
    tag: 'Service',
    problems: ALWAYS,
    answers: 'Ready.',
  },
  getMetrics: {
    summary: 'Get metrics',
    description: 'In the Prometheus text format.',
    tag: 'Service',
    problems: ALWAYS,
    answers: 'The metrics.',
  },
} as const satisfies Record<string, Operation>;
export type OperationId = keyof typeof OPERATIONS;

interface OperationParts {
  readonly querystring?: z.ZodType;
  readonly params?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer?: z.ZodType;
  readonly unready?: z.ZodType;
}

/** The schema of a route: its part of the OpenAPI document, every error included. */
export function describeOperation(operationId: OperationId, parts: OperationParts) {
  const { summary, description, tag, problems, answers }: Operation = OPERATIONS[operationId];
  const { answer, unready, ...inputs } = parts;
  const success =
    answer === undefined
      ? { description: answers, content: { 'text/plain': { schema: z.string() } } }
      : {
          description: answers,
          content: { 'application/json': { schema: answer } },
        };
  const errors = Object.groupBy(problems, (type) => PROBLEM[type].status);
  const problemAnswers = Object.entries(errors).map(([status, types]) => [
    status,
    {
      description: types.map((type) => `\`${type}\`: ${PROBLEM[type].title}.`).join(' '),
      content: { 'application/problem+json': { schema: ProblemDetails } },
    },
  ]);
  return {
    operationId,
    summary,
    description,
    tags: [tag],
    ...inputs,
    response: {
      200: success,
      ...Object.fromEntries(problemAnswers),
      ...(unready && {
        503: { description: 'Not ready.', content: { 'application/json': { schema: unready } } },
      }),
      ...(inputs.params && { 308: z.null().describe('The canonical address is in `Location`.') }),
    },
  };
}
