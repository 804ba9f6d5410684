/**
 * Which letters a text must have for a pattern to match in it. "Relapsed" stands only where "rel", "ela", "lap" and so
 * on stand: whether they do is known of some sentences together after one look at them.
 */

/** Sets of triples, of each of which all must be in a text; one set is enough. `null`: nothing can be said. */
export type Needs = readonly Uint16Array[] | null;

/** Which of some texts have which triples. */
export interface TripleTable {
  /** Forgets the texts before; takes at most `MOST_TEXTS`. */
  fill(texts: readonly string[]): void;
  /** The texts that have what is needed, as bits: the lowest is the first text. */
  textsWith(needs: Needs): number;
}

/** As many as a number has bits. */
export const MOST_TEXTS = 32;

const BITS = 5;
const DIGIT = 27;
const NEITHER = 28;
const LONG_S = 0x17f;
const KELVIN = 0x212a;
/** More forms than this of one stretch of a pattern are not told apart. */
const MOST_FORMS = 24;

export function createTripleTable(): TripleTable {
  /** For each triple a bit of every text in which it stands. */
  const textsOf = new Uint32Array(1 << (3 * BITS));
  let all = 0;
  return {
    fill(texts) {
      textsOf.fill(0);
      all = 0;
      texts.forEach((text, place) => {
        all |= 1 << place;
        addTriples(textsOf, text, 1 << place);
      });
    },
    textsWith(needs) {
      if (needs === null) return all;
      let found = 0;
      for (const triples of needs) found |= textsWithAll(textsOf, triples, all & ~found);
      return found;
    },
  };
}

function addTriples(textsOf: Uint32Array, text: string, bit: number): void {
  let triple = 0;
  for (let at = 0; at < text.length; at++) {
    triple = pushSign(triple, signOf(text.charCodeAt(at)));
    textsOf[triple] = (textsOf[triple] as number) | bit;
  }
}

/** Those of some texts that have all triples. */
function textsWithAll(textsOf: Uint32Array, triples: Uint16Array, some: number): number {
  let left = some;
  for (let at = 0; left !== 0 && at < triples.length; at++) left &= textsOf[triples[at] as number] as number;
  return left;
}

/** The triple that ends with a sign, from the one before. */
function pushSign(triple: number, sign: number): number {
  return ((triple << BITS) | sign) & ((1 << (3 * BITS)) - 1);
}

/** Small and capital letters are one, all digits are one, and so is all that is neither. */
function signOf(unit: number): number {
  const letter = unit | 0x20;
  if (letter >= 0x61 && letter <= 0x7a && unit < 0x80) return letter - 0x60;
  if (unit >= 0x30 && unit <= 0x39) return DIGIT;
  // The two letters beyond ASCII that a pattern without regard to case takes for one of ASCII.
  if (unit === LONG_S) return signOf(0x73);
  return unit === KELVIN ? signOf(0x6b) : NEITHER;
}

/** A stretch of text as its signs. */
type Form = readonly number[];

/** What is known of the matches of a part of a pattern. */
interface Part {
  /** All forms that it matches; `null`: too many. */
  readonly forms: readonly Form[] | null;
  /** Forms of which every match contains one; `null`: not known. */
  readonly contained: readonly Form[] | null;
}

const NOTHING: Part = { forms: [[]], contained: null };
const ANYTHING: Part = { forms: null, contained: null };

/** What a text must have for a pattern to match in it. Whatever the pattern's syntax is not read here, is not told. */
export function findNeeds(source: string): Needs {
  const reading = { source, at: 0, isRead: true };
  const { contained } = readAlternatives(reading);
  return reading.isRead && reading.at === source.length && contained !== null
    ? contained.map(triplesOf)
    : null;
}

interface Reading {
  readonly source: string;
  at: number;
  isRead: boolean;
}

function triplesOf(form: Form): Uint16Array {
  let triple = 0;
  const ending = form.map((sign) => (triple = pushSign(triple, sign)));
  return new Uint16Array(ending.slice(2));
}

/** How many triples the least telling of the forms has. */
function tellingOf(forms: readonly Form[]): number {
  return Math.max(0, Math.min(...forms.map(({ length }) => length - 2)));
}

function moreTelling(one: Part['contained'], other: Part['contained']): Part['contained'] {
  if (other === null || tellingOf(other) === 0) return one;
  return one === null || tellingOf(other) > tellingOf(one) ? other : one;
}

