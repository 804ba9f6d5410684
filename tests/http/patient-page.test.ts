import { expect, test } from 'vitest';
import { arrangeCards, countLeft } from '../../src/web/arrange-cards.ts';
import type { BrowserWords } from '../../src/web/browser-words.ts';
import { describeCard } from '../../src/web/describe-card.ts';
import { answersOfLink, queryOf, NO_ANSWERS } from '../../src/web/patient-answers.ts';
import type { TrialFacts } from '../../src/web/trial-facts.ts';
import { TREATMENT } from '../../src/web/treatment.ts';
import { describeLeft, findUndos } from '../../src/web/undo-answers.ts';
import { FITS, type Fit } from '../../src/trials/facet-groups.ts';
import { understandFilters } from '../../src/trials/trial-query.ts';
import { askIndex, sampleSnapshot } from '../support/sample.ts';
import { buildTestApp } from '../support/test-app.ts';

const { server } = await buildTestApp();

/** A page as a browser gets it, with the few things read out of it that these tests compare. */
async function openPage(query: string) {
  const answer = await server.inject(`/${query}`);
  expect(answer.statusCode).toBe(200);
  const text = unescape(answer.body.replace(/\s+/g, ' '));
  return {
    raw: answer.body.replace(/\s+/g, ' '),
    text,
    groups: readGroups(answer.body.replace(/\s+/g, ' ')),
  };
}

function unescape(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

interface SeenCard {
  readonly facts: TrialFacts;
  readonly ages: string;
  readonly isShown: boolean;
  readonly told: readonly string[];
}

function readGroups(raw: string): { group: string; cards: SeenCard[] }[] {
  const parts = raw.split(/data-group="/).slice(1);
  return parts.map((part) => ({
    group: part.slice(0, part.indexOf('"')),
    cards: part
      .split(/<li class="card"/)
      .slice(1)
      .map(readCard),
  }));
}

function readCard(raw: string): SeenCard {
  const tag = raw.slice(0, raw.indexOf('>'));
  const facts = JSON.parse(unescape(/data-trial="([^"]*)"/.exec(tag)?.[1] ?? '')) as TrialFacts;
  const take = (pattern: RegExp): string => unescape(pattern.exec(raw)?.[1] ?? '').trim();
  return {
    facts,
    ages: take(/data-part="ages" ?>([^<]*)</),
    isShown: !tag.trimEnd().endsWith(' hidden'),
    told: [
      take(/data-verdict="([^"]*)"/),
      take(/data-fit-label ?>([^<]*)</),
      take(/data-fit-sentence ?>([^<]*)</),
      String(!/data-age-edge hidden/.test(raw)),
      take(/<title>([^<]*)</),
      String(raw.includes('data-age-line')),
      take(/data-why="age"[^>]*>([^<]*)</),
      take(/data-why="treatment"[^>]*>([^<]*)</),
    ],
  };
}

const QUESTIONS = [
  '',
  '?age=4&setting=newly_diagnosed',
  '?age=34&setting=relapsed,refractory',
  '?age=8+months&setting=newly_diagnosed',
  '?age=70&setting=newly_diagnosed',
  '?age=17&setting=maintenance',
  '?age=31,5',
  '?age=8+meses&ageGroup=adult',
  '?age=eight&ageGroup=child',
  '?ageGroup=child,aya&setting=post_transplant',
  '?ageGroup=child&phase=2&availability=open',
  '?ageGroup=older_adult&phase=1&setting=mrd_positive',
  '?setting=relapsed',
  '?phase=4&availability=open&setting=survivorship',
];

test.each(QUESTIONS)('the browser shows what the server shows for %j', async (question) => {
  const asked = await openPage(question);
  // The browser has the page that asks nothing: whatever is asked there has to become what the server renders.
  const plain = await openPage('');
  const words = JSON.parse(
    /data-words="([^"]*)"/
      .exec(plain.raw)?.[1]
      ?.replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&') ?? '',
  ) as BrowserWords;
  const answers = answersOfLink(new URLSearchParams(question));
  const voice = { words, language: 'en' } as const;
  const groups = arrangeCards(
    plain.groups.flatMap(({ cards }) => cards),
    answers,
  );
  expect(groups.map(({ group }) => group)).toEqual(asked.groups.map(({ group }) => group));
  groups.forEach(({ shown, left }, place) => {
    const seen = asked.groups[place]?.cards ?? [];
    const order = [...shown.map((card) => [card, true]), ...left.map((card) => [card, false])] as [
      SeenCard,
      boolean,
    ][];
    expect(seen.map(({ facts, isShown }) => [facts.nctId, isShown])).toEqual(
      order.map(([{ facts }, isShown]) => [facts.nctId, isShown]),
    );
    expect(seen.map(({ told }) => told)).toEqual(
      order.map(([card]) => {
        const said = describeCard(card, answers, voice);
        return [
          said.fit?.verdict ?? '',
          said.fit?.label ?? '',
          said.fit?.sentence?.replace(/\s+/g, ' ').trim() ?? '',
          String(said.isAtEdge),
          said.bar.label,
          String(said.bar.days !== null),
          said.ageReason ?? '',
          said.treatmentReason ?? '',
        ];
      }),
    );
  });
  const left = countLeft(groups);
  expect(asked.text).toContain(describeLeft(left, voice));
  const undos =
    left.taking > 0
      ? []
      : findUndos(
          plain.groups.flatMap(({ cards }) => cards),
          answers,
          voice,
        );
  for (const { said, action } of undos) {
    expect(asked.text).toContain(said);
    expect(asked.text).toContain(action);
  }
});

