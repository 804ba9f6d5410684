import { createHash } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { WIDGET_MAJOR, WIDGET_TAG } from '../web/widget-tag.ts';
import { FOREVER, readBuilt } from './built-files.ts';
import { renderJson, renderText, type RenderedAnswer } from './rendered-answers.ts';
import { DATA_CACHE_CONTROL, sendAnswer } from './send-answer.ts';

const CONTENT_TYPE = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const;
type Kind = keyof typeof CONTENT_TYPE;
const KINDS = Object.keys(CONTENT_TYPE) as Kind[];

/** A file of the widget, as pages of others name it. */
export interface WidgetFile {
  /** Where exactly these bytes are for as long as this version is served. */
  readonly path: string;
  /** For `integrity` (Subresource Integrity). */
  readonly integrity: string;
  readonly bytes: number;
}

export interface WidgetFiles {
  readonly version: string;
  readonly js: WidgetFile;
  readonly css: WidgetFile;
}

/** Serves the widget's files: by version for ever, by `1` for five minutes, and what a page needs to pin them. */
export function registerWidgetFiles(
  app: FastifyInstance,
  { version, folder }: { version: string; folder: URL },
): WidgetFiles {
  const serve = (path: string, answer: () => RenderedAnswer): void => {
    app.get(path, { schema: { hide: true } }, async (request, reply) =>
      sendAnswer({ request, reply }, answer()),
    );
  };
  const register = (kind: Kind): WidgetFile & { readonly text: string } => {
    const text = readBuilt(folder, `widget.${kind}`);
    const pathIn = (folder: string): string => `/widget/${folder}/${WIDGET_TAG}.${kind}`;
    for (const [folder, cacheControl] of [
      [version, FOREVER],
      [WIDGET_MAJOR, DATA_CACHE_CONTROL],
    ] as const) {
      const answer = renderText(text, { cacheControl, contentType: CONTENT_TYPE[kind] });
      serve(pathIn(folder), () => answer);
    }
    const integrity = `sha384-${createHash('sha384').update(text).digest('base64')}`;
    return { path: pathIn(version), integrity, bytes: Buffer.byteLength(text), text };
  };
  const files = { js: register('js'), css: register('css') };
  let manifest: RenderedAnswer | null = null;
  // Compressing as hard as can be takes a while, and hardly anybody asks.
  serve('/widget/manifest.json', () => {
    manifest ??= renderJson(
      {
        version,
        files: Object.fromEntries(
          KINDS.map((kind) => {
            const { path, integrity, bytes, text } = files[kind];
            const brotliBytes = brotliCompressSync(text).length;
            return [`${WIDGET_TAG}.${kind}`, { path, integrity, bytes, brotliBytes }];
          }),
        ),
      },
      { cacheControl: DATA_CACHE_CONTROL },
    );
    return manifest;
  });
  return { version, ...files };
}
