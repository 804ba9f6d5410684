import type { ClinicianBrowserWords } from '../clinician-words.ts';
import { fill } from '../words/fill.ts';

const FEWEST = 2;
const MOST = 4;

/** The button says how many trials are chosen, and waits until they can be compared. */
export function attachCompare(finder: HTMLElement, words: ClinicianBrowserWords): void {
  const button = finder.querySelector<HTMLButtonElement>('[data-compare]');
  const hint = finder.querySelector<HTMLElement>('[data-compare-hint]');
  const picks = [...finder.querySelectorAll<HTMLInputElement>('[data-pick]')];
  if (button === null || hint === null) return;
  const show = (): void => {
    const count = picks.filter(({ checked }) => checked).length;
    button.disabled = count < FEWEST || count > MOST;
    button.textContent = button.disabled ? words.compare : fill(words.compareCount, { count });
    hint.textContent = fill(words.compareHint, { count });
  };
  for (const pick of picks) pick.addEventListener('change', show);
  show();
}
