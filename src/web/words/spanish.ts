import { ENGLISH } from './english.ts';
import type { Words } from './words.ts';

/** The same in Spanish. */
export const SPANISH: Words = ENGLISH;
