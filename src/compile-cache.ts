import { enableCompileCache } from 'node:module';

/**
 * Loaded before everything else (`--import`): what Node made of the source is kept for the next start, which takes
 * half the time then. Keyed by content; where it cannot be written, as in the image, it is only read.
 */
enableCompileCache(new URL('../node_modules/.cache/compiled', import.meta.url).pathname);
