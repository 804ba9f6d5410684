import { readFile } from 'node:fs/promises';

const { scripts } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: { start: string; 'start:built': string };
};

/** What `npm start` tells Node, so that nothing is tried or measured in another way than users start it. */
export const START_ARGUMENTS: readonly string[] = scripts.start.split(' ').slice(1);
/** The same of the built service, as the image starts it. */
export const BUILT_START_ARGUMENTS: readonly string[] = scripts['start:built'].split(' ').slice(1);
/** With this in its environment: half a dozen threads share what they take of memory, and large pieces are given back. */
export const BUILT_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '1048576',
};
