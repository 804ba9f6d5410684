import { expect, test } from 'vitest';
import type { Availability } from '../../src/trials/vocabulary.ts';
import type { Trial } from '../../src/trials/trial.ts';
import type { Scene } from '../../src/web/scene.ts';
import { renderStatus, renderWhere } from '../../src/web/trial-parts.ts';
import { summarizeForPreview } from '../../src/web/trial-page.ts';
import { LANGUAGES, WORDS, type Language } from '../../src/web/words/words.ts';
import { sampleSnapshot } from '../support/sample.ts';

const withheld = sampleSnapshot.trials.find(({ sites }) =>
  sites.every(({ kind }) => kind === 'possible'),
) as Trial;
const ours = sampleSnapshot.trials.find(({ sites }) =>
  sites.every(({ kind }) => kind === 'confirmed'),
) as Trial;

function sceneIn(language: Language): Scene {
  return {
    language,
    words: WORDS[language],
    base: '',
    headingLevel: 3,
    timeZone: 'America/Chicago',
    siteNames: {},
    checkedAt: null,
  };
}

function standing(trial: Trial, availability: Availability): Trial {
  return { ...trial, availability, sites: trial.sites.map((site) => ({ ...site, availability })) };
}

/** All that a card, a row, a page and a preview say of how a trial stands. */
function saidOf(trial: Trial, scene: Scene): string {
  return `${renderStatus(trial, scene).toString()}${renderWhere(trial, scene).toString()}${summarizeForPreview(trial, scene)}`;
}

test.each(LANGUAGES)('a site without a name that is open is not said to be open here (%s)', (language) => {
  const scene = sceneIn(language);
  const { availability, card, siteKind } = scene.words;
  const said = saidOf(standing(withheld, 'open'), scene);
  expect(said).not.toContain(availability.open);
  expect(said).not.toContain('pill-open"');
  expect(said).toContain(card.openUnnamed);
  expect(said).toContain(siteKind.possibleOpen);
});

test('a preview says that our own sites are closed whatever a site without a name does', () => {
  const scene = sceneIn('en');
  const [site] = standing(withheld, 'open').sites;
  const closed = standing(ours, 'closed');
  const mixed: Trial = {
    ...closed,
    availability: 'open',
    sites: [...closed.sites, site as Trial['sites'][number]],
  };
  expect(summarizeForPreview(mixed, scene)).toContain(scene.words.availability.closed);
});
