/** Two questions that show, hide and explain the cards that are there. */
export function attachPatientFinder(finder: HTMLElement): void {
  finder.dataset['ready'] = '';
}
