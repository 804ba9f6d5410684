import { AGE_GROUPS, PHASES, type AgeGroup, type Phase } from '../trials/vocabulary.ts';
import { countTaking } from './arrange-cards.ts';
import type { Finder } from './finder.ts';
import { html, type Html } from './html.ts';
import { NO_ANSWERS, parametersOf, type PatientAnswers } from './patient-answers.ts';
import { linkTo, type Scene } from './scene.ts';
import { fillCount } from './words/words.ts';

/** Shades for the eye alone: the number says the same. */
const SHADES = 4;

/** How many studies are open here for each age and for each phase that there is; a number leads to exactly those. */
export function renderPhaseAgeTable(finder: Pick<Finder, 'trials' | 'view'>, scene: Scene): Html {
  const { words } = scene;
  const phases = PHASES.filter((phase) => finder.trials.some(({ facts }) => facts.phaseKeys.includes(phase)));
  const rows = phases.map((phase) => {
    const ofPhase = finder.trials.filter(({ facts }) => facts.phaseKeys.includes(phase));
    return AGE_GROUPS.map((ageGroup) => countTaking(ofPhase, openOf(phase, ageGroup)));
  });
  const most = Math.max(1, ...rows.flat());
  return html`<table class="phase-age">
    <caption>
      <span class="picture-title">${words.pictures.tableTitle}</span>
      <span class="hint">${words.pictures.tableNote}</span>
    </caption>
    <thead>
      <tr>
        <th scope="col">${words.pictures.phase}</th>
        ${AGE_GROUPS.map((group) => html`<th scope="col">${words.ageGroup[group]}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${phases.map(
        (phase, row) =>
          html`<tr>
            <th scope="row">
              ${words.phase[phase].label}
              <span class="hint">${words.phase[phase].meaning}</span>
            </th>
            ${AGE_GROUPS.map((ageGroup, column) =>
              renderCell({ phase, ageGroup, count: rows[row]?.[column] ?? 0, most }, finder, scene),
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What a number counts by the rules of the list itself, and what its link asks for. */
function openOf(phase: Phase, ageGroup: AgeGroup): PatientAnswers {
  return { ...NO_ANSWERS, ageGroup: [ageGroup], phase: [phase], availability: ['open'] };
}

function renderCell(
  { phase, ageGroup, count, most }: { phase: Phase; ageGroup: AgeGroup; count: number; most: number },
  { view }: Pick<Finder, 'view'>,
  scene: Scene,
): Html {
  if (count === 0) return html`<td class="shade-0">0</td>`;
  const { words, language } = scene;
  const query = { ...(view === 'clinician' && { view }), ...parametersOf(openOf(phase, ageGroup)) };
  const said = fillCount(words.pictures.cell, count, language, {
    ages: words.ageGroup[ageGroup],
    phase: words.phase[phase].label,
  });
  return html`<td class="shade-${Math.ceil((count / most) * SHADES)}">
    <a href="${linkTo(scene, '/', query)}" data-filter
      >${count}<span class="visually-hidden"> ${said}</span></a
    >
  </td>`;
}
