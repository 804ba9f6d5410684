import type { Contact, CriteriaItem, Trial, TrialSite } from '../trials/trial.ts';
import { PHASES, type Availability, type Phase } from '../trials/vocabulary.ts';
import { bestAvailability } from '../trials/availability.ts';
import { phasesOf } from '../trials/phases.ts';
import { describeAges } from './age-words.ts';
import { renderAgeBar } from './age-bar.ts';
import { html, type Html } from './html.ts';
import { renderIcon } from './icons.ts';
import { linkTo, type Scene } from './scene.ts';
import { formatDay, formatPartialDate } from './words/dates.ts';
import { numberFormatOf } from './words/formats.ts';
import { fill } from './words/words.ts';

/**
 * The parts that cards, rows, trial pages and handouts are made of: each fact of a trial is rendered here and
 * nowhere else. Texts of the registry are marked as English whatever the page is in.
 */

/** The attribute, for a place in a tag. */
export const HIDDEN = html` hidden`;

/** Words of the registry. */
export function renderRegistryText(text: string): Html {
  return html`<span lang="en">${text}</span>`;
}

/** The status here, never by colour alone: `Open at Children's of Alabama`. */
export function renderStatus(trial: Trial, { words }: Scene): Html {
  const { availability, text } = describeStatus(trial, words);
  return renderPill(availability, text);
}

/** How a trial stands here, in words. What is open at a site without a name is open, but not said to be here. */
export function describeStatus(
  trial: Trial,
  words: Scene['words'],
): { readonly availability: Availability; readonly text: string } {
  const ours = trial.sites.filter(({ kind }) => kind !== 'possible');
  // A site whose name the sponsor withholds must not open a study that our own sites have closed.
  const availability = ours.length > 0 ? bestAvailability(ours) : trial.availability;
  if (availability !== 'open') return { availability, text: words.availability[availability] };
  const open = ours.filter((site) => site.availability === 'open');
  return open.length > 0
    ? { availability, text: fill(words.card.openAt, { site: open.map(({ name }) => name).join(', ') }) }
    : { availability: 'unknown', text: words.card.openUnnamed };
}

/** How a trial stands at a site; a site without a name is never said to be here (contract 5.4). */
function describeSiteStatus({ kind, availability }: TrialSite, words: Scene['words']): string {
  return kind === 'possible' && availability === 'open'
    ? words.siteKind.possibleOpen
    : words.availability[availability];
}

export function renderPill(availability: Availability, text: string): Html {
  return html`<span class="pill pill-${availability}" part="status"
    >${renderIcon(availability)}${text}</span
  >`;
}

/** The title leads to the page of the trial. */
export function renderTitle(trial: Trial, scene: Scene): Html {
  return renderHeading(scene.headingLevel, renderTitleLink(trial, scene), 'trial-title');
}

/** The title where a table gives it its place. */
export function renderTitleLink(trial: Trial, scene: Scene): Html {
  return html`<a href="${linkTo(scene, `/trials/${trial.nctId}`)}"
    >${renderRegistryText(trial.briefTitle)}</a
  >`;
}

/** A heading of a level that the page around it decides. */
export function renderHeading(level: number, content: Html | string, name: string): Html {
  switch (Math.min(Math.max(level, 1), 6)) {
    case 1:
      return html`<h1 class="${name}" part="title">${content}</h1>`;
    case 2:
      return html`<h2 class="${name}" part="title">${content}</h2>`;
    case 3:
      return html`<h3 class="${name}" part="title">${content}</h3>`;
    case 4:
      return html`<h4 class="${name}" part="title">${content}</h4>`;
    case 5:
      return html`<h5 class="${name}" part="title">${content}</h5>`;
    default:
      return html`<h6 class="${name}" part="title">${content}</h6>`;
  }
}

/** Names by which care teams know a trial: the acronym, else the protocol number, and the registry's number. */
export function identifiersOf(trial: Trial): string[] {
  const own = trial.acronym ?? protocolNumberOf(trial);
  return [...(own === null ? [] : [own]), trial.nctId];
}

/** Numbers of offices, by which nobody knows a protocol. */
const OFFICE_NUMBER = /^(?:NCI-|CDR|IRB)/;
/** As groups number theirs: `AALL1731`, `EA9181`, `APEC14B1`; no grant (`U10CA180886`) and no date. */
const GROUP_NUMBER = /^[A-Z]{1,5}\d{2,6}(?:[A-Z]\d)?$/;

/** Many records of groups give an office's number or none as their own, and the protocol's beside it (NCT03914625). */
function protocolNumberOf({ orgStudyId, secondaryIds }: Trial): string | null {
  if (orgStudyId !== null && !OFFICE_NUMBER.test(orgStudyId)) return orgStudyId;
  return secondaryIds.find((id) => GROUP_NUMBER.test(id) && !OFFICE_NUMBER.test(id)) ?? orgStudyId;
}

