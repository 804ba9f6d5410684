import type { Trial } from '../trials/trial.ts';
import { html, type Html } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import type { TrialFacts } from './trial-facts.ts';
import * as parts from './trial-parts.ts';

/**
 * A trial for patients and families. `data-trial` tells the browser what the rules look at; places that begin with
 * `data-` are filled there.
 */
export function renderCard(trial: Trial, facts: TrialFacts, scene: Scene): Html {
  const { words } = scene;
  const phase = parts.describePhase(trial, words);
  return html`<li class="card" part="card" data-trial="${JSON.stringify(facts)}">
    <article aria-labelledby="title-${trial.nctId}">
      ${parts.renderStatus(trial, scene)}
      <div id="title-${trial.nctId}">${parts.renderTitle(trial, scene)}</div>
      <p class="identifiers">${parts.identifiersOf(trial).join(' · ')}</p>
      <p class="fit" data-fit hidden></p>
      <p class="age-edge" data-age-edge hidden>${words.card.ageEdge}</p>
      ${parts.renderNotices(trial, scene)}
      <p class="purpose">${parts.renderPurpose(trial, scene)}</p>
      <dl class="facts">
        <div>
          <dt>${words.card.ages}</dt>
          <dd>${parts.renderAges(trial, scene)}</dd>
        </div>
        <div>
          <dt>${words.card.phase}</dt>
          <dd>${phase.label}${phase.meaning !== '' && `: ${phase.meaning}`}</dd>
        </div>
        <div>
          <dt>${words.card.where}</dt>
          <dd>${parts.renderWhere(trial, scene)}</dd>
        </div>
        <div>
          <dt>${words.card.call}</dt>
          <dd>${parts.renderContact(trial, scene)}</dd>
        </div>
      </dl>
      <p class="actions">
        <a href="${linkTo(scene, `/trials/${trial.nctId}`)}" aria-describedby="title-${trial.nctId}"
          >${words.card.details}</a
        >
        <a
          href="${linkTo(scene, `/trials/${trial.nctId}`)}#print"
          data-print
          aria-describedby="title-${trial.nctId}"
          >${words.card.print}</a
        >
        <button type="button" data-copy-link hidden aria-describedby="title-${trial.nctId}">
          ${words.card.copyLink}
        </button>
      </p>
      ${parts.renderReasons(trial, scene)} ${parts.renderChecked(trial, scene)}
    </article>
  </li>`;
}
