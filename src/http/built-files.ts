import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { renderText, represent, type RenderedAnswer } from './rendered-answers.ts';
import { sendAnswer } from './send-answer.ts';

/** Styles and scripts that `npm run web` makes; committed, so that a start builds nothing. */
const FILES = {
  'finder.css': 'text/css; charset=utf-8',
  'finder.js': 'text/javascript; charset=utf-8',
  'embed.js': 'text/javascript; charset=utf-8',
  'widget-page.js': 'text/javascript; charset=utf-8',
} as const;
type BuiltFile = keyof typeof FILES;

/** For an address at which other bytes will never be. */
export const FOREVER = 'public, max-age=31536000, immutable';

export interface BuiltFiles {
  /** The address under which exactly these bytes are, so that a browser may keep them for ever. */
  addressOf(name: BuiltFile): string;
}

/** Serves the built files, each under an address with the hash of its content. */
export function registerBuiltFiles(app: FastifyInstance, folder: URL): BuiltFiles {
  const addresses = new Map<string, string>();
  for (const name of Object.keys(FILES) as BuiltFile[]) {
    const answer = renderText(readBuilt(folder, name), {
      cacheControl: FOREVER,
      contentType: FILES[name],
    });
    const address = `/assets/${hashOf(answer)}/${name}`;
    addresses.set(name, address);
    app.get(address, { schema: { hide: true } }, async (request, reply) =>
      sendAnswer({ request, reply }, answer),
    );
  }
  return { addressOf: (name) => addresses.get(name) as string };
}

/** A file that `npm run web` made. */
export function readBuilt(folder: URL, name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** Its tag without what an address may not hold. */
function hashOf(answer: RenderedAnswer): string {
  return represent(answer, 'identity').etag.replace(/[^\w-]/g, '');
}
