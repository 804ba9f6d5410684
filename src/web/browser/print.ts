/** Opens the print dialog for an address that ends in `#print`, and shows the button that does the same. */
export function attachPrint(page: Document): void {
  const { defaultView: view } = page;
  const trial = page.querySelector('[data-trial-page]');
  if (view === null || trial === null) return;
  const print = (): void => view.print();
  const printIfAsked = (): void => {
    if (view.location.hash === '#print') print();
  };
  const button = trial.querySelector<HTMLElement>('[data-print-page]');
  button?.removeAttribute('hidden');
  button?.addEventListener('click', print);
  view.addEventListener('hashchange', printIfAsked);
  printIfAsked();
}
