import type { Finder } from './finder.ts';
import { html, renderDocument, type Html } from './html.ts';
import { renderBanner, type PageFrame } from './page.ts';
import { renderClinicianFinder } from './clinician-finder.ts';
import { renderPatientFinder } from './patient-finder.ts';
import { linkTo, type Scene } from './scene.ts';
import { attributeOf, PRESETS } from './widget-tag.ts';

/** The list as it stands on a page of somebody else; every address in it is absolute. */
export interface Embed {
  readonly scene: Scene;
  readonly finder: Finder;
  readonly list: PageFrame['list'];
  readonly headingLevel: number;
  /** The widget's styles of this version. */
  readonly style: string;
}

/** The finder with all that must be said with it wherever it stands. Landmarks are for the page around it to set. */
function renderWidget({ scene, finder, list }: Embed): Html {
  const { words } = scene;
  return html`<div class="widget" part="widget">
    ${renderBanner({ scene, list })}
    <p class="narrowed" data-narrowed hidden part="note">
      ${words.widgetPage.narrowed} <a href="${linkTo(scene, '/')}">${words.widgetPage.seeAll}</a>
    </p>
    ${(finder.view === 'clinician' ? renderClinicianFinder : renderPatientFinder)(finder, scene)}
    <div class="widget-footer" part="footer">
      <p>${words.page.whoTreatsWhom}</p>
      <p>${words.page.disclaimer}</p>
      <p><a href="${linkTo(scene, '/')}">${words.widgetPage.fullList}</a></p>
    </div>
  </div>`;
}

/**
 * For inclusion by the server of the page: complete without a script, in a shadow root of its own. The link is for
 * browsers that know no declarative shadow root.
 */
export function renderFragment(embed: Embed): Html {
  const { scene, finder, headingLevel, style } = embed;
  const presets = PRESETS.filter((name) => finder.asked.query[name].length > 0);
  return html`<uab-all-trials
    view="${finder.view}"
    heading-level="${headingLevel}"
    lang="${scene.language}"
    ${presets.map((name) => html` ${attributeOf(name)}="${finder.asked.query[name].join(' ')}"`)}
    ><template shadowrootmode="open"><link rel="stylesheet" href="${style}" />${renderWidget(embed)}</template
    ><a href="${linkTo(scene, '/')}">${scene.words.widgetPage.fallback}</a></uab-all-trials
  >`;
}

/** A whole page for a frame. Its links leave the frame, in which our other pages refuse to be shown. */
export function renderFramePage(
  embed: Embed,
  { assets, frameAncestors }: { assets: PageFrame['assets']; frameAncestors: string },
): string {
  const { scene } = embed;
  return renderDocument(
    html`<html lang="${scene.language}" data-frame-ancestors="${frameAncestors}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <base target="_top" />
        <title>${scene.words.widgetPage.label}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assets.style}" />
        <script type="module" src="${assets.script}"></script>
      </head>
      <body class="framed">
        <main>
          <h1 class="visually-hidden">${scene.words.widgetPage.label}</h1>
          ${renderWidget(embed)}
        </main>
      </body>
    </html>`,
  );
}
