/** The slice of the registry's query language that our queries use; anything else is an error, so that no test leans on it. */
export type Essie =
  | { readonly kind: 'all' | 'missing' }
  | { readonly kind: 'term' | 'phrase'; readonly text: string }
  | { readonly kind: 'range'; readonly from: string; readonly to: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Essie[] }
  | { readonly kind: 'not'; readonly part: Essie }
  | { readonly kind: 'area' | 'search'; readonly name: string; readonly part: Essie };

/** A query that the registry, or this stand-in, refuses; the message follows `Error parsing query in <where>: `. */
export class EssieError extends Error {}

const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|(AREA|SEARCH|RANGE|COVERAGE|COVER|EXPANSION|TILT|DISTANCE)\[([^\]]*)\]|([()])|,|((?:[^\s()",[\]\\]|\\.)+))/y;
const MOST_TERMS = 12;

type Token =
  | { readonly type: 'phrase' | 'word' | 'sign'; readonly text: string }
  | { readonly type: 'operator'; readonly text: string; readonly argument: string };

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const rest = text.slice(at).trimStart();
      if (rest.startsWith('"')) throw new EssieError(`token recognition error at: '${rest}'`);
      throw new EssieError(`no viable alternative at input '${text}'`);
    }
    const [, phrase, operator, argument, sign, word] = match;
    if (phrase !== undefined) tokens.push({ type: 'phrase', text: phrase.replace(/\\(.)/g, '$1') });
    else if (operator !== undefined)
      tokens.push({ type: 'operator', text: operator, argument: argument ?? '' });
    else if (sign !== undefined) tokens.push({ type: 'sign', text: sign });
    else if (word !== undefined) tokens.push({ type: 'word', text: word });
    else tokens.push({ type: 'word', text: 'AND' });
  }
  return tokens;
}

/** Parses with the registry's precedence: sources, then NOT and contexts, then AND (or nothing), then OR. */
export function parseEssie(text: string): Essie {
  const tokens = tokenize(text);
  let at = 0;
  let terms = 0;
  const isWord = (word: string): boolean => tokens[at]?.type === 'word' && tokens[at]?.text === word;

  const parseOr = (): Essie => {
    const parts = [parseAnd()];
    while (isWord('OR')) {
      at++;
      parts.push(parseAnd());
    }
    return parts.length === 1 ? (parts[0] as Essie) : { kind: 'or', parts };
  };
  const endsAnd = (): boolean => at >= tokens.length || isWord('OR') || tokens[at]?.text === ')';
  const parseAnd = (): Essie => {
    const parts = [parseUnary()];
    while (!endsAnd()) {
      if (isWord('AND')) at++;
      parts.push(parseUnary());
    }
    return parts.length === 1 ? (parts[0] as Essie) : { kind: 'and', parts };
  };
  const parseUnary = (): Essie => {
    const token = tokens[at];
    if (token?.type === 'word' && token.text === 'NOT') {
      at++;
      return { kind: 'not', part: parseUnary() };
    }
    if (token?.type === 'operator' && (token.text === 'AREA' || token.text === 'SEARCH')) {
      at++;
      return { kind: token.text === 'AREA' ? 'area' : 'search', name: token.argument, part: parseUnary() };
    }
    return parseSource();
  };
  const parseSource = (): Essie => {
    const token = tokens[at++];
    if (token === undefined) throw new EssieError("mismatched input '<EOF>'");
    if (token.type === 'operator') return parseOperator(token);
    if (token.text === '(' && token.type === 'sign') {
      const inner = parseOr();
      if (tokens[at++]?.text !== ')') throw new EssieError("missing ')' at '<EOF>'");
      return inner;
    }
    if (token.type === 'sign') throw new EssieError(`extraneous input '${token.text}'`);
    if (token.type === 'word' && token.text === 'ALL') return { kind: 'all' };
    if (token.type === 'word' && token.text === 'MISSING') return { kind: 'missing' };
    terms++;
    const text = token.type === 'word' ? token.text.replace(/\\(.)/g, '$1') : token.text;
    return { kind: token.type === 'phrase' ? 'phrase' : 'term', text };
  };
  const parsed = parseOr();
  if (at < tokens.length) throw new EssieError(`extraneous input '${tokens[at]?.text}'`);
  if (terms > MOST_TERMS + placeTerms(text)) throw new EssieError('Too complicated query');
  return parsed;
}

/** Place names do not expand, so they do not count against the limit. */
function placeTerms(text: string): number {
  return text.includes('SEARCH[Location]') ? 8 : 0;
}

function parseOperator(token: { text: string; argument: string }): Essie {
  if (token.text !== 'RANGE') throw new EssieError(`the stand-in does not implement ${token.text}`);
  const [from, to, ...others] = token.argument.split(',').map((part) => part.trim());
  if (from === undefined || to === undefined || others.length > 0) throw new EssieError('Invalid range');
  return { kind: 'range', from, to };
}
