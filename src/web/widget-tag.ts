/** Names that pages of others use: none may change within version 1. */
export const WIDGET_TAG = 'uab-all-trials';
/** For editors that let no unknown tag pass. */
export const WIDGET_DATA = 'data-uab-all-trials';
/** The version that moves: what is under it keeps the attributes, events, properties and parts that are documented. */
export const WIDGET_MAJOR = '1';
export const DEFAULT_HEADING_LEVEL = 2;

/** What a page may preset, by the names of the query; each has an attribute in kebab case. */
export const PRESETS = ['ageGroup', 'phase', 'availability', 'site'] as const;
export type Preset = (typeof PRESETS)[number];

export const EVENTS = {
  ready: 'uab-all-trials:ready',
  filter: 'uab-all-trials:filter',
  open: 'uab-all-trials:open',
} as const;
/** Of the message by which a frame tells its height. */
export const HEIGHT_MESSAGE = 'uab-all-trials:height';

/** `ageGroup` is `age-group` as an attribute. */
export function attributeOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A level of headings, or the default when it is none. */
export function readHeadingLevel(text: string | null | undefined): number {
  return /^[1-6]$/.test(text?.trim() ?? '') ? Number(text) : DEFAULT_HEADING_LEVEL;
}
