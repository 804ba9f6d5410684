import { isFolded, type ArrangedGroup, type Left } from '../arrange-cards.ts';
import type { BrowserWords } from '../browser-words.ts';
import { describeNothing, findUndos } from '../undo-answers.ts';
import type { PatientAnswers } from '../patient-answers.ts';
import { fill, type Language } from '../words/words.ts';
import { createButton, findPart } from './find-part.ts';
import type { Card } from './patient-cards.ts';
import { formatLink } from './patient-form.ts';

/** Shows the cards of every group in their order. */
export function showGroups(
  finder: Element,
  { groups, left }: { groups: readonly ArrangedGroup<Card>[]; left: Left },
  words: BrowserWords,
): void {
  for (const arranged of groups) {
    const { group, shown } = arranged;
    const place = findPart(finder, `[data-group=${group}]`);
    place.hidden = shown.length === 0;
    orderCards(findPart(place, '[data-cards]'), arranged);
    if (!isFolded(group)) findPart(place, '[data-count]').textContent = String(shown.length);
    else {
      const title = group === 'closed' ? words.results.closedFold : words.results.maybeFold;
      findPart(place, '[data-fold-title]').textContent = fill(title, { count: shown.length });
    }
    if (group === 'closed') unfold(place as HTMLDetailsElement, left.taking === 0);
  }
}

/** A card that stays where it is is not touched, so that nobody who reads it loses the place. */
function orderCards(list: Element, { shown, left }: ArrangedGroup<Card>): void {
  for (const { element } of shown) element.hidden = false;
  for (const { element } of left) element.hidden = true;
  const order = [...shown, ...left].map(({ element }) => element);
  if (order.some((element, place) => list.children[place] !== element)) list.append(...order);
}

/** Closed studies unfold when there is nothing else to see, and fold again unless the reader opened them. */
function unfold(fold: HTMLDetailsElement, isAlone: boolean): void {
  if (isAlone && !fold.open) fold.dataset['opened'] = '';
  if (isAlone) fold.open = true;
  else if (fold.dataset['opened'] !== undefined) {
    fold.open = false;
    delete fold.dataset['opened'];
  }
}

/** What to do when the answers leave nothing. */
export function tellNothing(
  finder: Element,
  { cards, answers, left }: { cards: readonly Card[]; answers: PatientAnswers; left: Left },
  voice: { words: BrowserWords; language: Language },
): void {
  const nothing = describeNothing(left, answers, voice.words);
  const place = findPart(finder, '[data-nothing]');
  place.hidden = nothing === null;
  findPart(place, '[data-nothing-title]').textContent = nothing?.title ?? '';
  findPart(place, '[data-nothing-text]').textContent = nothing?.text ?? '';
  const undos = nothing === null ? [] : findUndos(cards, answers, voice);
  const lines = undos.map(({ said, action, answers: others }) => {
    const text = document.createElement('span');
    text.textContent = said;
    const button = createButton(action);
    button.dataset['filter'] = formatLink(others);
    const line = document.createElement('li');
    line.append(text, ' ', button);
    return line;
  });
  findPart(place, '[data-undos]').replaceChildren(...lines);
}
