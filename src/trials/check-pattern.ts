import isLinear from 'safe-regex2';

/** What is wrong with a pattern from a file: it does not compile, or could take more than linear time. */
export function findPatternProblem(pattern: string): string[] {
  try {
    const expression = new RegExp(pattern, 'u');
    return isLinear(expression) ? [] : [`pattern ${pattern} could take exponential time`];
  } catch (error) {
    return [`pattern ${pattern} does not compile: ${(error as Error).message}`];
  }
}
