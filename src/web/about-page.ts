import { html, type Html } from './html.ts';
import type { PageFrame } from './page.ts';
import type { Scene } from './scene.ts';
import { formatDay, formatPartialDate } from './words/dates.ts';
import { renderPhones, type Phone } from './phones.ts';
import { fill } from './words/words.ts';

/** Where the list comes from, and what we do with it and with its readers. */
export function renderAboutPage(
  { scene, list }: Pick<PageFrame, 'scene' | 'list'>,
  { phones, failedAt }: { phones: readonly Phone[]; failedAt: string | null },
): Html {
  const { words, language } = scene;
  const { aboutPage } = words;
  // The registry's own day: it tells no zone, and a machine's would not be the same on every replica.
  const dataDate = list?.sourceDataTimestamp ?? null;
  return html`<article class="finder about-page">
    <h1>${aboutPage.title}</h1>
    ${section(
      'source',
      aboutPage.sourceTitle,
      html`${texts(aboutPage.source)}
        <p><a href="https://clinicaltrials.gov/" rel="noreferrer">${aboutPage.registryLink}</a></p>
        <p>
          <a href="https://clinicaltrials.gov/about-site/terms-conditions" rel="noreferrer"
            >${aboutPage.termsLink}</a
          >
        </p>`,
    )}
    ${section(
      'current',
      aboutPage.currentTitle,
      html`<p>
          ${dataDate !== null && fill(aboutPage.dataDate, { date: formatPartialDate(dataDate.slice(0, 10), language) })}
          ${describeCheck(scene, failedAt)}
        </p>
        ${texts(aboutPage.current)}`,
    )}
    ${section('open', aboutPage.openTitle, texts(aboutPage.open))}
    ${section('who', aboutPage.whoTitle, html`<p>${words.page.whoTreatsWhom}</p>`)}
    ${section(
      'changes',
      aboutPage.changesTitle,
      html`<p>${aboutPage.changesLead}</p>
        <ul>
          ${aboutPage.changes.map((text) => html`<li>${text}</li>`)}
        </ul>`,
    )}
    ${section(
      'accessibility',
      aboutPage.accessTitle,
      html`${texts(aboutPage.access)} ${renderReport(phones, scene)}`,
    )}
    ${section('privacy', aboutPage.privacyTitle, texts(aboutPage.privacy))}
    ${section('language', aboutPage.languageTitle, texts(aboutPage.language))}
  </article>`;
}

/** When the list was last checked; of one that never was, when that was last tried. */
function describeCheck({ words, language, timeZone, checkedAt }: Scene, failedAt: string | null): string {
  const { checked, checkFailed, neverChecked } = words.aboutPage;
  const day = (moment: string): string => formatDay(moment, { language, timeZone });
  if (checkedAt !== null) return fill(checked, { date: day(checkedAt) });
  return failedAt === null ? neverChecked : fill(checkFailed, { date: day(failedAt) });
}

function section(name: string, title: string, content: Html): Html {
  return html`<section id="${name}">
    <h2>${title}</h2>
    ${content}
  </section>`;
}

function texts(paragraphs: readonly string[]): Html {
  return html`${paragraphs.map((text) => html`<p>${text}</p>`)}`;
}

/** Whom to tell of a barrier: people, since there is no form that would store anything. */
function renderReport(phones: readonly Phone[], scene: Scene): Html {
  const { accessAsk, accessCall } = scene.words.aboutPage;
  if (phones.length === 0) return html`<p>${accessAsk}</p>`;
  return html`<p>${accessCall}</p>
    ${renderPhones(phones, scene)}`;
}
