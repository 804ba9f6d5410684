import { AGE_LINE, drawAgeLine } from '../age-bar.ts';
import type { CardAnswers } from '../describe-card.ts';
import type { TrialFacts } from '../trial-facts.ts';
import { findElement, findPart } from './find-part.ts';

/** A card that the server rendered, with what the rules look at. */
export interface Card {
  readonly element: HTMLElement;
  readonly facts: TrialFacts;
  /** The ages of the trial in words. */
  readonly ages: string;
}

export function collectCards(finder: Element): Card[] {
  return [...finder.querySelectorAll<HTMLElement>('[data-trial]')].map((element) => ({
    element,
    facts: JSON.parse(element.dataset['trial'] as string) as TrialFacts,
    ages: findPart(element, '[data-part=ages]').textContent,
  }));
}

/** Puts what the answers mean for a trial into the places of its card. */
export function tellCard({ element }: Card, said: CardAnswers): void {
  tellBar(element, said.bar);
  findPart(element, '[data-age-edge]').hidden = !said.isAtEdge;
  const { fit } = said;
  const place = findPart(element, '[data-fit]');
  place.hidden = fit === null;
  place.dataset['verdict'] = fit?.verdict ?? '';
  findPart(place, '[data-fit-label]').textContent = fit?.label ?? '';
  findPart(place, '[data-fit-said]').hidden = (fit?.sentence ?? null) === null;
  findPart(place, '[data-fit-sentence]').textContent = fit?.sentence ?? '';
  tellReason(element, 'age', said.ageReason);
  tellReason(element, 'treatment', said.treatmentReason);
}

function tellReason(card: HTMLElement, name: string, reason: string | null): void {
  const place = findPart(card, `[data-why=${name}]`);
  place.hidden = reason === null;
  place.textContent = reason ?? '';
}

function tellBar(card: HTMLElement, { label, days }: CardAnswers['bar']): void {
  const bar = findElement(card, '[data-age-bar]');
  findElement(bar, 'title').textContent = label;
  bar.querySelector('[data-age-line]')?.remove();
  if (days === null) return;
  const line = document.createElementNS(bar.namespaceURI as string, 'path');
  line.setAttribute('class', AGE_LINE.className);
  line.setAttribute('data-age-line', '');
  line.setAttribute('d', drawAgeLine(days));
  bar.append(line);
}
