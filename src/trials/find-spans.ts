/** A stretch of a text, half-open. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a global pattern matches. Texts are asked for hundreds of patterns each, nearly always in vain; `matchAll`
 * would copy the pattern every time, which costs more than looking.
 */
export function findSpans(pattern: RegExp, text: string): Span[] {
  const spans: Span[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = match.index + match[0].length;
    spans.push({ start: match.index, end });
    // A pattern that matches nothing would stay where it is.
    if (match[0] === '') pattern.lastIndex = end + 1;
  }
  return spans;
}
