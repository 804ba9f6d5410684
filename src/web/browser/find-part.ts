/** A part of a finder that the server always renders; without it the page is not ours. */
export function findPart(within: Element, selector: string): HTMLElement {
  return findElement(within, selector) as HTMLElement;
}

/** A field of a form. */
export function findField(within: Element, selector: string): HTMLInputElement {
  return findElement(within, selector) as HTMLInputElement;
}

export function findElement(within: Element, selector: string): Element {
  const found = within.querySelector(selector);
  if (found === null) throw new Error(`No ${selector} in the finder.`);
  return found;
}

/** A button that says something. */
export function createButton(text: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  return button;
}

/** With a script, what changes the page in place is a button and no link. */
export function turnIntoButton(link: HTMLAnchorElement): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = link.className;
  Object.assign(button.dataset, link.dataset);
  if (button.dataset['filter'] !== undefined) button.dataset['filter'] = link.search;
  button.append(...link.childNodes);
  link.replaceWith(button);
}
