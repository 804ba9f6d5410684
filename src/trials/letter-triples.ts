/**
 * Which letters a text must have for a pattern to match in it. "Relapsed" stands only where "rel", "ela", "lap" and so
 * on stand: whether they do is known of a whole study after one look at it.
 */

/** Sets of triples, of each of which all must be in a text; one set is enough. `null`: nothing can be said. */
export type Needs = readonly (readonly number[])[] | null;

export interface Triples {
  readonly haveAny: (needs: Needs) => boolean;
}

const BITS = 5;
const DIGIT = 27;
const LONG_S = 0x17f;
const KELVIN = 0x212a;
/** More forms than this of one stretch of a pattern are not told apart. */
const MOST_FORMS = 24;

/** All three letters or digits that stand together in a text. */
export function gatherTriples(text: string): Triples {
  const known = new Uint8Array(1 << (3 * BITS));
  let [before, last] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const sign = signOf(text.charCodeAt(at));
    if (before !== 0 && last !== 0 && sign !== 0) known[tripleOf(before, last, sign)] = 1;
    before = last;
    last = sign;
  }
  return {
    haveAny: (needs) =>
      needs === null || needs.some((triples) => triples.every((triple) => known[triple] === 1)),
  };
}

function tripleOf(one: number, two: number, three: number): number {
  return (((one << BITS) | two) << BITS) | three;
}

/** Small and capital letters are one, all digits are one, and what is neither is 0. */
function signOf(unit: number): number {
  const letter = unit | 0x20;
  if (letter >= 0x61 && letter <= 0x7a && unit < 0x80) return letter - 0x60;
  if (unit >= 0x30 && unit <= 0x39) return DIGIT;
  // The two letters beyond ASCII that a pattern without regard to case takes for one of ASCII.
  if (unit === LONG_S) return signOf(0x73);
  return unit === KELVIN ? signOf(0x6b) : 0;
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

function triplesOf(form: Form): number[] {
  return form.flatMap((one, place) => {
    const [two = 0, three = 0] = form.slice(place + 1, place + 3);
    return one !== 0 && two !== 0 && three !== 0 ? [tripleOf(one, two, three)] : [];
  });
}

/** How much the forms tell: what the least telling of them has. */
function tellingOf(forms: readonly Form[]): number {
  return Math.min(...forms.map((form) => triplesOf(form).length));
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
  const isPlain = !/^\^|\\\w|[^\\]-./.test(signs);
  const kinds = new Set([...signs.replaceAll('\\', '')].map((sign) => signOf(sign.charCodeAt(0))));
  return isPlain ? { forms: [...kinds].map((kind) => [kind]), contained: null } : ANYTHING;
}
