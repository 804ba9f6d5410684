/** Runs of white space become one space. Single spaces, which are nearly all, are passed over. */
export function withSingleSpaces(text: string): string {
  return text.replace(/\s{2,}|[^\S ]/g, ' ');
}
