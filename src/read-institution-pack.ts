import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { findPackProblems } from './trials/check-pack.ts';
import { InstitutionPack } from './trials/institution-pack.ts';

/** The institution pack cannot be used; the message names the file and the first problem on one line. */
export class PackUnusable extends Error {
  override readonly name = 'PackUnusable';
}

/**
 * Reads the institution pack and tries every example in it.
 * @throws PackUnusable
 */
export async function readInstitutionPack(path: string): Promise<InstitutionPack> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new PackUnusable(`INSTITUTION_FILE ${path} cannot be read: ${(error as Error).message}`);
  }
  const parsed = InstitutionPack.safeParse(json);
  if (!parsed.success) {
    const problem = z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' ');
    throw new PackUnusable(`INSTITUTION_FILE ${path} has the wrong shape: ${problem}`);
  }
  const [problem] = findPackProblems(parsed.data);
  if (problem !== undefined) throw new PackUnusable(`INSTITUTION_FILE ${path}: ${problem}`);
  return parsed.data;
}
