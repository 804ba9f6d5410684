import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Every study record (`NCT….json`) of a folder, by number.
 * @throws Error when it is no folder, or none is in it
 */
export async function readStudyFolder(folder: string): Promise<unknown[]> {
  const names = (await readdir(folder)).filter((name) => /^NCT\d{8}\.json$/.test(name)).toSorted();
  if (names.length === 0) throw new Error(`no study record (NCT….json) is in ${folder}`);
  return Promise.all(names.map(async (name) => readJson(join(folder, name))));
}

/** @throws Error that names the file */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}
