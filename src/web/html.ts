import { html as template, raw } from 'hono/html';

/** Markup that is safe to send: made by `html` alone, which escapes every text that is put into it. */
export type Html = ReturnType<typeof raw>;

/** What may stand in a template: texts are escaped, markup is taken as it is, nothing is left out silently. */
export type Part = string | number | Html | null | false | readonly Part[];

/** Makes markup; every text in it is escaped, in elements and in quoted attributes alike. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const made = template(texts, ...parts);
  if (made instanceof Promise) throw new TypeError('A template waits for nothing.');
  return made;
}

/**
 * Stands in markup for something that is put there later. Every `<` of a text is escaped, so that no text is ever
 * taken for one of these.
 */
export function markPlace(name: string | number): Html {
  return raw(`${BEFORE_NAME}${name}${BEHIND_NAME}`);
}
const BEFORE_NAME = '<?';
const BEHIND_NAME = '?>';

/** Texts and names of places in turn, beginning and ending with a text. */
export function splitAtPlaces(markup: string): string[] {
  const cuts: string[] = [];
  let from = 0;
  for (;;) {
    const begin = markup.indexOf(BEFORE_NAME, from);
    const end = begin === -1 ? -1 : markup.indexOf(BEHIND_NAME, begin);
    // What has no end is a text: it would be looked for from the beginning, without end.
    if (end === -1) break;
    cuts.push(markup.slice(from, begin), markup.slice(begin + BEFORE_NAME.length, end));
    from = end + BEHIND_NAME.length;
  }
  cuts.push(markup.slice(from));
  return cuts;
}

/** A doctype is the one thing that no template may hold: it comes before all markup. */
export function renderDocument(root: Html): string {
  return `<!doctype html>\n${root.toString()}\n`;
}

/**
 * Structured data for a program: inside `script` nothing is escaped by HTML, so that every `<` is written as an
 * escape of JSON, which ends no element.
 */
export function dataScript(type: string, value: unknown): Html {
  const text = JSON.stringify(value).replaceAll('<', '\\u003c');
  return html`<script type="${type}">
    ${raw(text)}
  </script>`;
}
