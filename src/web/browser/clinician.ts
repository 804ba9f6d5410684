/** All filters over the rows that are there. */
export function attachClinicianFinder(finder: HTMLElement): void {
  finder.dataset['ready'] = '';
}
