import { readFile } from 'node:fs/promises';
import { transform } from 'lightningcss';
import { rolldown } from 'rolldown';

const WEB = new URL('../src/web/', import.meta.url);
/** Browsers of the last three years: what hospital machines and telephones of families have. */
const CSS_TARGETS = { chrome: 110 << 16, firefox: 115 << 16, safari: (16 << 16) | (4 << 8) };

/** The styles of each built file, in the order in which later rules win. */
const STYLES = {
  'finder.css': [
    'tokens.css',
    'trials.css',
    'pictures.css',
    'clinician.css',
    'widget.css',
    'page.css',
    'widget-page.css',
    'print.css',
  ],
  'widget.css': [
    'tokens.css',
    'trials.css',
    'pictures.css',
    'clinician.css',
    'widget.css',
    'widget-host.css',
  ],
} as const;
const SCRIPTS = {
  'finder.js': 'finder.ts',
  'widget.js': 'widget/widget.ts',
  'embed.js': 'embed.ts',
  'widget-page.js': 'widget-page.ts',
} as const;

/** Makes every file that a browser loads: one bundle for the pages and one for the widget, each with its styles. */
export async function buildWebFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, parts] of Object.entries(STYLES)) files.set(name, await bundleStyles(name, parts));
  for (const [name, entry] of Object.entries(SCRIPTS)) files.set(name, await bundleScript(entry));
  return files;
}

async function bundleStyles(name: string, parts: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    parts.map(async (part) => readFile(new URL(`styles/${part}`, WEB), 'utf8')),
  );
  const { code } = transform({
    filename: name,
    code: Buffer.from(texts.join('\n')),
    minify: true,
    targets: CSS_TARGETS,
  });
  return `${Buffer.from(code).toString()}\n`;
}

async function bundleScript(entry: string): Promise<string> {
  const bundle = await rolldown({ input: new URL(`browser/${entry}`, WEB).pathname, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  await bundle.close();
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error(`${entry} became several files.`);
  // The schemas would bring zod along, which is several times the budget.
  const foreign = Object.entries(chunk.modules)
    .filter(([id, { renderedLength }]) => renderedLength > 0 && id.includes('/node_modules/'))
    .map(([id]) => id.slice(id.lastIndexOf('/node_modules/')));
  if (foreign.length > 0) throw new Error(`${entry} brings packages along: ${foreign.join(', ')}`);
  return chunk.code;
}
