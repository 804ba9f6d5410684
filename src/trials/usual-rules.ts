/** What holds of a question unless something else is asked; without the schema, since browsers share it. */

/** Rules that hide trials even where nothing is asked (contract 5.4 and 5.5). */
export const USUAL_RULES = {
  relevance: ['specific', 'includes'],
  siteMatch: ['confirmed', 'network'],
  match: ['fits', 'check'],
} as const;

/** More words narrow nothing further and only cost time. */
export const MOST_WORDS = 12;
