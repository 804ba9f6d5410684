import { attributeOf, PRESETS, WIDGET_DATA, WIDGET_TAG } from '../../widget-tag.ts';
import { AllTrialsElement } from './element.ts';

// A page may have two scripts of ours, of two versions even: the first one stays.
if (customElements.get(WIDGET_TAG) === undefined) customElements.define(WIDGET_TAG, AllTrialsElement);

const NAMES = ['view', 'heading-level', 'lang', ...PRESETS.map(attributeOf)];

/** Puts the element into a `div` that stands for it, around what the page wrote there. */
function mount(place: HTMLElement): void {
  if (place.querySelector(`:scope > ${WIDGET_TAG}`) !== null) return;
  const element = document.createElement(WIDGET_TAG);
  const copy = (): void => {
    for (const name of NAMES) {
      const value = place.getAttribute(`data-${name}`);
      if (value === null) element.removeAttribute(name);
      else if (value !== element.getAttribute(name)) element.setAttribute(name, value);
    }
  };
  copy();
  element.append(...place.childNodes);
  place.append(element);
  new MutationObserver(copy).observe(place, { attributeFilter: NAMES.map((name) => `data-${name}`) });
}

function mountAll(): void {
  for (const place of document.querySelectorAll<HTMLElement>(`[${WIDGET_DATA}]`)) mount(place);
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', mountAll);
else mountAll();
