import { isFrameAncestor } from '../frame-ancestors.ts';
import { HEIGHT_MESSAGE } from '../widget-tag.ts';
import { attachFinders } from './attach-finder.ts';
import { narrow, readPresets } from './narrow.ts';

const asked = new URLSearchParams(location.search);
narrow(
  document,
  readPresets((name) => asked.getAll(name).join(' ')),
);
attachFinders(document);

/**
 * The origin of the page that frames us, where the operator's list has it: as that page says, else as the browser
 * does. A message goes to this origin alone, so a lie about it reaches nobody.
 */
function findParent(): string | null {
  const sources = document.documentElement.dataset['frameAncestors'] ?? '';
  const said = asked.get('parent') ?? URL.parse(document.referrer)?.origin ?? '';
  return isFrameAncestor(sources, said, location.origin) ? said : null;
}

const parentOrigin = window.parent === window ? null : findParent();
if (parentOrigin !== null) {
  let told = 0;
  // The body, because the document is never lower than the frame and could not shrink.
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    window.parent.postMessage({ type: HEIGHT_MESSAGE, height }, parentOrigin);
  }).observe(document.body);
}
