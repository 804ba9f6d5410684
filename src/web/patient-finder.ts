import { arrangeCards, countLeft, isFolded, type ArrangedGroup, type Left } from './arrange-cards.ts';
import { browserWords } from './browser-words.ts';
import { placeCard } from './card.ts';
import type { Finder, FoundTrial, PlaceTrial } from './finder.ts';
import { html, type Html } from './html.ts';
import { renderJourneyStrip } from './journey-strip.ts';
import { answersOf, parametersOf, type PatientAnswers } from './patient-answers.ts';
import { renderPatientForm } from './patient-form.ts';
import { renderIntro } from './patient-intro.ts';
import { renderPhaseAgeTable } from './phase-age-table.ts';
import { linkTo, type Scene } from './scene.ts';
import { renderHeading, renderPhone } from './trial-parts.ts';
import { describeLeft, describeNothing, findUndos } from './undo-answers.ts';
import { fill, fillCount } from './words/words.ts';

/** Two questions and the list, grouped by availability here; complete without a script. */
export function renderPatientFinder(finder: Finder, scene: Scene): Html {
  const { words, language, headingLevel } = scene;
  const answers = answersOf(finder.asked);
  const groups = arrangeCards(finder.trials, answers);
  const left = countLeft(groups);
  const voice = { words: browserWords(scene), language };
  return html`<div
    class="finder finder-patient"
    data-finder
    data-view="patient"
    data-words="${JSON.stringify(voice.words)}"
    lang="${language}"
  >
    ${renderIntro(scene)} ${renderPatientForm(answers, finder.asked, scene)}
    <p class="results-count" role="status" tabindex="-1" data-status part="status-line">
      ${describeLeft(left, voice)}
    </p>
    ${renderNothing(finder, { answers, left }, scene)}
    <div class="groups" data-groups>
      ${groups.map((group) => renderGroup(group, { ...finder, answers, left }, scene))}
    </div>
    <section class="pictures">
      ${renderHeading(headingLevel - 1, words.pictures.heading, 'group-title')}
      ${renderJourneyStrip(finder, scene)} ${renderPhaseAgeTable(finder, scene)}
    </section>
  </div>`;
}

/** What to do when the answers leave nothing: never that there is nothing for anybody. */
function renderNothing(
  { trials, phones }: Finder,
  { answers, left }: { answers: PatientAnswers; left: Left },
  scene: Scene,
): Html {
  const { words, language, headingLevel } = scene;
  const voice = { words: browserWords(scene), language };
  const nothing = describeNothing(left, answers, voice.words);
  const undos = nothing === null ? [] : findUndos(trials, answers, voice);
  const title = html`<span data-nothing-title>${nothing?.title ?? ''}</span>`;
  return html`<section class="nothing" data-nothing ${nothing === null && html` hidden`}>
    ${renderHeading(headingLevel - 1, title, 'nothing-title')}
    <p data-nothing-text>${nothing?.text ?? ''}</p>
    <ul class="undos" data-undos>
      ${undos.map(
        ({ said, action, answers: others }) =>
          html`<li>
            <span>${said}</span>
            <a class="button" href="${linkTo(scene, '/', parametersOf(others))}">${action}</a>
          </li>`,
      )}
    </ul>
    ${
      phones.length > 0 &&
      html`<p>${words.results.noneCall}</p>
        <ul class="phones">
          ${phones.map(({ name, number }) => html`<li>${name}: ${renderPhone(number, null, words)}</li>`)}
        </ul>`
    }
  </section>`;
}

interface Around {
  readonly answers: PatientAnswers;
  readonly left: Left;
  readonly trials: readonly FoundTrial[];
  readonly place: PlaceTrial;
}

function renderGroup(arranged: ArrangedGroup<FoundTrial>, around: Around, scene: Scene): Html {
  const { words, headingLevel } = scene;
  const { group, shown, left } = arranged;
  const { answers, place } = around;
  const isEmpty = shown.length === 0;
  const cards = html`<ol class="cards" data-cards>
    ${shown.map((found) => placeCard(place, found, { answers, scene, isShown: true }))}
    ${left.map((found) => placeCard(place, found, { answers, scene, isShown: false }))}
  </ol>`;
  if (!isFolded(group)) {
    const title = html`${words.group[group]}
      <span class="count">(<span data-count>${shown.length}</span>)</span>`;
    return html`<section class="group" data-group="${group}" ${isEmpty && html` hidden`}>
      ${renderHeading(headingLevel - 1, title, 'group-title')} ${cards}
    </section>`;
  }
  const title = fill(group === 'closed' ? words.results.closedFold : words.results.maybeFold, {
    count: shown.length,
  });
  const isOpen = group === 'closed' && around.left.taking === 0;
  return html`<details
    class="group"
    data-group="${group}"
    ${isEmpty && html` hidden`}
    ${isOpen && html` open data-opened`}
  >
    <summary>
      ${renderHeading(headingLevel - 1, html`<span data-fold-title>${title}</span>`, 'fold-title')}
    </summary>
    ${group === 'maybe' && renderMaybeNote(around.trials, scene)} ${cards}
  </details>`;
}

/** What these are, and how many more have a site that nobody names; families could call nobody there. */
function renderMaybeNote(trials: readonly FoundTrial[], { words, language }: Scene): Html {
  const withheld = trials.filter(
    ({ trial }) => trial.availability !== 'closed' && trial.sites.every(({ kind }) => kind === 'possible'),
  ).length;
  return html`<p>${words.results.maybeText}</p>
    ${withheld > 0 && html`<p>${fillCount(words.results.withheld, withheld, language)}</p>`}`;
}
