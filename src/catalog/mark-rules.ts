import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { arch, versions } from 'node:process';

/** Which packages are installed: what npm writes down about them. */
const PACKAGES = ['package.json', 'node_modules/.package-lock.json'];
/** File systems tell times in steps, and a file that is written while a process starts may be loaded before or after. */
const DOUBT_MS = 2_000;

/**
 * A mark of everything that decides what is made of a harvest, but for the pack: our own code, all of it rather than
 * the part that we think matters, as it is run (the source, or built), the packages, and Node with its tables of characters and sentences. `null` when
 * that cannot be told: a file has changed since the process began, which then runs another version than the folder
 * holds, or npm has not installed the packages. It is read in one go: nobody is served yet, and asking for each of
 * these small files by itself takes three times as long.
 */
export function markRules(options: { root: string; code: string; startedMs?: number }): string | null {
  const { root, code, startedMs = performance.timeOrigin } = options;
  const hash = createHash('sha256').update(JSON.stringify([arch, versions]));
  try {
    for (const source of [code, ...PACKAGES])
      for (const name of listFiles(root, source)) {
        const path = join(root, name);
        // When the file last changed in any way; unlike the time of its content nobody can set it.
        const { ctimeMs } = statSync(path);
        if (ctimeMs > startedMs - DOUBT_MS) return null;
        const bytes = readFileSync(path);
        hash.update(`${JSON.stringify([name, bytes.length])}\n`).update(bytes);
      }
  } catch {
    return null;
  }
  return hash.digest('hex');
}

function listFiles(root: string, source: string): string[] {
  const path = join(root, source);
  if (!statSync(path).isDirectory()) return [source];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    .toSorted();
}
