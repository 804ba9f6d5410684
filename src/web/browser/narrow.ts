import { FIELD_RULES } from '../../trials/filter-trials.ts';
import type { TrialQuery } from '../../trials/trial-query.ts';
import { USUAL_RULES } from '../../trials/usual-rules.ts';
import { EVERYTHING } from '../everything.ts';
import { AGE_GROUPS, AVAILABILITIES, PHASES } from '../../trials/vocabulary.ts';
import type { TrialFacts } from '../trial-facts.ts';
import { PRESETS, type Preset } from '../widget-tag.ts';

/** What the page around the list presets; an empty list presets nothing. */
export type Presets = Readonly<Record<Preset, readonly string[]>>;

/** Reads lists of values, separated by spaces or commas. */
export function readPresets(read: (name: Preset) => string | null): Presets {
  const entries = PRESETS.map((name) => [name, (read(name) ?? '').split(/[\s,]+/).filter(Boolean)] as const);
  return Object.fromEntries(entries) as unknown as Presets;
}

/**
 * Sets the filters that a page presets, before the finder is attached. Where the form has a filter it is set
 * there, so that the reader sees it and may undo it. Where it has none, the other trials are taken out and a line says
 * so, with a link to all. Values that we do not know are left aside.
 */
export function narrow(root: ParentNode, presets: Presets): void {
  const finder = root.querySelector<HTMLElement>('[data-finder]');
  if (finder === null) return;
  const cards = [...finder.querySelectorAll<HTMLElement>('[data-trial]')].map((card) => ({
    card,
    facts: JSON.parse(card.dataset['trial'] as string) as TrialFacts,
  }));
  const known: Readonly<Record<Preset, readonly string[]>> = {
    ageGroup: AGE_GROUPS,
    phase: PHASES,
    availability: AVAILABILITIES,
    site: cards.flatMap(({ facts }) => facts.sites.map(({ key }) => key)),
  };
  const left: Partial<Record<Preset, readonly string[]>> = {};
  for (const name of PRESETS) {
    const values = presets[name].filter((value) => known[name].includes(value));
    if (values.length > 0 && !answer(finder, name, values)) left[name] = values;
  }
  const query = createQuery(left);
  const outside = cards.filter(
    ({ facts }) => !PRESETS.every((name) => left[name] === undefined || FIELD_RULES[name](facts, query)),
  );
  for (const { card } of outside) card.remove();
  const note = root.querySelector<HTMLElement>('[data-narrowed]');
  if (note !== null) note.hidden = outside.length === 0;
}

/** Ticks what is offered, or fills in what the form keeps for the reader to take away. */
function answer(finder: HTMLElement, name: Preset, values: readonly string[]): boolean {
  const controls = [...finder.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)];
  const kept = controls.find(({ type }) => type === 'hidden');
  if (kept !== undefined) {
    kept.value = values.join(',');
    kept.disabled = false;
    return true;
  }
  const isOffered = controls.some(({ value }) => values.includes(value));
  if (isOffered) for (const control of controls) control.checked = values.includes(control.value);
  return isOffered;
}

/** A question that asks only for what is preset. */
function createQuery(asked: Partial<Record<Preset, readonly string[]>>): TrialQuery {
  return { ...EVERYTHING, siteMatch: USUAL_RULES.siteMatch, ...(asked as Partial<TrialQuery>) };
}
