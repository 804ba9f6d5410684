import { html, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import { renderPhones, type Phone } from './phones.ts';
import { formatDay } from './words/dates.ts';
import { fill, type Words } from './words/words.ts';

/** A trial that left the list, and why. */
export interface GoneTrial {
  readonly nctId: string;
  readonly goneAt: string;
  readonly reason: keyof Words['errors']['goneReason'];
  readonly mergedInto: string | null;
}

/** What a page of an error tells people. */
export interface PageProblem {
  readonly type: keyof Words['errors']['problem'];
  readonly status: number;
  /** The id of the request, by which the log is searched. */
  readonly requestId: string;
  readonly gone: GoneTrial | null;
  readonly phones: readonly Phone[];
}

/** What went wrong in plain words, and the ways on: the list, and somebody to call. */
export function renderErrorPage({ type, status, requestId, gone, phones }: PageProblem, scene: Scene): Html {
  const { words } = scene;
  const { errors, page } = words;
  return html`<article class="finder error-page">
    <h1>${errors.problem[type].title}</h1>
    ${gone !== null && renderGone(gone, scene)}
    <p>${errors.problem[type].text}</p>
    <p><a href="${linkTo(scene, '/')}">${page.backToList}</a></p>
    ${
      phones.length > 0 &&
      html`<p>${page.helpText}</p>
        ${renderPhones(phones, scene)}`
    }
    <p class="hint">
      ${fill(errors.statusLine, { status })} · ${fill(errors.requestLine, { id: requestId })} ·
      <a href="${scene.base}/problems/${type}">${fill(errors.forProgrammers, { type })}</a>
    </p>
  </article>`;
}

function renderGone({ nctId, goneAt, reason, mergedInto }: GoneTrial, scene: Scene): Html {
  const { errors } = scene.words;
  const date = formatDay(goneAt, scene);
  return html`<p>${fill(errors.goneOn, { id: nctId, date })} ${errors.goneReason[reason]}</p>
    ${
      mergedInto !== null &&
      html`<p>
        <a href="${linkTo(scene, `/trials/${mergedInto}`)}">${fill(errors.goneInto, { id: mergedInto })}</a>
      </p>`
    }
    <p>
      <a href="https://clinicaltrials.gov/study/${nctId}" rel="noreferrer"
        >${fill(errors.registry, { id: nctId })}</a
      >
    </p>`;
}

/** A page of a kind of problem, for programmers: its texts are English wherever it stands. */
export function renderProblemPage(
  { type, status, title, help }: { type: string; status: number; title: string; help: string },
  scene: Scene,
): Html {
  const { errors } = scene.words;
  return html`<article class="finder problem-page">
    <h1 lang="en">${type}</h1>
    <p>${fill(errors.problemStatus, { status })} <span lang="en">${title}.</span></p>
    <p lang="en">
      ${help.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}
    </p>
    <p>
      <a href="${linkTo(scene, '/problems/')}">${errors.problemsAll}</a> ·
      <a href="${scene.base}/docs">${errors.problemsDocs}</a>
    </p>
  </article>`;
}

/** The list of all kinds of problems. */
export function renderProblemList(
  problems: readonly { readonly type: string; readonly status: number }[],
  scene: Scene,
): Html {
  const { errors } = scene.words;
  return html`<article class="finder problem-page">
    <h1>${errors.problemsTitle}</h1>
    <p>${errors.problemsLead}</p>
    <ul>
      ${problems.map(({ type, status }) => html`<li><a href="${linkTo(scene, `/problems/${type}`)}">${type}</a> (${status})</li>`)}
    </ul>
  </article>`;
}
