import { expect, test } from 'vitest';
import type { Edition } from '../../src/catalog/catalog.ts';
import { createTrialBlanks } from '../../src/http/trial-blanks.ts';
import type { Trial } from '../../src/trials/trial.ts';
import type { FoundTrial, View } from '../../src/web/finder.ts';
import { html, markPlace, type Html } from '../../src/web/html.ts';
import type { Scene } from '../../src/web/scene.ts';
import { WORDS } from '../../src/web/words/words.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';

const [listed] = sampleSnapshot.indexed as [Edition['snapshot']['indexed'][number]];
const SCENE: Scene = {
  language: 'en',
  words: WORDS.en,
  base: '',
  headingLevel: 3,
  timeZone: 'America/Chicago',
  checkedAt: '2026-11-24T11:30:00.000Z',
  siteNames: {},
};

function createCounted(maxBytes = 1_000_000) {
  const blanks = createTrialBlanks({ pack, maxBytes });
  const rendered: string[] = [];
  const find = (
    changes: Partial<Scene>,
    { trial = listed.trial, view = 'patient' }: { trial?: Trial; view?: View } = {},
  ) => {
    const found: FoundTrial = { trial, facts: blanks.findFacts(listed, view), ageFit: null };
    const scene = { ...SCENE, ...changes };
    const render = (): Html => {
      rendered.push(`${view} ${scene.language}`);
      return html`<p ${markPlace('hidden')}>${trial.briefTitle} ${markPlace('fit')}ñ</p>`;
    };
    return blanks.findBlank({ found, view, scene, render, places: ['hidden', 'fit'] });
  };
  return { find, rendered };
}

test('a trial is rendered once for the same scene, whatever minute of the day the list was checked', () => {
  const { find, rendered } = createCounted();
  const first = find({});
  expect(find({})).toBe(first);
  expect(find({ checkedAt: '2026-11-24T16:00:00.000Z' })).toBe(first);
  expect(rendered).toHaveLength(1);
});

test.each([
  ['language', { language: 'es', words: WORDS.es }],
  ['level of headings', { headingLevel: 4 }],
  ['place of the page', { base: 'https://trials.example' }],
  ['zone of time', { timeZone: 'Asia/Tokyo' }],
  ['day of the check', { checkedAt: '2026-11-25T11:30:00.000Z' }],
  ['lack of a check', { checkedAt: null }],
] as const)('another %s is another rendering', (_what, changes) => {
  const { find, rendered } = createCounted();
  const first = find({});
  expect(find(changes)).not.toBe(first);
  expect(rendered).toHaveLength(2);
});

test('the language tells renderings apart also where nobody checked the list and no day is shown', () => {
  const { find, rendered } = createCounted();
  find({ checkedAt: null });
  find({ checkedAt: null, language: 'es', words: WORDS.es });
  expect(rendered).toEqual(['patient en', 'patient es']);
});

test('another view or a new record of the same trial is another rendering', () => {
  const { find, rendered } = createCounted();
  find({});
  find({}, { view: 'clinician' });
  expect(rendered).toEqual(['patient en', 'clinician en']);
  const changed = { ...listed.trial, briefTitle: 'Another title' };
  expect(find({}, { trial: changed }).bytes.toString()).toContain('Another title');
  expect(rendered).toHaveLength(3);
});

test('the places are where the marks were, counted in bytes', () => {
  const { find } = createCounted();
  const { bytes, places } = find({});
  const [hidden, fit] = places.map(({ at }) => at) as [number, number];
  expect(places.map(({ name }) => name)).toEqual(['hidden', 'fit']);
  expect(bytes.subarray(0, hidden).toString()).toBe('<p ');
  expect(bytes.subarray(fit).toString()).toBe('ñ</p>');
});

test('what does not fit into the memory is rendered each time', () => {
  const { find, rendered } = createCounted(10);
  expect(find({}).bytes.equals(find({}).bytes)).toBe(true);
  expect(rendered).toHaveLength(2);
});

test('the words of a search are there whenever they are asked for', () => {
  const blanks = createTrialBlanks({ pack, maxBytes: 1 });
  const { words } = blanks.findFacts(listed, 'clinician');
  expect(words.length).toBeGreaterThan(20);
  expect({ ...blanks.findFacts(listed, 'clinician') }.words).toEqual(words);
  expect(blanks.findFacts(listed, 'patient').words).toEqual([]);
});
