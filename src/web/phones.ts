import { html, type Html } from './html.ts';
import { renderPhone } from './trial-parts.ts';
import type { Scene } from './scene.ts';

/** A number of ours, and whose it is. */
export interface Phone {
  readonly number: string;
  readonly name: string;
}

/** All numbers with their owners: who treats children is not who treats adults. */
export function renderPhones(phones: readonly Phone[], { words }: Scene): Html {
  return html`<ul class="phones">
    ${phones.map(({ number, name }) => html`<li><span lang="en">${name}</span>: ${renderPhone(number, null, words)}</li>`)}
  </ul>`;
}
