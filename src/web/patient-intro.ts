import { html, type Html } from './html.ts';
import type { Scene } from './scene.ts';

/**
 * What the page is for. That answers stay here is true only while the script runs, so that the script alone says it;
 * without it the form is sent.
 */
export function renderIntro({ words }: Scene): Html {
  const { intro, page } = words;
  return html`<div class="intro">
    <p class="lead">${intro.lead}</p>
    <p>${page.whoTreatsWhom}</p>
    <div class="either">
      <p class="hint" data-with-script hidden>${intro.staysHere}</p>
      <p class="hint" data-without-script>${intro.isSent}</p>
    </div>
    <div class="explained">
      <details>
        <summary>${intro.whatIsTitle}</summary>
        <p>${intro.whatIs}</p>
      </details>
      <details>
        <summary>${intro.glossaryTitle}</summary>
        <dl class="glossary">
          ${intro.glossary.map(
            ({ word, meaning }) =>
              html`<div>
                <dt>${word}</dt>
                <dd>${meaning}</dd>
              </div>`,
          )}
        </dl>
      </details>
    </div>
  </div>`;
}
