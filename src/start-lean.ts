import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

/** Loaded before everything else (`--import`), because what it sets holds for what is loaded after it. */

// What Node made of the source is kept for the next start, which takes half the time then. Keyed by content; where it
// cannot be written, as in the image, it is only read.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

// A heap may double before it is cleaned up, on a machine with much memory even more. Questions that are never asked
// again would fill it with what nobody needs; a quarter is room enough for what is served.
setFlagsFromString('--heap-growing-percent=25');
