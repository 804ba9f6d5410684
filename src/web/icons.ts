import type { Availability } from '../trials/vocabulary.ts';
import { html, type Html } from './html.ts';

/** One shape for each availability, told apart without colour; the words beside it say the same. */
const SHAPES: Readonly<Record<Availability, string>> = {
  open: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-1 10L4 8l1.4-1.4L7 8.2l3.6-3.6L12 6z',
  opening_soon: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm1 8H4V7h3V3h2z',
  by_invitation: 'M1 3h14v10H1zm2 2v.4l5 3.6 5-3.6V5z',
  unknown: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm1 11H7v-2h2zm0-3H7V7.500h1.500V5.500H6V4h4v4H9z',
  paused: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7 11H5V5h2zm4 0H9V5h2z',
  closed: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm4 8H4V7h8z',
};

export function renderIcon(availability: Availability): Html {
  // Where the style sheet has not come, or a page of somebody else forbids it, it would fill the width of the page.
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d="${SHAPES[availability]}" />
  </svg>`;
}
