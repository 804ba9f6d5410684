/** Texts with places for values; apart from the languages, which a browser is not to load. */

export const LANGUAGES = ['en', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Puts values in the places of a text: `{count}`. A place without a value stays visible, so that a test finds it. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : place,
  );
}

/** A text that differs for one and for many. */
export interface Counted {
  readonly one: string;
  readonly other: string;
}

/** The form of a counted text for a number, with the number and other values in their places. */
export function fillCount(
  texts: Counted,
  count: number,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const { plural, number } = (counting[language] ??= createCounting(language));
  const form = plural.select(count) === 'one' ? 'one' : 'other';
  return fill(texts[form], { ...values, count: number.format(count) });
}

/** To make these takes a hundred times longer than to use them. */
const counting: Partial<Record<Language, ReturnType<typeof createCounting>>> = {};

function createCounting(language: Language) {
  return { plural: new Intl.PluralRules(language), number: new Intl.NumberFormat(language) };
}
