import { ENGLISH } from './english.ts';
import type { Words } from './shape.ts';

/** The same in Spanish. */
export const SPANISH: Words = ENGLISH;
