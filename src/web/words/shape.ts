import type { ENGLISH } from './english.ts';

/** The shape of a language: the same keys, any texts. */
export type Widened<Value> = Value extends string
  ? string
  : Value extends readonly (infer One)[]
    ? readonly Widened<One>[]
    : { readonly [Key in keyof Value]: Widened<Value[Key]> };
export type Words = Widened<typeof ENGLISH>;
