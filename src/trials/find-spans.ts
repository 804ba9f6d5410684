/** A stretch of a text, half-open. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * All matches of a global pattern. Texts are asked for hundreds of patterns each, nearly always in vain; `matchAll`
 * would copy the pattern every time, which costs more than looking.
 */
export function findMatches(pattern: RegExp, text: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    matches.push(match);
    // A pattern that matches nothing would stay where it is.
    if (match[0] === '') pattern.lastIndex = match.index + 1;
  }
  return matches;
}

/** Where a global pattern matches. */
export function findSpans(pattern: RegExp, text: string): Span[] {
  return findMatches(pattern, text).map(({ 0: { length }, index }) => ({
    start: index,
    end: index + length,
  }));
}
