import { z } from 'zod';
import { Problem, type ProblemEntry } from './problem.ts';

/** Query values by name, each time a name was given. */
export type RawParameters = ReadonlyMap<string, readonly string[]>;

/**
 * The query of an address as it was sent: everything behind the first `?`, a second `?` included (RFC 3986, section
 * 3.4). The router ends a path at `#` too, so a fragment is read as a query and refused rather than ignored.
 */
export function queryTextOf(url: string | undefined): string {
  const text = url ?? '';
  const start = text.search(/[?#]/);
  return start === -1 ? '' : text.slice(start + 1);
}

/** Parses a query without meaning: every name with all its values, no nesting, no prototype. */
export function parseQuery(query: string): RawParameters {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}

type Place = ProblemEntry['in'];

/**
 * Reads query values by a strict schema: lists may be repeated or comma-separated; an unknown name, an empty
 * value, or a single value given twice is an error and never ignored (contract 5.6).
 * @throws Problem `unknown-parameter` or `invalid-parameter`, naming every wrong one
 */
export function readParameters<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  raw: RawParameters,
): z.infer<z.ZodObject<Shape, z.core.$strict>> {
  const known = Object.keys(schema.shape);
  checkKnown([...raw.keys()], known, 'query');
  const errors: ProblemEntry[] = [];
  const values: [string, unknown][] = [];
  for (const [name, given] of raw) {
    const read = readValue(schema.shape[name], given);
    if ('problem' in read) errors.push({ in: 'query', name, detail: read.problem, allowed: [] });
    else values.push([name, read.value]);
  }
  if (errors.length > 0) throw wrongValues(errors);
  return checkValues(schema, Object.fromEntries(values), 'query');
}

/** Reads one value by its own part of such a schema; `undefined` for what the whole would refuse. */
export function readParameter(schema: z.ZodType, text: string): unknown {
  const read = readValue(schema, [text]);
  return 'problem' in read ? undefined : schema.safeParse(read.value).data;
}

/** Reads a JSON body by the same strict schema. */
export function readBody<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  body: unknown,
): z.infer<z.ZodObject<Shape, z.core.$strict>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw wrongValues([{ in: 'body', name: '', detail: 'The body is a JSON object.', allowed: [] }]);
  checkKnown(Object.keys(body), Object.keys(schema.shape), 'body');
  return checkValues(schema, body, 'body');
}

function readValue(schema: unknown, given: readonly string[]): { value: unknown } | { problem: string } {
  const type = innerType(schema);
  const parts = type === 'array' ? given.flatMap((text) => text.split(',')) : given;
  if (parts.some((text) => text.trim() === '')) return { problem: 'The value is empty.' };
  if (type === 'array') return { value: parts };
  const [text, ...others] = parts;
  if (others.length > 0) return { problem: 'Only one value is taken.' };
  return { value: type === 'number' && /^\d{1,9}$/.test(text ?? '') ? Number(text) : text };
}

function innerType(schema: unknown): string {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (inner instanceof z.ZodArray) return 'array';
  return inner instanceof z.ZodNumber ? 'number' : 'text';
}

function checkKnown(given: readonly string[], known: readonly string[], place: Place): void {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const errors = unknown.slice(0, 20).map((name): ProblemEntry => {
    const nearest = findNearest(name, known);
    const detail = nearest === null ? 'Unknown.' : `Unknown; did you mean ${nearest}?`;
    return { in: place, name: name.slice(0, 60).toWellFormed(), detail, allowed: [...known] };
  });
  throw new Problem('unknown-parameter', 'A parameter is unknown; unknown ones are never ignored.', {
    errors,
  });
}

function checkValues<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = new Map<string, ProblemEntry>();
  for (const issue of parsed.error.issues) {
    const name = String(issue.path[0] ?? '');
    const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : [];
    if (!errors.has(name)) errors.set(name, { in: place, name, detail: describeIssue(issue), allowed });
  }
  throw wrongValues([...errors.values()]);
}

/** Our words for what is wrong; the value itself is not repeated. */
function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return 'Not one of the allowed values.';
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'too_big') return `Too large or too long; at most ${issue.maximum}.`;
  if (issue.code === 'too_small') return `Too small; at least ${issue.minimum}.`;
  return issue.code === 'invalid_type' ? `Must be of type ${issue.expected}.` : 'Not a valid value.';
}

function wrongValues(errors: readonly ProblemEntry[]): Problem {
  const names = errors.map(({ name }) => name || 'body').join(', ');
  return new Problem('invalid-parameter', `Wrong value: ${names}.`, { errors });
}

/** The known name that is at most two slips away. */
function findNearest(name: string, known: readonly string[]): string | null {
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = distances.toSorted((one, other) => one.distance - other.distance)[0];
  return best && best.distance <= 3 ? best.candidate : null;
}

function editDistance(one: string, other: string): number {
  const from = one.slice(0, 30).toLowerCase();
  const to = other.toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const change = (row[column - 1] ?? 0) + Number(letter !== to[column - 1]);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
