import { describe, expect, test } from 'vitest';
import { createAskedBefore } from '../../src/http/asked-before.ts';
import { createAnswerCache, renderJson, type RenderedAnswer } from '../../src/http/rendered-answers.ts';

/** What may never be asked again is kept only when it is. */

describe('what was asked before', () => {
  test('is known, and what was not is not', () => {
    const wasAsked = createAskedBefore();
    const texts = Array.from({ length: 100 }, (_, number) => `age=${number}d`);
    expect(texts.filter(wasAsked)).toEqual([]);
    expect(texts.filter(wasAsked)).toEqual(texts);
    expect(wasAsked('')).toBe(false);
    expect(wasAsked('')).toBe(true);
  });

  test('is forgotten after many others', () => {
    const wasAsked = createAskedBefore();
    wasAsked('age=1d');
    for (let number = 0; number < 100_000; number++) wasAsked(`age=${number}d&phase=3`);
    expect(wasAsked('age=1d')).toBe(false);
  });
});

describe('an answer that is kept when it is asked again', () => {
  const rules = { cacheControl: 'no-store' };
  const render = (): RenderedAnswer => renderJson({ text: 'x'.repeat(10_000) }, rules);

  test('is made twice, and then found', () => {
    const cache = createAnswerCache({ maxBytes: 1_000_000 });
    const found = Array.from({ length: 3 }, () => cache.getOrRender('rare', render, 'when asked again'));
    expect(found.map(({ hit, isKept }) => [hit, isKept])).toEqual([
      [false, false],
      [false, true],
      [true, true],
    ]);
    expect(cache.find('rare')).toBe(found[2]?.answer);
  });

  test('drives nothing out before', () => {
    const cache = createAnswerCache({ maxBytes: 100_000 });
    cache.getOrRender('common', render);
    for (let question = 0; question < 1_000; question++)
      cache.getOrRender(`question ${question}`, render, 'when asked again');
    expect(cache.find('common')).toBeDefined();
  });
});
