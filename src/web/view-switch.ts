import { VIEWS, type View } from './finder.ts';
import { html, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';

/** The two views of the list, at the same place on both. */
export function renderViewSwitch(current: View, scene: Scene): Html {
  const { words } = scene;
  const names = { patient: words.page.patientView, clinician: words.page.clinicianView };
  return html`<nav class="view-switch" aria-label="${words.page.views}">
    <ul>
      ${VIEWS.map(
        (view) =>
          html`<li>
            <a
              href="${linkTo(scene, '/', view === 'patient' ? {} : { view })}"
              ${view === current && html` aria-current="page"`}
              >${names[view]}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`;
}
