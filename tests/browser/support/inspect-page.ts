import type { Page } from 'playwright-core';

/** What people need of a laid-out page and no rule of axe measures. */

/** Elements that reach beyond the right edge, without a part of the page around them that scrolls by itself. */
export async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    const scrollsItself = (element: Element): boolean => {
      for (let around = element.parentElement; around !== null; around = around.parentElement)
        if (around !== document.body && /auto|scroll|hidden|clip/.test(getComputedStyle(around).overflowX))
          return true;
      return false;
    };
    const wide = [...document.body.querySelectorAll('*')].filter((element) => {
      const { right, width, height } = element.getBoundingClientRect();
      return right > edge + 1 && width > 1 && height > 1 && !scrollsItself(element);
    });
    const names = wide.map((element) => `${element.tagName}.${element.getAttribute('class') ?? ''}`);
    const { scrollWidth } = document.documentElement;
    return scrollWidth > edge ? [`the page is ${scrollWidth} of ${edge} px`, ...names] : names;
  });
}

/** Elements whose text does not fit into them and is cut off. */
export async function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.body.querySelectorAll<HTMLElement>('*')]
      .filter((element) => {
        const { overflowX, overflowY, position, display } = getComputedStyle(element);
        // What only screen readers get is one pixel large by intention.
        if (display === 'inline' || (position === 'absolute' && element.clientWidth <= 1)) return false;
        if (!element.checkVisibility() || (element.textContent ?? '').trim() === '') return false;
        return (
          (/hidden|clip/.test(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
          (/hidden|clip/.test(overflowY) && element.scrollHeight > element.clientHeight + 1)
        );
      })
      .map((element) => `${element.tagName}.${element.className}`),
  );
}

/** Things to press that are smaller than 24 by 24 px, links in running text aside (WCAG 2.5.8). */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const inRunningText = (element: Element): boolean => {
      const block = element.closest('p, li, dd, td, summary, figcaption, q');
      return (
        element.tagName === 'A' &&
        getComputedStyle(element).display === 'inline' &&
        block !== null &&
        (block.textContent ?? '').trim().length > (element.textContent ?? '').trim().length + 1
      );
    };
    // A label around a control is pressed for it.
    const targetOf = (control: Element): Element => control.closest('label') ?? control;
    return [...document.body.querySelectorAll('a[href], button, input, select, textarea, summary')]
      .filter((element) => element.checkVisibility() && (element as HTMLInputElement).type !== 'hidden')
      .filter((element) => !inRunningText(element) && !element.matches('.skip'))
      .map((element) => ({ element, box: targetOf(element).getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(
        ({ element, box }) =>
          `${element.tagName} “${(element.textContent ?? '').trim().slice(0, 40)}” ${box.width.toFixed(1)} × ${box.height.toFixed(1)}`,
      );
  });
}

/** Elements that would move by themselves. */
export async function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')]
      // What is not rendered has no computed style at all: the link in a widget that has come to life.
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
        return animationName !== 'none' || /[1-9]/.test(transitionDuration) || scrollBehavior === 'smooth';
      })
      .map((element) => `${element.tagName}.${element.getAttribute('class') ?? ''}`),
  );
}

/**
 * Sets the distances between letters, words, lines and paragraphs that a reader may set (WCAG 1.4.12), in a way that
 * the policy of the page does not concern.
 */
export async function spaceText(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-block-end: 2em !important; }
    `);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
}

/** Opens everything that folds. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
}
