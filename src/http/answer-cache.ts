import { LRUCache } from 'lru-cache';
import { createSightings } from './sightings.ts';
import { keptBytesOf, type Keeper, type RenderedAnswer } from './rendered-answers.ts';

/** Rendered answers by key, bounded by bytes. Keys begin with the edition, so that no list answers for another. */
export interface AnswerCache {
  find(key: string): RenderedAnswer | undefined;
  /**
   * @param options whether hardly anybody asks for it twice, and it costs little to render again: such an answer is
   * kept from the second time on
   */
  getOrRender(
    key: string,
    render: () => RenderedAnswer,
    options?: { isRare: boolean },
  ): { answer: RenderedAnswer; hit: boolean };
}

/** What is kept beside the bytes: headers, objects, the key. */
const BESIDE_BYTES = 3_000;
/** So many who asked once are remembered. */
const SIGHTINGS = 16_384;
const USUAL = { isRare: false };

export function createAnswerCache(options: { maxBytes: number }): AnswerCache {
  const cache = new LRUCache<string, RenderedAnswer>({
    maxSize: options.maxBytes,
    sizeCalculation: (answer, key) => keptBytesOf(answer) + key.length + BESIDE_BYTES,
  });
  const sightings = createSightings(SIGHTINGS);
  /** A cache weighs what it is given, and not what it has. */
  const keeper: Keeper = {
    weighAgain(answer) {
      const { key } = answer;
      if (cache.peek(key) !== answer) return;
      cache.delete(key);
      cache.set(key, answer);
    },
  };
  return {
    find: (key) => cache.get(key),
    getOrRender(key, render, { isRare } = USUAL) {
      const known = cache.get(key);
      if (known) return { answer: known, hit: true };
      const answer = render();
      if (isRare && !sightings.wasHere(key)) return { answer, hit: false };
      cache.set(key, answer);
      answer.keeper = keeper;
      answer.key = key;
      return { answer, hit: false };
    },
  };
}
