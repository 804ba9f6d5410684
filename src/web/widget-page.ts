import { AGE_GROUPS, AVAILABILITIES, PHASES } from '../trials/vocabulary.ts';
import { renderFragment, type Embed } from './embed.ts';
import { VIEWS } from './finder.ts';
import { html, type Html } from './html.ts';
import { HEADING_LEVELS, linkTo } from './scene.ts';
import { LANGUAGES } from './words/words.ts';
import { EVENTS, WIDGET_TAG } from './widget-tag.ts';

/** What the page for those who embed the list needs beside the list itself. */
export interface WidgetPage {
  readonly embed: Embed;
  readonly publicUrl: string;
  /** Of the script of this version. */
  readonly script: { readonly path: string; readonly integrity: string };
  readonly siteKeys: readonly string[];
  /** Whether our own pages may show the frame. */
  readonly mayFrame: boolean;
}

/** The five forms with live examples, and all that a page of somebody else can set or hear. */
export function renderWidgetPage(page: WidgetPage): Html {
  const { embed } = page;
  const { widgetPage: words } = embed.scene.words;
  return html`<article class="widget-page">
    <h1>${words.title}</h1>
    <p class="lead">${words.lead}</p>
    <p>${words.promise}</p>
    ${renderForms(page)} ${section(words.pinTitle, words.pin, renderCode('pin', pinnedScript(page), embed))}
    ${section(words.roomTitle, words.room, renderCode('room', ROOM, embed))}
    ${section(words.policyTitle, words.policy, renderPolicies(page))}
    ${section(words.headingTitle, words.heading, null)} ${renderTables(page)}
  </article>`;
}

const ROOM = `uab-all-trials, [data-uab-all-trials] { display: flow-root; min-height: 100vh; }`;

function renderForms(page: WidgetPage): Html {
  const { embed, publicUrl, mayFrame } = page;
  const { widgetPage: words } = embed.scene.words;
  const { forms } = words;
  const link = fallbackLink(page);
  return html`
    ${section(
      forms.element.title,
      forms.element.text,
      html`${renderCode('element', `${movingScript(page)}\n<uab-all-trials view="patient" heading-level="2">${link}</uab-all-trials>`, embed)}
      ${renderExample(
        html`<uab-all-trials view="patient" heading-level="4">${renderFallback(page)}</uab-all-trials>`,
        embed,
      )}`,
    )}
    ${section(
      forms.div.title,
      forms.div.text,
      html`${renderCode('div', `${movingScript(page)}\n<div data-uab-all-trials data-view="clinician" data-heading-level="2">${link}</div>`, embed)}
      ${renderExample(
        html`<div data-uab-all-trials data-view="clinician" data-heading-level="4">
          ${renderFallback(page)}
        </div>`,
        embed,
      )}`,
    )}
    ${section(
      forms.fragment.title,
      forms.fragment.text,
      html`${renderCode('fragment', `<esi:include src="${publicUrl}/embed/v1/list.html?headingLevel=2" />`, embed)}
      ${renderExample(renderFragment(embed), embed)}`,
    )}
    ${section(
      forms.frame.title,
      forms.frame.text,
      html`${renderCode('frame', frameCode(page), embed)}
      ${mayFrame ? renderExample(renderFrame(embed), embed) : html`<p>${words.noFrame}</p>`}`,
    )}
    ${section(
      forms.link.title,
      forms.link.text,
      html`${renderCode('link', link, embed)} ${renderExample(html`<p>${renderFallback(page)}</p>`, embed)}`,
    )}
  `;
}

function renderFrame({ scene }: Embed): Html {
  return html`<iframe
    title="${scene.words.widgetPage.exampleFrame}"
    src="${linkTo({ ...scene, base: '' }, '/embed/v1/', { headingLevel: '4' })}"
    loading="lazy"
    width="100%"
    height="480"
  ></iframe>`;
}

function renderFallback({ embed }: WidgetPage): Html {
  const { scene } = embed;
  return html`<a href="${linkTo(scene, '/')}">${scene.words.widgetPage.fallback}</a>`;
}

function fallbackLink(page: WidgetPage): string {
  return renderFallback(page).toString();
}

function movingScript({ publicUrl }: WidgetPage): string {
  return `<script type="module" src="${publicUrl}/widget/1/${WIDGET_TAG}.js"></script>`;
}

