import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { findPackProblems } from './trials/check-pack.ts';
import { FacetVocabulary, findVocabularyProblems } from './trials/facet-vocabulary.ts';
import { InstitutionPackFile, type InstitutionPack } from './trials/institution-pack.ts';

/** The institution pack cannot be used; the message names the file and the first problem on one line. */
export class PackUnusable extends Error {
  override readonly name = 'PackUnusable';
}

/**
 * Reads the institution pack with its facets and tries every example in it.
 * @throws PackUnusable
 */
export async function readInstitutionPack(path: string): Promise<InstitutionPack> {
  const pack = await readPackShape(path);
  checkInstitutionPack(path, pack);
  return pack;
}

/**
 * Reads the institution pack with its facets, and believes what it says.
 * @throws PackUnusable
 */
export async function readPackShape(path: string): Promise<InstitutionPack> {
  const file = await readShaped(path, InstitutionPackFile);
  const facets = await readShaped(join(dirname(path), file.facetFile), FacetVocabulary);
  return { ...file, facets };
}

/**
 * Tries every pattern and every example of a pack.
 * @throws PackUnusable
 */
export function checkInstitutionPack(path: string, pack: InstitutionPack): void {
  const { facets } = pack;
  const [problem] = [...findVocabularyProblems(facets), ...findPackProblems(pack)];
  if (problem !== undefined) throw new PackUnusable(`INSTITUTION_FILE ${path}: ${onOneLine(problem)}`);
}

async function readShaped<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new PackUnusable(`INSTITUTION_FILE ${path} cannot be read: ${onOneLine((error as Error).message)}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problem = describeFirstIssue(parsed.error);
  throw new PackUnusable(`INSTITUTION_FILE ${path} has the wrong shape: ${problem}`);
}

/** One line for the operator, however much is wrong. */
function describeFirstIssue({ issues }: z.ZodError): string {
  const [first] = issues;
  const where = first === undefined || first.path.length === 0 ? 'the top' : first.path.join('.');
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${onOneLine(first?.message ?? '')} at ${where}${more}`;
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