function takeSign(reading: Reading, sign: string): boolean {
  const isThere = reading.source.startsWith(sign, reading.at);
  if (isThere) reading.at += sign.length;
  return isThere;
}

function readAlternatives(reading: Reading): Part {
  const parts = [readSequence(reading)];
  while (takeSign(reading, '|')) parts.push(readSequence(reading));
  const contained = parts.map((part) => part.contained);
  return {
    forms: joinForms(parts.map(({ forms }) => forms)),
    contained: contained.includes(null) ? null : contained.flatMap((forms) => forms ?? []),
  };
}

function joinForms(lists: readonly Part['forms'][]): Part['forms'] {
  if (lists.includes(null)) return null;
  const forms = lists.flatMap((list) => list ?? []);
  return forms.length > MOST_FORMS ? null : forms;
}

function readSequence(reading: Reading): Part {
  let contained: Part['contained'] = null;
  // The forms of the stretch that ends here; it began where the last part with too many forms was.
  let forms: readonly Form[] = [[]];
  let isWhole = true;
  while (reading.isRead && reading.at < reading.source.length && !/[|)]/.test(nextSign(reading))) {
    const part = readQuantity(reading, readAtom(reading));
    const longer = part.forms === null ? null : appendForms(forms, part.forms);
    if (longer === null) {
      contained = moreTelling(moreTelling(contained, forms), part.contained);
      isWhole = false;
    }
    forms = longer ?? part.forms ?? [[]];
  }
  contained = moreTelling(contained, forms);
  return { forms: isWhole ? forms : null, contained };
}

function appendForms(forms: readonly Form[], behind: readonly Form[]): readonly Form[] | null {
  if (forms.length * behind.length > MOST_FORMS) return null;
  return forms.flatMap((form) => behind.map((other) => [...form, ...other]));
}

function nextSign({ source, at }: Reading): string {
  return source.charAt(at);
}

function readQuantity(reading: Reading, part: Part): Part {
  const found = /^(?:[?*+]|\{(\d+)(?:,\d*)?\})\??/.exec(reading.source.slice(reading.at));
  if (found === null) return part;
  reading.at += found[0].length;
  const [quantity, least = quantity.startsWith('+') ? '1' : '0'] = found;
  if (quantity === '?') return { forms: joinForms([part.forms, [[]]]), contained: null };
  return Number(least) > 0 ? { forms: null, contained: part.contained } : ANYTHING;
}

function readAtom(reading: Reading): Part {
  const look = /^\(\?<?[=!]/.exec(reading.source.slice(reading.at))?.[0];
  if (look !== undefined || takeSign(reading, '(?:') || takeSign(reading, '(')) {
    reading.at += look?.length ?? 0;
    const inner = readAlternatives(reading);
    reading.isRead &&= takeSign(reading, ')');
    return look === undefined ? inner : NOTHING;
  }
  if (takeSign(reading, '[')) return readClass(reading);
  if (takeSign(reading, '\\')) return readEscape(reading);
  const sign = nextSign(reading);
  reading.at += sign.length;
  if (sign === '^' || sign === '$') return NOTHING;
  if (/[?*+{}\]]/.test(sign)) reading.isRead = false;
  return sign === '.' ? ANYTHING : formOf(sign);
}

function formOf(sign: string): Part {
  const forms = [[signOf(sign.charCodeAt(0))]];
  return { forms, contained: null };
}

function readEscape(reading: Reading): Part {
  const sign = nextSign(reading);
  reading.at += sign.length;
  if (sign === 'b' || sign === 'B') return NOTHING;
  if (sign === 'd') return formOf('0');
  if (sign === 's') return formOf(' ');
  if (/[wWDS]/.test(sign)) return ANYTHING;
  // A reference, a property or a number of a character: not read.
  if (/\w/.test(sign)) reading.isRead = false;
  return formOf(sign);
}

/** A class of few characters; what has ranges or other classes in it may be anything. */
function readClass(reading: Reading): Part {
  const found = /^(?:[^\\\]]|\\.)*\]/.exec(reading.source.slice(reading.at))?.[0];
  if (found === undefined) {
    reading.isRead = false;
    return ANYTHING;
  }
  reading.at += found.length;
  const signs = found.slice(0, -1);
  const isPlain = !/^\^|\\\w|[^\\]-.|[\ud800-\udfff]/.test(signs);
  const kinds = new Set(Array.from(signs.replaceAll('\\', ''), (sign) => signOf(sign.charCodeAt(0))));
  return isPlain ? { forms: [...kinds].map((kind) => [kind]), contained: null } : ANYTHING;
}