/** What the study does, by rule from structured fields. */
export function renderPurpose(trial: Trial, { words, language }: Scene): Html {
  const names = trial.interventions
    .toSorted((one, other) => rankOfType(one.type) - rankOfType(other.type))
    .map(({ name }) => name);
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  const [before = '', after = ''] = words.card.studied.split('{names}');
  const list = html`${before}<span lang="en">${shown.join(', ')}</span
    >${more > 0 ? `, ${fill(words.card.more, { count: numberFormatOf(language, {}).format(more) })}` : ''}${after}`;
  return html`${kindInWords(trial, words)}.${shown.length > 0 && html` ${list}.`}`;
}

/** Treatments before biopsies and questionnaires: records list all of them together, by the alphabet. */
const TREATMENT_TYPES = new Set(['DRUG', 'BIOLOGICAL', 'GENETIC', 'COMBINATION_PRODUCT', 'RADIATION']);

function rankOfType(type: string | null): number {
  return TREATMENT_TYPES.has(type ?? '') ? 0 : 1;
}

function kindInWords(trial: Trial, words: Scene['words']): string {
  if (trial.studyType === 'EXPANDED_ACCESS') return words.card.expandedAccess;
  if (trial.studyType === 'OBSERVATIONAL') return words.card.observes;
  if (trial.studyType !== 'INTERVENTIONAL') return words.card.otherKind;
  const isSupport = trial.facets.some(
    ({ id, polarity }) => id === 'purpose.supportive' && polarity === 'required',
  );
  return isSupport ? words.card.testsSupport : words.card.testsTreatment;
}

/** The ages with their bar, and on it what stands for the age that was entered, where one can be. */
export function renderAges(
  trial: Trial,
  { words, language }: Scene,
  entered: { readonly label: Html; readonly line: Html } | null = null,
): Html {
  const ages = describeAges(trial, { words, language });
  const label = entered?.label ?? fill(words.ages.bar, { ages });
  return html`<span data-part="ages">${ages}</span
    >${renderAgeBar(trial.ageRange, label, entered?.line ?? null)}`;
}

/** The ages alone, where there is no room for the bar. */
export function renderAgeWords(trial: Trial, { words, language }: Scene): Html {
  return html`<span data-part="ages">${describeAges(trial, { words, language })}</span>`;
}

/** The phase with what it means: `Phase 1/2: finds a safe dose; checks if it works and is safe`. */
export function describePhase(trial: Trial, words: Scene['words']): { label: string; meaning: string } {
  const phases = phasesOf(trial.phases).toSorted((one, other) => PHASES.indexOf(one) - PHASES.indexOf(other));
  if (phases.length === 0) return { label: words.phaseUnknown, meaning: '' };
  const meaning = phases.map((phase) => words.phase[phase].meaning).join('; ');
  return { label: joinPhases(phases, words), meaning };
}

function joinPhases(phases: readonly Phase[], words: Scene['words']): string {
  const [first, ...rest] = phases.map((phase) => words.phase[phase].label);
  return [first, ...rest.map((label) => label.slice(label.lastIndexOf(' ') + 1))].join('/');
}

/** Each site on a line of its own: an adult who is sent to the children's hospital has lost a day. */
export function renderWhere(trial: Trial, { words }: Scene): Html {
  return html`<ul class="sites">
    ${trial.sites.map(
      (site) =>
        html`<li>
          ${site.kind === 'possible' ? words.siteKind.possible : site.name}:
          ${describeSiteStatus(site, words)}
        </li>`,
    )}
  </ul>`;
}

/** Each site with its own status and people: who is sent to the other hospital has lost a day. */
export function renderSites(trial: Trial, scene: Scene): Html {
  return html`<ul class="site-list">
    ${trial.sites.map((site) => renderSite(site, scene))}
  </ul>`;
}

function renderSite(site: TrialSite, scene: Scene): Html {
  const { words } = scene;
  const { name, facility, kind, availability, inferred, contacts } = site;
  const shown = kind === 'possible' ? words.siteKind.possible : name;
  const reachable = contacts.filter(({ phone, email }) => phone !== null || email !== null);
  return html`<li>
    ${renderHeading(scene.headingLevel, shown, 'site-heading')}
    <p>${renderPill(availability, describeSiteStatus(site, words))}</p>
    ${inferred && html`<p class="hint">${words.trialPage.siteInferred}</p>`}
    ${facility !== null && facility !== shown && html`<p class="hint" lang="en">${facility}</p>`}
    ${reachable.length > 0 ? reachable.map((contact) => renderContactLine(contact, words)) : html`<p class="hint">${words.trialPage.siteNoContact}</p>`}
  </li>`;
}

/** The rules in the study team's words, each list under what it is for. */
export function renderCriteria({ eligibilityCriteria }: Trial, { words, headingLevel }: Scene): Html {
  const lists = (['inclusion', 'exclusion', 'other'] as const).filter(
    (section) => eligibilityCriteria[section].length > 0,
  );
  if (lists.length === 0) return html`<p>${words.trialPage.criteriaNone}</p>`;
  return html`<div class="criteria">
    ${lists.map(
      (section) =>
        html`<section class="criteria-${section}">
          ${renderHeading(headingLevel + 1, words.trialPage[section], 'criteria-title')}
          ${renderCriteriaList(eligibilityCriteria[section])}
        </section>`,
    )}
  </div>`;
}

