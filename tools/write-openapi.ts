import { writeFile } from 'node:fs/promises';
import { buildOpenapiDocument } from './build-openapi-document.ts';

/** `npm run openapi`: writes `openapi/openapi.json` from the routes. */
const document = await buildOpenapiDocument();
await writeFile(new URL('../openapi/openapi.json', import.meta.url), document);
