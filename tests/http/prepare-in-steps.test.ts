import { expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { createPageAnswers, findCommonPages } from '../../src/http/page-answers.ts';
import { NOTHING_ASKED } from '../../src/http/page-query.ts';
import { createPreparation } from '../../src/http/prepare-answers.ts';
import { createAnswerCache } from '../../src/http/answer-cache.ts';
import { bytesOf } from '../../src/http/answer-bodies.ts';
import { renderText, represent } from '../../src/http/rendered-answers.ts';
import type { Service } from '../../src/http/service.ts';
import type { TrialAnswers } from '../../src/http/trial-answers.ts';
import { createTrialBlanks, type TrialBlanks } from '../../src/http/trial-blanks.ts';
import { APP_DEFAULTS } from '../support/app-defaults.ts';
import { pack, sampleSnapshot } from '../support/sample.ts';
import { CHECKED_AT, NOW } from '../support/test-app.ts';
import { understandFilters } from '../../src/trials/trial-query.ts';
import type { View } from '../../src/web/finder.ts';
import type { Language } from '../../src/web/words/words.ts';

const EDITION = { snapshot: sampleSnapshot, source: 'registry', checkedAt: CHECKED_AT } as const;

const STALE_AFTER_MS = 21_600_000;

/** The pages of a service whose trials are counted when they are rendered, with a preparation that tests let rest. */
function createCountedPages(rest: () => void) {
  let renderedTrials = 0;
  const clock = { monotonicMs: 0 };
  const restOnce = async (): Promise<void> => {
    await Promise.resolve();
    rest();
  };
  const catalog = createCatalog({
    staleAfterMs: STALE_AFTER_MS,
    clock: { nowMs: () => NOW, monotonicMs: () => clock.monotonicMs },
  });
  catalog.publish(EDITION);
  const known = createTrialBlanks({ pack, maxBytes: 10_000_000 });
  const blanks: TrialBlanks = {
    ...known,
    findBlank: ({ render, ...wanted }) =>
      known.findBlank({
        ...wanted,
        render() {
          renderedTrials++;
          return render();
        },
      }),
  };
  const answers = createAnswerCache({ maxBytes: 10_000_000 });
  const service = {
    ...APP_DEFAULTS,
    catalog,
    answers,
    blanks,
    sync: null,
    rest: restOnce,
  } as unknown as Service;
  const pages = createPageAnswers(service, { addressOf: (name) => `/assets/${name}` });
  const faults: unknown[] = [];
  const prepared: string[] = [];
  const short = { key: '', answer: renderText('[]', { cacheControl: 'no-store' }), hit: false };
  const preparation = createPreparation({
    catalog,
    servedEdition: () => catalog.current,
    answers: { list: () => short, trial: () => short } as unknown as TrialAnswers,
    findCommonPages: (edition) => findCommonPages(pages, edition),
    remember: (address) => void prepared.push(address),
    maxBytes: 10_000_000,
    rest: restOnce,
    onFault: (error) => void faults.push(error),
  });
  return { clock, catalog, pages, preparation, prepared, faults, rendered: () => renderedTrials };
}

test('between two rests one trial is rendered at most', async () => {
  let before = 0;
  const counts: number[] = [];
  const world = createCountedPages(() => {
    counts.push(world.rendered() - before);
    before = world.rendered();
  });
  world.preparation.start();
  await world.preparation.settled();
  expect(world.faults).toEqual([]);
  expect(preparedPages(world)).toEqual(['/']);
  expect(Math.max(...counts)).toBe(1);
  expect(counts.filter((count) => count === 1)).toHaveLength(sampleSnapshot.trials.length);
});

const preparedPages = ({ prepared }: { prepared: readonly string[] }): string[] =>
  prepared.filter((address) => !address.startsWith('/v1/'));

test('other views and languages are prepared for each list once somebody has asked for them', async () => {
  const { catalog, pages, preparation, prepared } = createCountedPages(() => {});
  const ask = async (view: View, language: Language, asked = NOTHING_ASKED): Promise<unknown> =>
    pages.finder(EDITION, { view, language, asked });
  await ask('clinician', 'en', { ...NOTHING_ASKED, age: '8', query: understandFilters({ age: '8' }) });
  await ask('patient', 'es');
  preparation.start();
  await preparation.settled();
  expect(preparedPages({ prepared })).toEqual(['/', '/?lang=es']);
  await ask('clinician', 'en');
  prepared.length = 0;
  catalog.confirm('2026-11-25T12:00:00.000Z');
  await preparation.settled();
  expect(preparedPages({ prepared })).toEqual(['/', '/?lang=es', '/?view=clinician']);
});

test('a page that was prepared is there for who asks, and filtered ones need no trial rendered again', async () => {
  const { catalog, pages, preparation, rendered } = createCountedPages(() => {});
  preparation.start();
  await preparation.settled();
  const whole = rendered();
  const edition = catalog.current ?? EDITION;
  for (const { renderInSteps } of findCommonPages(pages, edition)) {
    const { done, value } = finish(renderInSteps(edition));
    expect([done, value?.hit]).toEqual([true, true]);
  }
  expect(rendered()).toBe(whole);
});

/** Takes the last of all steps. */
function finish<Result>(steps: Iterator<undefined, Result>): { done: boolean; value: Result | undefined } {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return { done, value };
  }
}

test('a list that comes between two steps ends the work on the one before', async () => {
  let rests = 0;
  const world = createCountedPages(() => {
    rests++;
    if (world.rendered() === 3 && world.catalog.current?.checkedAt === CHECKED_AT)
      world.catalog.confirm('2026-11-25T12:00:00.000Z');
  });
  world.preparation.start();
  await world.preparation.settled();
  expect(world.faults).toEqual([]);
  // The day is another one, so that nothing of the three is of use.
  expect(world.rendered()).toBe(3 + sampleSnapshot.trials.length);
  expect(rests).toBeGreaterThan(world.rendered());
});

test('who asks before a page is prepared waits, while others come between its trials', async () => {
  let before = 0;
  const counts: number[] = [];
  const world = createCountedPages(() => {
    counts.push(world.rendered() - before);
    before = world.rendered();
  });
  const edition = world.catalog.current ?? EDITION;
  const asked = { view: 'patient', language: 'es', asked: NOTHING_ASKED } as const;
  const [one, other] = await Promise.all([
    world.pages.finder(edition, asked),
    world.pages.finder(edition, asked),
  ]);
  expect(one.answer).toBe(other.answer);
  expect(Math.max(...counts)).toBe(1);
  expect(world.rendered()).toBe(sampleSnapshot.trials.length);
  expect((await world.pages.finder(edition, asked)).hit).toBe(true);
});

test('a page that was begun before its list became stale is not found as one of the stale list', async () => {
  const world = createCountedPages(() => {
    if (world.rendered() === 3) world.clock.monotonicMs = STALE_AFTER_MS;
  });
  const edition = world.catalog.current ?? EDITION;
  const asked = { view: 'patient', language: 'en', asked: NOTHING_ASKED } as const;
  const begun = await world.pages.finder(edition, asked);
  const next = await world.pages.finder(edition, asked);
  expect([next.hit, next.key === begun.key]).toEqual([false, false]);
  expect(bytesOf(represent(next.answer, 'identity').body).toString()).toContain('class="banner"');
});