test.each(QUESTIONS)('the list of the service has the studies that families see for %j', async (question) => {
  const { groups } = await openPage(question);
  const shown = groups.flatMap(({ group, cards }) =>
    group === 'maybe' ? [] : cards.filter(({ isShown }) => isShown).map(({ facts }) => facts.nctId),
  );
  const { page } = askIndex(sampleSnapshot, queryOf(answersOfLink(new URLSearchParams(question))));
  const listed = page.map((place) => sampleSnapshot.trials[place]?.nctId);
  expect(new Set(shown)).toEqual(new Set(listed));
});

test('no answer on treatment leaves a study out, and the verdicts are those of the service', async () => {
  const plain = await openPage('');
  for (const settings of Object.values(TREATMENT)) {
    if (settings.length === 0) continue;
    const { groups } = await openPage(`?setting=${settings.join()}`);
    const seen = groups.flatMap(({ cards }) => cards);
    const shownIds = (cards: SeenCard[]): string[] =>
      cards
        .filter(({ isShown }) => isShown)
        .map(({ facts }) => facts.nctId)
        .toSorted();
    expect(shownIds(seen)).toEqual(shownIds(plain.groups.flatMap(({ cards }) => cards)));
    const query = { ...understandFilters({}), setting: settings, match: FITS };
    for (const { facts, told } of seen) {
      const judged = sampleSnapshot.indexed.find(({ trial }) => trial.nctId === facts.nctId);
      expect(told[0]).toBe(judged?.judgeFit(query)?.verdict);
    }
    for (const { cards } of groups) {
      const ranks = cards.filter(({ isShown }) => isShown).map(({ told }) => FITS.indexOf(told[0] as Fit));
      expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
    }
  }
});

test('what nobody asked is what the service asks by itself, but for verdicts that leave nothing out', () => {
  const ours = queryOf(NO_ANSWERS);
  expect({ ...ours, limit: 0 }).toEqual({ ...understandFilters({}), match: FITS, limit: 0 });
});

test('every number of the table leads to a page with so many studies', async () => {
  const { raw } = await openPage('');
  const table = raw.slice(raw.indexOf('<table class="phase-age"'));
  const cells = [...table.matchAll(/href="([^"]*)"[^>]*>(\d+)<span/g)];
  expect(cells.length).toBeGreaterThan(5);
  for (const [, href = '', count] of cells) {
    const { groups, text } = await openPage(href.replaceAll('&amp;', '&').slice(1));
    const listed = groups.filter(({ group }) => group !== 'maybe');
    expect(listed.flatMap(({ cards }) => cards.filter(({ isShown }) => isShown))).toHaveLength(Number(count));
    expect(text).toMatch(new RegExp(`data-status [^>]*> ?${count} stud`));
  }
});

test('an age that cannot be read is shown again with how to write one', async () => {
  const { raw } = await openPage('?age=eight');
  expect(raw).toMatch(/value="eight"/);
  expect(raw).toMatch(/aria-invalid="true"/);
  expect(raw).not.toMatch(/data-age-error hidden/);
  expect((await openPage('?age=8+months')).raw).toMatch(/data-age-error hidden/);
});

test('that nothing is sent is said by the script alone', async () => {
  const { raw } = await openPage('');
  expect(raw).toMatch(/data-with-script hidden/);
  expect(raw).not.toMatch(/data-without-script hidden/);
});

test('an empty list says which answer empties it, offers numbers and never says that there is nothing', async () => {
  const { text } = await openPage('?age=70&phase=4');
  expect(text).toContain('This does not mean there is nothing for you.');
  expect(text).toMatch(/Your answer “Phase 4” leaves out \d+ stud/);
  expect(text).toMatch(/href="\/\?age=70\+years" ?>Clear “Phase 4”/);
  expect(text.match(/href="tel:\+1205/g)?.length).toBeGreaterThanOrEqual(2);
});

test('right at the age limit a card says so, and what the study team wrote of a treatment is quoted', async () => {
  const { groups } = await openPage('?age=31&setting=newly_diagnosed');
  const cards = groups.flatMap(({ cards }) => cards);
  // NCT03914625 says 31 Years and means younger than 31.
  const atEdge = cards.find(({ facts }) => facts.nctId === 'NCT03914625');
  expect(atEdge?.told[0]).toBe('fits');
  expect(atEdge?.told[1]).toBe('Matches your answer');
  expect(atEdge?.told[2]).toMatch(/newly diagnosed/i);
  expect(atEdge?.told[3]).toBe('true');
  expect(atEdge?.told[4]).toMatch(/You wrote 31 years\./);
  expect(atEdge?.told[6]).toMatch(/right at the age limit/);
  const within = cards.find(({ facts }) => facts.nctId === 'NCT03739814');
  expect(within?.told[3]).toBe('false');
});

test('an exact age wins over groups of ages, and the page says so', async () => {
  const shownOf = ({ groups }: Awaited<ReturnType<typeof openPage>>): string[] =>
    groups.flatMap(({ cards }) => cards.filter(({ isShown }) => isShown).map(({ facts }) => facts.nctId));
  const both = await openPage('?age=8+meses&ageGroup=adult');
  expect(shownOf(both)).toEqual(shownOf(await openPage('?age=8+meses')));
  expect(both.raw).not.toMatch(/data-age-wins hidden/);
  expect((await openPage('?age=8+meses')).raw).toMatch(/data-age-wins hidden/);
});
