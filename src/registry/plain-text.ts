import { decodeHTML } from 'entities';

/** What Markdown writes with signs: an escaped sign, a tag, or an entity. One alternation, one pass, so nothing is undone twice. */
const MARKUP =
  /\\([!-/:-@[-`{-~])|<(\/?)(br|p|li|div|ul|ol|tr|table|h[1-6]|b|i|u|em|strong|sup|sub|span|a|td|th)(?:\s[^<>]{0,300})?\/?>|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});/gi;
const BREAKING_TAG = /^(?:br|p|li|div|tr|h[1-6])$/i;

/** Controls except tab and line feed, bidirectional overrides and isolates, and the byte order mark. */
// oxlint-disable-next-line no-control-regex -- controls are exactly what is removed here
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Plain text from the registry's Markdown: escapes and entities undone, tags gone, `age < 18` left alone.
 * An escaped `\<b\>` and an entity `&lt;b&gt;` are text, never a tag.
 */
export function plainText(markdown: string): string {
  const text = markdown
    .replace(/\r\n?/g, '\n')
    .replace(MARKUP, (found: string, escaped?: string, _closing?: string, tag?: string) => {
      if (escaped !== undefined) return escaped;
      if (tag !== undefined) return BREAKING_TAG.test(tag) ? '\n' : '';
      return decodeHTML(found);
    });
  return cleanCharacters(text);
}

/** One clean line from a field without markup (titles, names, statuses): signs stay as they are. */
export function plainTitle(text: string): string {
  return cleanCharacters(text).replace(/\s+/g, ' ').trim();
}

function cleanCharacters(text: string): string {
  return text
    .toWellFormed()
    .replace(UNWANTED, '')
    .replace(/\u00a0/g, ' ');
}
