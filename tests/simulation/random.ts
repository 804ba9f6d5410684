/** A stream of numbers that a seed decides. */
export interface Random {
  /** From 0 up to, and not with, 1. */
  readonly next: () => number;
  below(bound: number): number;
  between(least: number, most: number): number;
  pick<Choice>(choices: readonly Choice[]): Choice;
}

/** mulberry32: small, and the same on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    pick: (choices) => choices[below(choices.length)] as (typeof choices)[number],
  };
}
