import { groupOfFacet } from '../trials/facet-groups.ts';
import type { Facet, FacetEvidence, Trial } from '../trials/trial.ts';
import { describeAges } from './age-words.ts';
import { html, type Html, type Part } from './html.ts';
import { linkTo, type Scene } from './scene.ts';
import * as parts from './trial-parts.ts';
import { formatPartialDate } from './words/dates.ts';
import { fill, fillCount } from './words/words.ts';

/** What a page of a trial needs beside the trial. */
export interface TrialPageContext {
  readonly scene: Scene;
  /** The page's own address, for whoever reads it on paper. */
  readonly address: string;
  /** What facets are called in plain words. */
  readonly facetLabels: ReadonlyMap<string, string>;
}

/** The name of the page: what a tab, a bookmark and a search engine show. */
export function titleTrialPage(trial: Trial, { words }: Scene): string {
  return fill(words.trialPage.title, { title: trial.briefTitle, id: trial.nctId });
}

/** One sentence for previews. */
export function summarizeForPreview(trial: Trial, scene: Scene): string {
  const { words } = scene;
  return fill(words.trialPage.description, {
    status: parts.describeStatus(trial, words).text,
    ages: describeAges(trial, scene),
    phase: parts.describePhase(trial, words).label,
  });
}

/** Everything of one trial, to share and to print. What is marked `screen` is not on the one-page handout. */
export function renderTrialPage(trial: Trial, context: TrialPageContext): Html {
  const { scene, address } = context;
  const { words } = scene;
  return html`<article class="finder trial-page" data-trial-page>
    <p class="screen"><a href="${linkTo(scene, '/')}">${words.trialPage.back}</a></p>
    ${parts.renderStatus(trial, scene)}
    ${parts.renderHeading(1, parts.renderRegistryText(trial.briefTitle), 'trial-page-title')}
    <p class="identifiers">${parts.identifiersOf(trial).join(' · ')}</p>
    ${parts.renderNotices(trial, scene)}
    <p class="purpose">${parts.renderPurpose(trial, scene)}</p>
    ${renderKeyFacts(trial, scene)}
    <p class="actions screen">
      <button type="button" data-print-page hidden>${words.trialPage.print}</button>
    </p>
    ${renderStudyTexts(trial, scene)} ${renderFacts(trial, scene)} ${renderWhy(trial, context)}
    ${renderSource(trial, scene)}
    <p class="paper">${fill(words.trialPage.address, { address })}</p>
  </article>`;
}

/** What a family and a nurse ask first. */
function renderKeyFacts(trial: Trial, scene: Scene): Html {
  const { words, language } = scene;
  const phase = parts.describePhase(trial, words);
  const { otherSitesCount } = trial;
  return renderFactList([
    [words.card.ages, parts.renderAges(trial, scene)],
    [words.card.phase, `${phase.label}${phase.meaning === '' ? '' : `: ${phase.meaning}`}`],
    [
      words.trialPage.sites,
      html`${parts.renderSites(trial, scene)}${otherSitesCount > 0 && html`<p class="hint screen">${fillCount(words.trialPage.otherSites, otherSitesCount, language)}</p>`}`,
    ],
    [words.trialPage.callFirst, parts.renderContact(trial, scene)],
    [words.trialPage.whyStopped, trial.whyStopped !== null && parts.renderRegistryText(trial.whyStopped)],
  ]);
}

