import type { AppOptions } from '../../src/app.ts';
import { pack } from './sample.ts';

/** What an application must be told and most tests do not care for. */
export const APP_DEFAULTS = {
  pack,
  version: '1.0.0',
  publicUrl: () => 'https://trials.example',
  mayServeSample: false,
  rateLimitPerMinute: 0,
  trustProxy: [],
  frameAncestors: "'self'",
  logLevel: 'silent',
} as const satisfies Partial<AppOptions>;
