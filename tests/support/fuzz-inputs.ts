import fc, { type Arbitrary } from 'fast-check';
import { validatorOf, type Parameter } from './openapi-check.ts';

/** Inputs of the contract fuzzer, derived from the parameters that the OpenAPI document describes. */

/** A name and one value, as they stand in a query. */
export type Pair = readonly [name: string, value: string];

const DIGITS_AND_UNIT = /^(\d+)([a-z]*)$/;
/** Longer lists are valid up to `maxItems`; short ones find more trials, so more of the code. */
const USUAL_LIST_LENGTH = 3;

/** Sample texts that the description gives in backticks and the examples, as for ages: `8`, `8y`, `18mo`. */
function textsOf({ description = '', schema }: Parameter): string[] {
  const quoted = [...description.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '');
  return [...quoted, ...(schema.examples ?? []).flat()];
}

/** A text of the kind that the document shows: the shown numbers changed, or words beside a shown word. */
function textsLike(parameter: Parameter, words: readonly string[]): Arbitrary<string> {
  const texts = textsOf(parameter);
  const units = texts.map((text) => DIGITS_AND_UNIT.exec(text)?.[2]);
  if (texts.length > 0 && units.every((unit) => unit !== undefined))
    return fc
      .tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom('', '.5', '.25'), fc.constantFrom(...units))
      .map(([amount, decimals, unit]) => `${amount}${decimals}${unit}`);
  const letters = fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'.split('')),
    minLength: 1,
  });
  return fc
    .array(fc.oneof(fc.constantFrom(...texts, ...words), letters), { minLength: 1, maxLength: 4 })
    .map((chosen) => chosen.join(' ').slice(0, parameter.schema.maxLength).trim());
}

/** All values of one parameter that the document and its examples call right; null when it shows none. */
function validValues(parameter: Parameter, words: readonly string[]): Arbitrary<string[]> | null {
  const { schema } = parameter;
  if (schema.items !== undefined) {
    const one = fc.constantFrom(...schema.items.enum);
    const { minItems: minLength = 1, maxItems: most = USUAL_LIST_LENGTH } = schema;
    return fc.oneof(
      { weight: 9, arbitrary: fc.array(one, { minLength, maxLength: USUAL_LIST_LENGTH }) },
      { weight: 1, arbitrary: fc.array(one, { minLength, maxLength: most }) },
    );
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum).map((value) => [value]);
  if (schema.type === 'integer') {
    const { minimum: min = 0, maximum: max = 1_000 } = schema;
    return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max)).map((value) => [String(value)]);
  }
  if (textsOf(parameter).length === 0) return null;
  return textsLike(parameter, words).map((value) => [value]);
}

/** A question with right values only: a few parameters, each with its values. */
export function validQuestions(
  parameters: readonly Parameter[],
  words: readonly string[],
): Arbitrary<ReadonlyMap<string, readonly string[]>> {
  const known = parameters.flatMap((parameter) => {
    const values = validValues(parameter, words);
    return values === null ? [] : [values.map((chosen) => [parameter.name, chosen] as const)];
  });
  return fc
    .subarray(known, { minLength: 0, maxLength: 5 })
    .chain((chosen) => fc.tuple(...chosen))
    .chain((entries) => fc.shuffledSubarray(entries, { minLength: entries.length }))
    .map((entries) => new Map(entries));
}

/** Every value where the world is small, the last ones inside where it is not, and the first ones outside. */
export function edgesOf(schema: Parameter['schema']): { allowed: string[]; refused: string[] } {
  const { minimum, maximum, maxLength, maxItems = 0 } = schema;
  const values = schema.items?.enum ?? schema.enum ?? [];
  const [first = ''] = values;
  const repeated = (times: number): string => Array.from({ length: times }, () => first).join(',');
  const numbers = [minimum, maximum].flatMap((bound) => (bound === undefined ? [] : [String(bound)]));
  return {
    allowed: [...values, ...numbers, ...(schema.items ? [repeated(maxItems)] : [])],
    refused: [
      '',
      ...values.map((value) => `${value}x`),
      ...values.map((value) => swapCase(value)).filter((value) => !values.includes(value)),
      ...(schema.items ? [repeated(maxItems + 1)] : []),
      ...(minimum === undefined ? [] : [String(minimum - 1)]),
      ...(maximum === undefined ? [] : [String(maximum + 1)]),
      ...(maxLength === undefined ? [] : ['1'.repeat(maxLength + 1)]),
    ],
  };
}

function swapCase(text: string): string {
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
}