function pinnedScript({ publicUrl, script }: WidgetPage): string {
  return `<script type="module" crossorigin="anonymous"
  src="${publicUrl}${script.path}"
  integrity="${script.integrity}"></script>`;
}

/** The receiver checks who wrote, and from which window: any page may send a message to any other. */
function frameCode({ publicUrl }: WidgetPage): string {
  const { origin } = new URL(publicUrl);
  return `<iframe id="${WIDGET_TAG}" title="Clinical trials for ALL" width="100%" height="800"
  src="${publicUrl}/embed/v1/?parent=https%3A%2F%2Fwww.example.org"></iframe>
<script>
  addEventListener('message', (event) => {
    const frame = document.getElementById('${WIDGET_TAG}');
    if (event.origin !== '${origin}' || event.source !== frame.contentWindow) return;
    const { type, height } = event.data;
    if (type === 'uab-all-trials:height' && Number.isInteger(height)) frame.height = height;
  });
</script>`;
}

function renderPolicies({ embed, publicUrl }: WidgetPage): Html {
  const { widgetPage: words } = embed.scene.words;
  const { origin } = new URL(publicUrl);
  return html`${renderCode('policy', `script-src ${origin}; connect-src ${origin}`, embed)}
    <p>${words.policyFragment}</p>
    ${renderCode('policy-fragment', `style-src ${origin}`, embed)}
    <p>${words.policyFrame}</p>
    ${renderCode('policy-frame', `frame-src ${origin}`, embed)}`;
}

function renderTables({ embed, siteKeys }: WidgetPage): Html {
  const { widgetPage: words } = embed.scene.words;
  const values: Readonly<Record<keyof typeof words.attributes, readonly string[]>> = {
    view: VIEWS,
    'heading-level': HEADING_LEVELS.map(String),
    lang: LANGUAGES,
    'age-group': AGE_GROUPS,
    phase: PHASES,
    availability: AVAILABILITIES,
    site: siteKeys,
  };
  const attributes = Object.entries(words.attributes).map(([name, meaning]) => [
    name,
    values[name as keyof typeof values].join(' '),
    meaning,
  ]);
  const properties = Object.entries(words.propertyMeanings).map(([name, meaning]) => [`--${name}`, meaning]);
  const parts = Object.entries(words.parts).map(([name, meaning]) => [`::part(${name})`, meaning]);
  const events = Object.entries(words.events).map(([name, meaning]) => [
    EVENTS[name as keyof typeof EVENTS],
    meaning,
  ]);
  const head = [words.name, words.meaning];
  return html`
    ${section(words.attributesTitle, words.attributesText, renderTable([words.name, words.values, words.meaning], attributes))}
    ${section(words.propertiesTitle, words.properties, renderTable(head, properties))}
    ${section(words.partsTitle, null, renderTable(head, parts))}
    ${section(words.eventsTitle, words.eventsText, renderTable(head, events))}
  `;
}

function section(title: string, text: string | null, content: Html | null): Html {
  return html`<section>
    <h2>${title}</h2>
    ${text !== null && html`<p>${text}</p>`}${content}
  </section>`;
}

/** All columns but the last are names, as a page writes them. */
function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<table>
    <thead>
      <tr>
        ${head.map((text) => html`<th scope="col">${text}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([name = '', ...cells]) =>
          html`<tr>
            <th scope="row"><code translate="no">${name}</code></th>
            ${cells.map((cell, place) =>
              place === cells.length - 1
                ? html`<td>${cell}</td>`
                : html`<td><code translate="no">${cell}</code></td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Code with a button that copies it; the button is there only with a script. */
function renderCode(name: string, code: string, { scene }: Embed): Html {
  const { widgetPage, card } = scene.words;
  return html`<div class="code">
    <pre translate="no"><code data-example="${name}">${code}</code></pre>
    <p>
      <button
        type="button"
        data-copy="${name}"
        data-copied="${card.copied}"
        data-copy-failed="${card.copyFailed}"
        hidden
      >
        ${widgetPage.copy}
      </button>
      <span role="status"></span>
    </p>
  </div>`;
}

/** A list is long: an example is a window on it that scrolls. */
function renderExample(content: Html, { scene }: Embed): Html {
  return html`<h3>${scene.words.widgetPage.example}</h3>
    <div class="example" tabindex="0" role="group" aria-label="${scene.words.widgetPage.example}">
      ${content}
    </div>`;
}
