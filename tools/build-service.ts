import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What a start does not load, and what has files of its own beside it. */
const LOADED_LATER = ['undici', '@redis/client', '@fastify/swagger', '@fastify/swagger-ui'];

/**
 * Joins the service and the command of one synchronisation, with what every start loads of the packages, into a few
 * files: to find and read three hundred is a third of a start. Nothing is shortened, so that a stack says what the
 * source would say. The folder lies in the root as `src` does, because files are found from there.
 */
export async function buildService(folder = 'dist'): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: ['src/main.ts', 'src/sync-once.ts'],
    platform: 'node',
    external: LOADED_LATER,
  });
  const names = { entryFileNames: '[name].js', chunkFileNames: '[name].js' };
  // The document has its schemas in the order in which they were made.
  const order = { strictExecutionOrder: true };
  await rm(`${ROOT}${folder}`, { recursive: true, force: true });
  await bundle.write({ dir: `${ROOT}${folder}`, format: 'es', ...order, ...names });
  await bundle.close();
}