function renderCriteriaList(criteria: readonly CriteriaItem[]): Html {
  return html`<ul lang="en">
    ${criteria.map(({ text, items }) => html`<li>${text}${items.length > 0 && renderCriteriaList(items)}</li>`)}
  </ul>`;
}

/** A long text of the registry, paragraph by paragraph. */
export function renderLongText(text: string): Html {
  const paragraphs = text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '');
  return html`<div class="long-text" lang="en">
    ${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
  </div>`;
}

/** Whom to call: the best contact that has a number or an address. */
export function renderContact(trial: Trial, { words }: Scene): Html {
  const contact = trial.contacts.find(({ phone, email }) => phone !== null || email !== null);
  return contact === undefined ? html`<p>${words.card.callNobody}</p>` : renderContactLine(contact, words);
}

export function renderContactLine(contact: Contact, words: Scene['words']): Html {
  const { name, phone, phoneExt, email } = contact;
  return html`<p class="contact" part="contact">
    ${name !== null && html`<span lang="en">${name}</span> `}${phone !== null && renderPhone(phone, phoneExt, words)}${email !== null && html` ${renderEmail(email)}`}
  </p>`;
}

/** Domains that nobody has (RFC 2606): what is masked in the bundled sample is no address to write to. */
const NOBODYS_DOMAIN = /@(?:[^@]*\.)?(?:example(?:\.(?:com|net|org))?|invalid|test)$/i;

function renderEmail(email: string): Html {
  if (NOBODYS_DOMAIN.test(email)) return html`<span>${email}</span>`;
  return html`<a href="mailto:${encodeURIComponent(email).replace('%40', '@')}">${email}</a>`;
}

/** A number that a telephone can call, with the number as it is written. */
export function renderPhone(phone: string, extension: string | null, words: Scene['words']): Html {
  const shown = extension === null ? phone : `${phone} ${fill(words.card.extension, { number: extension })}`;
  const number = dialable(phone, extension);
  return number === null ? html`<span>${shown}</span>` : html`<a href="tel:${number}">${shown}</a>`;
}

/** Numbers of this country that are kept for fiction and ring nowhere, as those that are masked in the bundled sample. */
const NOBODYS_NUMBER = /^(?:1?\d{3})?55501\d{2}$/;

/** RFC 3966; ten digits are a number of this country. */
function dialable(phone: string, extension: string | null): string | null {
  const digits = phone.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15 || NOBODYS_NUMBER.test(digits)) return null;
  const number =
    digits.length === 10
      ? `+1${digits}`
      : digits.length === 11 && digits.startsWith('1')
        ? `+${digits}`
        : phone.trim().startsWith('+')
          ? `+${digits}`
          : digits;
  const inner = extension?.replace(/\D/g, '') ?? '';
  return inner === '' ? number : `${number};ext=${inner}`;
}

/** How current all of this is, and where it comes from. */
export function renderChecked(trial: Trial, scene: Scene): Html {
  const { words, language, checkedAt, timeZone } = scene;
  const parts = [
    checkedAt === null
      ? null
      : fill(words.card.checked, { date: formatDay(checkedAt, { language, timeZone }) }),
    trial.statusVerified === null
      ? words.card.notConfirmed
      : fill(words.card.confirmed, { date: formatPartialDate(trial.statusVerified, language) }),
  ].filter((part) => part !== null);
  const said = parts.join(' · ');
  return html`<p class="checked">
    ${said.charAt(0).toUpperCase() + said.slice(1)} ·
    <a href="${trial.url}" rel="noreferrer">${fill(words.card.registryLink, { id: trial.nctId })}</a>
  </p>`;
}

/** Remarks that belong beside the status. */
export function renderNotices(trial: Trial, { words }: Scene): Html | null {
  const codes = [...new Set(trial.notices.map(({ code }) => code))];
  if (codes.length === 0) return null;
  return html`<ul class="notices" aria-label="${words.card.notices}">
    ${codes.map((code) => html`<li>${words.notice[code]}</li>`)}
  </ul>`;
}

/** Why the trial is on the list: its sites, its ages, the words that make it belong, and what was asked. */
export function renderReasons(trial: Trial, scene: Scene, asked: readonly Html[] = []): Html {
  const { words } = scene;
  const sites = trial.sites.map((site) => (site.kind === 'possible' ? words.siteKind.possible : site.name));
  const said = trial.relevance.evidence[0];
  return html`<details class="why">
    <summary>${words.card.why}</summary>
    <ul>
      <li>${fill(words.card.whySites, { sites: [...new Set(sites)].join(', ') })}</li>
      <li>
        ${words.card.whyTier[trial.relevance.tier]}${said !== undefined && html` ${words.card.whyWords}: <q lang="en">${said.text}</q>`}
      </li>
      <li>${fill(words.card.whyAges, { ages: describeAges(trial, scene) })}</li>
      ${asked}
    </ul>
  </details>`;
}
