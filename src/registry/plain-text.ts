import { decodeHTMLStrict } from 'entities';
import { withSingleSpaces } from '../trials/single-spaces.ts';

/**
 * An entity with its semicolon. The registry escapes the ampersand of an entity that a submitter typed, and a reader
 * is meant to see the sign: NCT06713512 has `aged \&gt; 18 years`. Hence the backslash is part of it.
 */
const ENTITY = String.raw`\\?&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});`;

/** CommonMark 0.28, section 6.1: any ASCII punctuation may be escaped; a backslash before anything else is itself. */
const ESCAPE = '\\\\(?<escaped>[!-/:-@[-`{-~])';

/**
 * A tag of this list, with attributes that look like attributes. Anything else between `<` and `>` is a comparison:
 * `age < 18 and > 2`, `</= 10.0%` (NCT05762107), `IL-6 <b and c> 3`. Every count is bounded: hostile text costs no more.
 */
const TAG_NAMES =
  'br|hr|p|div|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|h[1-6]|blockquote|pre|code|b|i|u|s|em|strong|small|big|' +
  'sup|sub|span|font|center|a|img';
const ATTRIBUTE = String.raw`\s{1,20}[a-z][a-z-]{0,30}\s{0,3}=\s{0,3}(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\s"'<>]{1,300})`;
const TAG = String.raw`<(?<closing>\/?)(?<tag>${TAG_NAMES})(?:${ATTRIBUTE}){0,10}\s{0,20}\/?>`;

/** One alternation read from left to right: what one part has produced is never read again by another. */
const MARKDOWN = new RegExp(`${ENTITY}|${ESCAPE}|${TAG}`, 'gi');
const HTML = new RegExp(`${ENTITY}|${TAG}`, 'gi');
const BREAKING_TAG = /^(?:br|hr|p|div|ul|ol|li|dl|dt|dd|table|tr|h[1-6]|blockquote|pre)$/i;

/** Controls other than tab and line feed, bidirectional overrides and isolates, and the byte order mark. */
// oxlint-disable-next-line no-control-regex -- controls are exactly what is removed here
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const NO_BREAK_SPACE = /[\u00a0\u2007\u202f]/g;

/**
 * Plain text from a field that the registry writes in Markdown: escapes and entities undone, tags gone, line feeds
 * kept. An escaped `\<b\>` and an entity `&lt;b&gt;` become text that looks like a tag, so the result is still to be
 * escaped wherever it is shown. Linear in time, and never throws.
 */
export function plainText(markdown: string): string {
  return cleanCharacters(withUnixLines(markdown).replace(MARKDOWN, readMarkup));
}

/** Words of ASCII and single spaces between them, without `&` and `<`: there is nothing to clean, as in nearly all names. */
const PLAIN_LINE = /^[!-%'-;=-~]+(?: [!-%'-;=-~]+)*$/;

/**
 * One clean line from a field that the registry does not write in Markdown (titles, names, statuses). A backslash is
 * its own; entities are decoded, as NCT06813014 has `Sitagliptin&#39;s` in its title.
 */
export function plainTitle(text: string): string {
  if (PLAIN_LINE.test(text)) return text;
  return withSingleSpaces(cleanCharacters(withUnixLines(text).replace(HTML, readMarkup))).trim();
}

interface Groups {
  readonly escaped?: string;
  readonly closing?: string;
  readonly tag?: string;
}

function readMarkup(found: string, ...rest: unknown[]): string {
  const [offset, source, groups] = rest.slice(-3) as [number, string, Groups];
  if (groups.escaped !== undefined) return groups.escaped;
  if (groups.tag === undefined) return decodeHTMLStrict(found.replace('\\', ''));
  if (BREAKING_TAG.test(groups.tag)) return '\n';
  return isPower(groups, source, offset, found.length) ? '^' : '';
}

/** `10<sup>9</sup>` must not read 109; `[<sup>18</sup>F]` needs no sign. */
function isPower({ tag, closing }: Groups, source: string, offset: number, length: number): boolean {
  if (tag?.toLowerCase() !== 'sup' || closing !== '') return false;
  return (
    /\w/.test(source.charAt(offset - 1)) &&
    /^[-−]?\d/.test(source.slice(offset + length, offset + length + 2))
  );
}

function withUnixLines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function cleanCharacters(text: string): string {
  return text.toWellFormed().replace(UNWANTED, '').replace(NO_BREAK_SPACE, ' ');
}
