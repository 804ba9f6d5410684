import type { Trial } from '../trials/trial.ts';
import { renderAgeLine } from './age-bar.ts';
import { describeAges } from './age-words.ts';
import { browserWords } from './browser-words.ts';
import { describeCard, type CardAnswers } from './describe-card.ts';
import type { FoundTrial, PlaceTrial } from './finder.ts';
import { html, markPlace, type Html } from './html.ts';
import type { PatientAnswers } from './patient-answers.ts';
import { linkTo, type Scene } from './scene.ts';
import type { Language } from './words/words.ts';
import * as parts from './trial-parts.ts';

/** What a card says because of the question; each stands in a place of its own. */
const PLACES = ['hidden', 'fit', 'bar', 'line', 'edge', 'why-age', 'why-treatment'] as const;
type Place = (typeof PLACES)[number];

/**
 * A trial for patients and families. `data-trial` tells the browser what the rules look at; the places whose names
 * begin with `data-` are filled by the same words there when answers change.
 */
export function placeCard(
  place: PlaceTrial,
  found: FoundTrial,
  { answers, scene, isShown }: { answers: PatientAnswers; scene: Scene; isShown: boolean },
): Html {
  const fill = (): Record<Place, Html | false> => {
    const { language } = scene;
    const voice = { words: browserWords(scene), language };
    const said = describeCard({ facts: found.facts, ages: agesOf(found.trial, scene) }, answers, voice);
    return {
      hidden: !isShown && parts.HIDDEN,
      fit: renderFit(said.fit, scene),
      bar: html`${said.bar.label}`,
      line: said.bar.days !== null && renderAgeLine(said.bar.days),
      edge: !said.isAtEdge && parts.HIDDEN,
      'why-age': renderAskedReason('age', said.ageReason),
      'why-treatment': renderAskedReason('treatment', said.treatmentReason),
    };
  };
  const render = (): Html => renderBlankCard(found, scene);
  return place({ found, view: 'patient', scene, render, places: PLACES }, fill);
}

/** Every page asks for them, and to read them takes longer than all that is filled into a card. */
const agesInWords: Readonly<Record<Language, WeakMap<Trial, string>>> = {
  en: new WeakMap(),
  es: new WeakMap(),
};

function agesOf(trial: Trial, scene: Scene): string {
  const known = agesInWords[scene.language];
  const ages = known.get(trial) ?? describeAges(trial, scene);
  known.set(trial, ages);
  return ages;
}

/** Made of the trial and the scene alone, whatever is asked. */
function renderBlankCard({ trial, facts }: Pick<FoundTrial, 'trial' | 'facts'>, scene: Scene): Html {
  const { words } = scene;
  const page = linkTo(scene, `/trials/${trial.nctId}`);
  const phase = parts.describePhase(trial, words);
  const mark = (name: Place): Html => markPlace(name);
  return html`<li class="card" part="card" data-trial="${JSON.stringify(facts)}" ${mark('hidden')}>
    <article aria-labelledby="title-${trial.nctId}">
      ${parts.renderStatus(trial, scene)}
      <div id="title-${trial.nctId}">${parts.renderTitle(trial, scene)}</div>
      <p class="identifiers">${parts.identifiersOf(trial).join(' · ')}</p>
      ${parts.renderNotices(trial, scene)}
      <p class="purpose">${parts.renderPurpose(trial, scene)}</p>
      ${mark('fit')}
      <dl class="facts">
        <div>
          <dt>${words.card.ages}</dt>
          <dd>
            ${parts.renderAges(trial, scene, { label: mark('bar'), line: mark('line') })}
            <p class="age-edge" data-age-edge ${mark('edge')}>${words.card.ageEdge}</p>
          </dd>
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
        <a href="${page}" data-page aria-describedby="title-${trial.nctId}">${words.card.details}</a>
        <a href="${page}#print" data-print aria-describedby="title-${trial.nctId}">${words.card.print}</a>
        <button type="button" data-copy-link hidden aria-describedby="title-${trial.nctId}">
          ${words.card.copyLink}
        </button>
        <span class="copied" role="status" data-copied></span>
      </p>
      ${parts.renderReasons(trial, scene, [mark('why-age'), mark('why-treatment')])}
      ${parts.renderChecked(trial, scene)}
    </article>
  </li>`;
}

/** How the text of the trial answers where somebody is in treatment, with the sentence that decided. */
function renderFit(fit: CardAnswers['fit'], { words }: Scene): Html {
  const sentence = fit?.sentence ?? null;
  return html`<div class="fit" data-fit data-verdict="${fit?.verdict ?? ''}" ${fit === null && html` hidden`}>
    <p class="fit-label" data-fit-label>${fit?.label ?? ''}</p>
    <p class="fit-said" data-fit-said ${sentence === null && html` hidden`}>
      ${words.fit.sentence} <q lang="en" data-fit-sentence>${sentence ?? ''}</q>
    </p>
  </div>`;
}

function renderAskedReason(name: 'age' | 'treatment', reason: string | null): Html {
  return html`<li data-why="${name}" ${reason === null && html` hidden`}>${reason ?? ''}</li>`;
}
