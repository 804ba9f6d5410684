import { createRequire, enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Loaded before everything else (`--import`), because what it sets holds for what is loaded after it. The only file
 * in JavaScript: one of TypeScript would be read before there is a cache, and bring Node's compiler of types, 17 MB,
 * into every process.
 */

// What Node made of the source is kept for the next start, which takes half the time then. Keyed by content; where it
// cannot be written, as in the image, it is only read.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

// Who imports Node's `http` is given all its names, and for these it loads a whole client, 15 MB and a tenth of a
// second. Nobody here speaks WebSocket; `globalThis` still has them.
const http = createRequire(import.meta.url)('node:http');
for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) delete http[name];
