import type { BrowserWords } from '../browser-words.ts';
import { findPart } from './find-part.ts';

/** Lets a reader copy the address of a trial; where a browser does not allow it, the address is there to be copied. */
export function attachCopyLinks(finder: Element, { copied, copyFailed }: BrowserWords): void {
  for (const button of finder.querySelectorAll<HTMLButtonElement>('[data-copy-link]')) {
    const card = button.closest('[data-trial]') as HTMLElement;
    const address = (findPart(card, '[data-page]') as HTMLAnchorElement).href;
    const told = findPart(card, '[data-copied]');
    button.hidden = false;
    button.addEventListener('click', () => {
      void copyText(address).then(
        (isCopied) => (told.textContent = isCopied ? copied : `${copyFailed} ${address}`),
      );
    });
  }
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
