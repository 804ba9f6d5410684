import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What a start does not load, and what has files of its own beside it. */
const LOADED_LATER = ['undici', '@redis/client', '@fastify/swagger', '@fastify/swagger-ui'];

/**
 * Joins the service and the command of one synchronisation, with what every start loads of the packages, into a few
 * files: to find and read three hundred is a third of a start. No name is shortened, so that a stack says which function
 * it was. The folder lies in the root as `src` does, because files are found from there.
 */
export async function buildService(folder = 'dist'): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: ['src/main.ts', 'src/sync-once.ts'],
    platform: 'node',
    external: LOADED_LATER,
  });
  const names = { entryFileNames: '[name].js', chunkFileNames: '[name].js' };
  // The text of the code stays in memory as long as it runs, in two bytes a sign: a quarter of it are spaces and comments.
  const minify = {
    compress: false,
    mangle: false,
    codegen: { removeWhitespace: true, legalComments: 'inline' },
  } as const;
  // The document has its schemas in the order in which they were made.
  const order = { strictExecutionOrder: true };
  await rm(`${ROOT}${folder}`, { recursive: true, force: true });
  await bundle.write({ dir: `${ROOT}${folder}`, format: 'es', minify, ...order, ...names });
  await bundle.close();
}