/** Facts that are there; what the registry does not say has no line. */
function renderFactList(facts: readonly (readonly [string, Part])[]): Html {
  const known = facts.filter(([, fact]) => fact !== null && fact !== false && fact !== '');
  return html`<dl class="facts">
    ${known.map(
      ([name, fact]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${fact}</dd>
        </div>`,
    )}
  </dl>`;
}

function renderSection(title: string, content: Html, scene: Scene): Html {
  return html`<section class="screen">
    ${parts.renderHeading(scene.headingLevel, title, 'section-title')}${content}
  </section>`;
}

function renderStudyTexts(trial: Trial, scene: Scene): Html {
  const { words } = scene;
  const { briefSummary, detailedDescription } = trial;
  const saidBy = html`<p class="hint">${words.card.studyTeamWords}</p>`;
  const summary =
    briefSummary === null
      ? html`<p>${words.trialPage.summaryNone}</p>`
      : html`${saidBy}${parts.renderLongText(briefSummary)}`;
  const long =
    detailedDescription !== null &&
    html`<details>
      <summary>${words.trialPage.longText}</summary>
      ${parts.renderLongText(detailedDescription)}
    </details>`;
  const criteria = html`<p>${words.trialPage.criteriaLead}</p>
    ${saidBy}${parts.renderCriteria(trial, scene)}`;
  return html`${renderSection(words.trialPage.summary, html`${summary}${long}`, scene)}${renderSection(words.trialPage.criteria, criteria, scene)}`;
}

function renderFacts(trial: Trial, scene: Scene): Html {
  const { words } = scene;
  const { trialPage } = words;
  const { dates, leadSponsor } = trial;
  const sexes: Readonly<Record<string, string>> = trialPage.sexes;
  const names = (texts: readonly string[]): Part =>
    texts.length > 0 && parts.renderRegistryText(texts.join(', '));
  const facts = renderFactList([
    [trialPage.officialTitle, trial.officialTitle !== null && parts.renderRegistryText(trial.officialTitle)],
    [trialPage.identifiers, allIdentifiersOf(trial).join(' · ')],
    [trialPage.conditions, names(trial.conditions)],
    [trialPage.interventions, names(trial.interventions.map(({ name }) => name))],
    [trialPage.sex, trial.sex !== null && (sexes[trial.sex] ?? parts.renderRegistryText(trial.sex))],
    [trialPage.sponsor, leadSponsor !== null && parts.renderRegistryText(leadSponsor.name)],
    [trialPage.collaborators, names(trial.collaborators.map(({ name }) => name))],
    [trialPage.investigators, names(trial.investigators.map(describeInvestigator))],
    [trialPage.enrollment, describeEnrollment(trial, scene)],
    [trialPage.starts, describeDate(dates.start, scene)],
    [trialPage.primaryEnds, describeDate(dates.primaryCompletion, scene)],
    [trialPage.ends, describeDate(dates.completion, scene)],
    [trialPage.firstPosted, describeDate(dated(dates.firstPosted), scene)],
    [trialPage.lastUpdated, describeDate(dated(dates.lastUpdatePosted), scene)],
    [trialPage.results, trial.hasResults && trialPage.hasResults],
  ]);
  return renderSection(trialPage.facts, facts, scene);
}

function allIdentifiersOf(trial: Trial): string[] {
  const own = [trial.acronym, trial.orgStudyId].filter((id) => id !== null);
  return [...new Set([trial.nctId, ...own, ...trial.secondaryIds, ...trial.aliases])];
}

function describeInvestigator({ name, affiliation }: Trial['investigators'][number]): string {
  return affiliation === null ? name : `${name} (${affiliation})`;
}

function describeEnrollment({ enrollment }: Trial, { words, language }: Scene): string | null {
  if (enrollment === null || enrollment.count === null) return null;
  const count = new Intl.NumberFormat(language).format(enrollment.count);
  return enrollment.type === 'ESTIMATED' ? fill(words.trialPage.enrollmentPlanned, { count }) : count;
}

function dated(date: string | null): Trial['dates']['start'] {
  return date === null ? null : { date, type: null };
}

function describeDate(event: Trial['dates']['start'], { words, language }: Scene): string | null {
  if (event === null) return null;
  const date = formatPartialDate(event.date, language);
  return event.type === 'ESTIMATED' ? fill(words.trialPage.estimated, { date }) : date;
}

/** Why it is here, down to the words; what the rules read is folded, for it is no answer to anybody. */
function renderWhy(trial: Trial, { scene, facetLabels }: TrialPageContext): Html {
  const { words } = scene;
  const evidence = [...new Set(trial.relevance.evidence.map(({ text }) => text))];
  const facets = trial.facets.filter(({ id }) => groupOfFacet(id) !== 'disease');
  const content = html`${parts.renderReasons(trial, scene)}${
    evidence.length > 0 &&
    html`<details>
      <summary>${words.trialPage.evidence}</summary>
      <ul>
        ${evidence.map((text) => html`<li><q lang="en">${text}</q></li>`)}
      </ul>
    </details>`
  }${
    facets.length > 0 &&
    html`<details>
      <summary>${words.trialPage.facets}</summary>
      <p>${words.trialPage.facetsLead}</p>
      <dl class="facets">${facets.map((facet) => renderFacet(facet, scene, facetLabels))}</dl>
    </details>`
  }`;
  return renderSection(words.trialPage.why, content, scene);
}

function renderFacet(
  { id, polarity, evidence }: Facet,
  { words }: Scene,
  labels: ReadonlyMap<string, string>,
): Html {
  return html`<div>
    <dt><span lang="en">${labels.get(id) ?? id}</span>: ${words.trialPage.polarity[polarity]}</dt>
    ${evidence.map((one) => html`<dd>${renderSentence(one, words)}</dd>`)}
  </div>`;
}

function renderSentence({ section, sentence }: FacetEvidence, words: Scene['words']): Html {
  return html`${words.trialPage.sectionOf[section]}: <q lang="en">${sentence}</q>`;
}

function renderSource(trial: Trial, scene: Scene): Html {
  const { words, language } = scene;
  const { dataDate } = trial.source;
  const source =
    dataDate === null
      ? words.trialPage.sourceDataUnknown
      : fill(words.trialPage.sourceData, { date: formatPartialDate(dataDate, language) });
  return html`<footer class="trial-source">
    ${parts.renderChecked(trial, scene)}
    <p>
      ${source}
      <a class="screen" href="${linkTo(scene, '/about')}#changes">${words.trialPage.sourceChanges}</a>
    </p>
  </footer>`;
}
