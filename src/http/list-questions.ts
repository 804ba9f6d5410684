import { LRUCache } from 'lru-cache';
import {
  understandFilters,
  type createTrialFiltersSchema,
  type TrialFilters,
  type TrialQuery,
} from '../trials/trial-query.ts';
import { Problem } from './problem.ts';
import { parseQuery, readParameters } from './read-parameters.ts';

/**
 * Reads the question of an address as the route does, a parameter at a time: each is understood by itself, and what was
 * read once is known. `null` for what it would not read as the route does, or what the route would refuse.
 */
export type QuestionReader = (queryText: string) => TrialQuery | null;

type FiltersSchema = ReturnType<typeof createTrialFiltersSchema>;
type Name = keyof TrialQuery;
interface Part {
  readonly name: Name;
  readonly value: TrialQuery[Name];
}

/** Too many different ones to be met again, and they would drive out the others. */
const TOO_MANY: ReadonlySet<string> = new Set<Name>(['age', 'ageMin', 'ageMax', 'q']);
const KNOWN_BYTES = 256 * 1024;

export function createQuestionReader(filters: FiltersSchema): QuestionReader {
  const known = new LRUCache<string, Part>({
    maxSize: KNOWN_BYTES,
    sizeCalculation: (_part, text) => 2 * text.length + 400,
  });
  const nothingAsked = understandFilters({});
  const readAlone = createPartReader(filters);
  const readPart = (text: string): Part | null => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const part = readAlone(text);
    if (part !== null && !TOO_MANY.has(part.name)) known.set(text, part);
    return part;
  };
  return (queryText) => {
    // A second `?` or a `#` means something to the route only where the text begins.
    if (/[?#]/.test(queryText)) return null;
    const query: Record<string, unknown> = { ...nothingAsked };
    const names = new Set<Name>();
    for (const text of queryText.split('&')) {
      const part = readPart(text);
      if (part === null || names.has(part.name)) return null;
      names.add(part.name);
      query[part.name] = part.value;
    }
    return query as unknown as TrialQuery;
  };
}

/** No parameter means anything else beside another, or this could not be. */
function createPartReader(filters: FiltersSchema): (text: string) => Part | null {
  // A schema of all looks at all, given or not.
  const schemas = new Map<string, FiltersSchema>(
    Object.keys(filters.shape).map((name) => [
      name,
      filters.pick({ [name]: true } as never) as unknown as FiltersSchema,
    ]),
  );
  // A cursor is a place in a list and no part of the question.
  schemas.delete('cursor');
  return (text) => {
    const name = text.slice(0, text.indexOf('='));
    const schema = schemas.get(name);
    const asked = schema === undefined ? null : readOrNull(text, schema);
    return asked === null ? null : { name: name as Name, value: understandFilters(asked)[name as Name] };
  };
}

function readOrNull(text: string, schema: FiltersSchema): TrialFilters | null {
  try {
    return readParameters(schema, parseQuery(text));
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}