/** Values close to right ones: every slip that people and programs make. */
function nearlyValid(parameter: Parameter, all: readonly Parameter[]): Arbitrary<string> {
  const { schema } = parameter;
  const foreign = all.flatMap((other) => (other === parameter ? [] : (other.schema.items?.enum ?? [])));
  const { minimum = 0, maximum = 0, maxLength = 20 } = schema;
  const base = (validValues(parameter, []) ?? fc.constant(['x'])).map(([first = '']) => first);
  const slips: ((value: string) => string)[] = [
    (value) => value.toUpperCase(),
    (value) => value.toLowerCase(),
    (value) => `${value}${value}`,
    (value) => `${value},${value}`,
    (value) => `${value},`,
    (value) => `,${value}`,
    (value) => ` ${value}`,
    (value) => `${value}\n`,
    (value) => value.slice(1),
    (value) => `"${value}"`,
    (value) => `[${value}]`,
    (value) => value.replace(/.$/, 'x'),
    (value) => value.padEnd(maxLength + 1, value || 'x'),
    (value) => Array.from({ length: (schema.maxItems ?? 1) + 1 }, () => value).join(','),
  ];
  const wrong = [
    '',
    ' ',
    ',',
    '-1',
    '0',
    '1.5',
    '1e2',
    '0x10',
    '١',
    'true',
    'null',
    '{}',
    'NaN',
    '131',
    '47847d',
  ];
  return fc.oneof(
    fc.tuple(base, fc.constantFrom(...slips)).map(([value, slip]) => slip(value)),
    fc.constantFrom(...wrong, String(minimum - 1), String(maximum + 1), `00${maximum}`),
    fc.constantFrom(...foreign),
  );
}

const HOSTILE_WORDS = [
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '%',
  '%00',
  '%zz',
  '%ff',
  '%C0%AE',
  '%25%30%30',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '[object Object]',
  '(a+)+$',
  `${'a'.repeat(150)}!`,
  '.*'.repeat(60),
  '\r\nset-cookie: a=b',
  '\u202edrawkcab',
  '\ufeff',
  '<script>alert(1)</script>',
  "' OR 1=1--",
  '${7*7}',
  '9'.repeat(400),
  '-9007199254740993',
  '1e309',
  '-0',
  'Infinity',
  'ﷺ'.repeat(60),
  '㌖'.repeat(60),
  'é'.repeat(200),
  'x'.repeat(3_000),
];

/** Values that nobody means well with. */
export const hostileTexts: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_WORDS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

/** Names that are no parameter, though some look like one. */
export function unknownNames(parameters: readonly Parameter[]): Arbitrary<string> {
  const known = parameters.map(({ name }) => name);
  const bent = ['phase', ...known].flatMap((name) => [
    `${name}[]`,
    `${name}[0]`,
    `${name}.x`,
    ` ${name}`,
    `${name} `,
    `${name}\0`,
    name.toUpperCase(),
    name.slice(1),
    `${name}s`,
    name.replace('a', 'а'),
  ]);
  return fc
    .oneof(fc.constantFrom(...bent, 'utm_source', '_', ''), hostileTexts)
    .filter((name) => !known.includes(name.toWellFormed()));
}

/** Pairs of a query: mostly known names, with right, nearly right and hostile values. */
export function anyPairs(parameters: readonly Parameter[], options: { unknown: boolean }): Arbitrary<Pair[]> {
  const known = parameters.map((parameter) => {
    const right = validValues(parameter, []) ?? fc.constant(['x']);
    const values = fc.oneof(right.map(String), nearlyValid(parameter, parameters), hostileTexts);
    return values.map((value): Pair => [parameter.name, value]);
  });
  const strange = fc.tuple(unknownNames(parameters), hostileTexts);
  return fc.array(
    options.unknown || known.length === 0
      ? fc.oneof({ weight: 5, arbitrary: fc.oneof(...known, strange) }, { weight: 1, arbitrary: strange })
      : fc.oneof(...known),
    { maxLength: 5 },
  );
}

/** How a text comes to stand in an address: encoded as browsers do, byte by byte, or as little as the wire bears. */
const ENCODERS: readonly ((text: string) => string)[] = [
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => new URLSearchParams([['', text]]).toString().slice(1),
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => text.toWellFormed().replace(/[^\u0021-\u007e]/gu, (letter) => encodeURIComponent(letter)),
];
export const encoders = fc.constantFrom(...ENCODERS);

export function formatPairs(pairs: readonly Pair[], encode: (text: string) => string): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

/** Whether the document allows a query's values: the oracle for what must be refused. */
export function isAllowed(parameters: readonly Parameter[], query: string): boolean {
  const given = new URLSearchParams(query);
  return [...new Set(given.keys())].every((name) => {
    const parameter = parameters.find((one) => one.name === name);
    return parameter !== undefined && allowsValues(parameter, given.getAll(name));
  });
}

function allowsValues({ schema }: Parameter, values: readonly string[]): boolean {
  const validate = validatorOf(schema);
  if (schema.type === 'array') return validate(values.flatMap((value) => value.split(',')));
  const [text = ''] = values;
  const value = schema.type === 'integer' && /^\d{1,9}$/.test(text) ? Number(text) : text;
  return values.length === 1 && validate(value);
}

/** A value for a JSON body: any type, and nested so deep that recursion would show. */
export const anyJson: Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  hostileTexts,
  fc.constantFrom(null, true, 1e308, -0, 1e21, 2 ** 53, [], {}, [[]], [null], [{}], ['']),
  fc.constantFrom(1, 20, 500).map((depth) => nest(depth)),
);

function nest(depth: number): unknown {
  let nested: unknown = 'x';
  for (let level = 0; level < depth; level++) nested = level % 2 === 0 ? [nested] : { x: nested };
  return nested;
}
