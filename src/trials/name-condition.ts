import { findSpans } from './find-spans.ts';
import type { PackCondition } from './institution-pack.ts';
import { createPatternSieve } from './sift-patterns.ts';
import { withSingleSpaces } from './single-spaces.ts';

/** A stretch of text that names something, as written. */
export interface Naming {
  readonly text: string;
  readonly start: number;
}

/** Finds the namings of one condition, or of the baskets around it, in plain text. */
export interface ConditionNames {
  /** First naming of the condition itself, or `null`. */
  readonly findCondition: (text: string) => Naming | null;
  /** Every naming of the condition in each of some texts, which are looked through together. */
  readonly findAllOfCondition: (texts: readonly string[]) => Naming[][];
  /** A group of diseases that includes the condition; `generic` ones are as wide as "leukemia". */
  readonly findBasket: (text: string) => (Naming & { readonly generic: boolean }) | null;
  /** Any disease of the wider field. */
  readonly findWiderDisease: (text: string) => Naming | null;
  /** A disease that is not the condition. */
  readonly findOtherDisease: (text: string) => Naming | null;
}

/**
 * Compiles a pack's patterns once. They are written for single spaces: without `\s+` inside groups they stay linear.
 * Acronyms are matched with case: "T-ALL" otherwise finds "post-allogeneic".
 */
export function createConditionNames(condition: PackCondition): ConditionNames {
  const own = [...compile(condition.patterns, 'giu'), ...compile(condition.patternsCaseSensitive, 'gu')];
  const siftOwn = createPatternSieve(own);
  const baskets = compile(condition.basketPatterns, 'giu');
  const genericBaskets = compile(condition.genericBasketPatterns, 'giu');
  const others = compile(condition.otherDiseasePatterns, 'giu');
  const wider = compile(condition.widerDiseasePatterns, 'giu');
  return {
    findCondition: (text) => firstMatch(own, withSingleSpaces(text)),
    findAllOfCondition(texts) {
      const lines = texts.map(withSingleSpaces);
      const candidates = lines.map((): RegExp[] => []);
      for (const [number, places] of siftOwn(lines).entries())
        for (const place of places) candidates[place]?.push(own[number] as RegExp);
      return lines.map((line, place) => allMatches(candidates[place] ?? [], line));
    },
    findBasket(text) {
      const rest = cutOut(others, withSingleSpaces(text));
      const basket = firstMatch(baskets, rest);
      if (basket) return { ...basket, generic: false };
      const generic = firstMatch(genericBaskets, rest);
      return generic && { ...generic, generic: true };
    },
    findWiderDisease: (text) => firstMatch(wider, withSingleSpaces(text)),
    findOtherDisease: (text) => firstMatch(others, withSingleSpaces(text)),
  };
}

function compile(patterns: readonly string[], flags: string): RegExp[] {
  return patterns.map((pattern) => new RegExp(pattern, flags));
}

function allMatches(expressions: readonly RegExp[], text: string): Naming[] {
  // So it is in most sentences, behind the sieve.
  if (expressions.length === 0) return [];
  return expressions
    .flatMap((expression) => findSpans(expression, text))
    .map(({ start, end }) => ({ text: text.slice(start, end), start }))
    .toSorted((one, other) => one.start - other.start);
}

function firstMatch(expressions: readonly RegExp[], text: string): Naming | null {
  return allMatches(expressions, text)[0] ?? null;
}

/** Same length as before, so that offsets stay true. */
function cutOut(expressions: readonly RegExp[], text: string): string {
  return expressions.reduce(
    (rest, expression) => rest.replace(expression, (found) => '\u0000'.repeat(found.length)),
    text,
  );
}
