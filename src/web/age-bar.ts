import { DAYS_PER_UNIT, type AgeRange } from '../trials/age.ts';
import { html, type Html } from './html.ts';

/** Ages that matter for ALL, evenly spaced: an axis by years would leave babies no room. The last stop is 90 and more. */
export const AGE_STOPS_YEARS = [0, 1, 10, 15, 18, 40, 65, 90] as const;
const STEP = 20;
const WIDTH = STEP * (AGE_STOPS_YEARS.length - 1);
const MARGIN = 8;

/** Where an age lies on the bar, in its own units from the left end. */
export function placeOnBar(days: number): number {
  const years = days / DAYS_PER_UNIT.year;
  const after = AGE_STOPS_YEARS.findIndex((stop) => stop > years);
  if (after === -1) return WIDTH;
  const from = AGE_STOPS_YEARS[after - 1] as number;
  const to = AGE_STOPS_YEARS[after] as number;
  return round(STEP * (after - 1 + (years - from) / (to - from)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** How the entered age is drawn; the browser draws it in the same way. */
export const AGE_LINE = { className: 'age-bar-age' } as const;

export function drawAgeLine(days: number): string {
  return `M${placeOnBar(days) + MARGIN} 0v18`;
}

/**
 * The ages of a trial as a bar over fixed stops; an open end is an arrow, the entered age a line. What it shows is
 * its label as well.
 */
export function renderAgeBar(
  { fromDays, beforeDays }: AgeRange,
  label: string | Html,
  line: Html | null = null,
): Html {
  const from = placeOnBar(fromDays ?? 0) + MARGIN;
  const to = (beforeDays === null ? WIDTH : Math.max(placeOnBar(beforeDays), from - MARGIN + 2)) + MARGIN;
  const arrows = [
    fromDays === null && html`<path class="age-bar-range" d="M${from + 1} 4l-7 5 7 5z" />`,
    beforeDays === null && html`<path class="age-bar-range" d="M${to - 1} 4l7 5-7 5z" />`,
  ];
  return html`<svg class="age-bar" role="img" viewBox="0 0 ${WIDTH + 2 * MARGIN} 30" data-age-bar>
    <title>${label}</title>
    <path class="age-bar-axis" d="M${MARGIN} 9h${WIDTH}" />
    <rect class="age-bar-range" x="${from}" y="6" width="${round(to - from)}" height="6" />
    ${arrows}${AGE_STOPS_YEARS.map(renderStop)}${line}
  </svg>`;
}

/** An entered age on the bar. */
export function renderAgeLine(days: number): Html {
  return html`<path class="${AGE_LINE.className}" data-age-line d="${drawAgeLine(days)}" />`;
}

function renderStop(years: number, index: number): Html {
  const label = years === 90 ? '90+' : String(years);
  return html`<path class="age-bar-axis" d="M${MARGIN + index * STEP} 13v3" /><text
      class="age-bar-stop"
      x="${MARGIN + index * STEP}"
      y="27"
      >${label}</text
    >`;
}
