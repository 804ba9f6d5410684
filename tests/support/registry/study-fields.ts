import { readFileSync } from 'node:fs';

/** One node of the registry's field tree; made from its published metadata. */
export interface StudyField {
  readonly path: readonly string[];
  readonly type: string;
  readonly branch: boolean;
}

const table = JSON.parse(readFileSync(new URL('study-fields.json', import.meta.url), 'utf8')) as Record<
  string,
  [string, string, string?]
>;
/** Every piece by its name. */
export const STUDY_FIELDS_BY_PIECE: ReadonlyMap<string, StudyField> = new Map(
  Object.entries(table).map(([piece, [path, type, branch]]) => [
    piece,
    { path: path.split('.'), type, branch: branch === 'branch' },
  ]),
);
const byPath = new Map(
  [...STUDY_FIELDS_BY_PIECE.values()].flatMap((field) => [
    [field.path.join('.'), field] as const,
    [field.path.at(-1) ?? '', field] as const,
  ]),
);

/** A field by piece name, dotted path, or (branches such as `EligibilityModule`) the name of its last part. */
export function findStudyField(name: string): StudyField | null {
  const lower = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return STUDY_FIELDS_BY_PIECE.get(name) ?? byPath.get(name) ?? byPath.get(lower) ?? null;
}

/** All values at a path, through lists. */
export function valuesAt(node: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(node)) return node.flatMap((one) => valuesAt(one, path));
  const [first, ...rest] = path;
  if (first === undefined) return node === undefined ? [] : [node];
  if (typeof node !== 'object' || node === null) return [];
  return valuesAt((node as Record<string, unknown>)[first], rest);
}

/** The parts of a study that some fields name; a module that holds nothing comes back as `{}`. */
export function projectStudy(study: unknown, fields: readonly StudyField[]): unknown {
  return project(
    study,
    fields.map(({ path }) => path),
  );
}

function project(node: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return node;
  if (Array.isArray(node)) return node.map((one) => project(one, paths));
  if (typeof node !== 'object' || node === null) return undefined;
  const entries = Object.entries(node).flatMap(([key, value]) => {
    const below = paths.filter(([first]) => first === key).map((path) => path.slice(1));
    if (below.length === 0) return [];
    const part = project(value, below);
    return part === undefined ? [] : [[key, part] as const];
  });
  return Object.fromEntries(entries);
}
