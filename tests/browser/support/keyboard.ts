import type { Page } from 'playwright-core';

/** One stop of a walk with the Tab key. */
export interface Stop {
  readonly name: string;
  /** Its place among the controls that a walk has to reach, in the order of the document; -1 for none of them. */
  readonly place: number;
  /** Its height on the page; not a number in a part that scrolls by itself. */
  readonly top: number;
  /** Why the focus cannot be seen there; `null` when it can. */
  readonly unseen: string | null;
}

/** More than any page has in its frames. */
const FRAMED_CONTROLS_MAX = 400;

/**
 * Walks through a page with Tab from its start until the focus leaves it. In a trap it ends too, with more stops
 * than there are controls. `controls` is how many it had to reach.
 */
export async function walkWithTab(page: Page): Promise<{ controls: number; stops: Stop[] }> {
  // What comes to life while it is walked through is another page.
  await page.waitForFunction(() =>
    [...document.querySelectorAll('uab-all-trials')].every((widget) =>
      widget.shadowRoot?.querySelector('[data-finder][data-ready]'),
    ),
  );
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    getSelection()?.removeAllRanges();
  });
  const controls = (await page.evaluate(listControls)).length;
  const stops: Stop[] = [];
  for (let presses = 0; presses <= controls * 2 + FRAMED_CONTROLS_MAX; presses++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(describeFocus);
    if (stop === null) break;
    // What a frame holds is a page of its own, and walked through there.
    if (stop !== 'frame') stops.push(stop);
  }
  return { controls, stops };
}

/** Remembers them on the page, so that places stay what they are while it is walked through; widgets included. */
function listControls(): string[] {
  const findIn = (root: ParentNode): HTMLElement[] =>
    [...root.querySelectorAll<HTMLElement>('*')].flatMap((element) => [
      ...(element.matches('a[href], button, input, select, textarea, summary, [tabindex]') ? [element] : []),
      ...(element.shadowRoot === null ? [] : findIn(element.shadowRoot)),
    ]);
  const found = findIn(document)
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0)
    .filter(
      (element) => !(element as HTMLInputElement).disabled && (element as HTMLInputElement).type !== 'hidden',
    )
    .filter((element) => {
      const { type, name, checked, form } = element as HTMLInputElement;
      if (type !== 'radio' || checked) return true;
      // Of radio buttons the one that is chosen has the focus; without a choice, the first.
      const group = [
        ...(form ?? document).querySelectorAll<HTMLInputElement>(`input[type=radio][name="${name}"]`),
      ];
      return !group.some((one) => one.checked) && group[0] === element;
    });
  (globalThis as unknown as { walkControls: Element[] }).walkControls = found;
  return found.map((element) => element.tagName);
}

function describeFocus(): Stop | 'frame' | null {
  let root: DocumentOrShadowRoot = document;
  while (root.activeElement?.shadowRoot?.activeElement) root = root.activeElement.shadowRoot;
  const element = root.activeElement;
  if (element === null || element === document.body) return null;
  if (element.tagName === 'IFRAME') return 'frame';
  // A link that is broken into lines has a box for each.
  const { top, left, width, height } = element.getClientRects()[0] as DOMRect;
  const isInScroller = (inside: Element): boolean => {
    const around = inside.parentElement ?? (inside.getRootNode() as ShadowRoot).host;
    if (around === undefined || around === document.body) return false;
    return /auto|scroll/.test(getComputedStyle(around).overflowY) || isInScroller(around);
  };
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const points = [
    [left + width / 2, top + height / 2],
    [left + 2, top + 2],
  ] as const;
  const isUncovered = points.some(([x, y]) => {
    const hit = root.elementFromPoint(x, y);
    return hit !== null && (element.contains(hit) || hit.contains(element));
  });
  const unseen =
    outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2
      ? `outline ${outlineStyle} ${outlineWidth}`
      : isUncovered
        ? null
        : 'covered, or outside of the window';
  const name = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 50) ?? '';
  return {
    name: `${element.tagName} ${element.id} ${(element as HTMLInputElement).value ?? ''} ${name}`,
    place: (globalThis as unknown as { walkControls: Element[] }).walkControls.indexOf(element),
    top: isInScroller(element) ? Number.NaN : top + scrollY,
    unseen,
  };
}
