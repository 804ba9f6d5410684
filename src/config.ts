import { statSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Every setting of the service: an environment variable with a default. */

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));
/** An address alone is a network of one. */
const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** Paths are put behind it and it is told in headers and pages: nothing may end it, and a password would be shown. */
const BEGINS_ADDRESSES = /^[^\s?#@"'<>\\]+$/;

/** Each setting with its meaning and what is allowed; the README's table is made from this. */
export const SETTINGS = {
  HOST: {
    schema: z.string().min(1),
    default: '127.0.0.1',
    allowed: 'an address',
    meaning: 'Where to listen; `0.0.0.0` in the image.',
  },
  PORT: {
    schema: wholeNumber(0, 65_535),
    default: '3000',
    allowed: '0 to 65535',
    meaning: 'Port; 0 picks a free one and prints it.',
  },
  PUBLIC_URL: {
    schema: z.union([z.literal(''), z.url({ protocol: /^https?$/ }).regex(BEGINS_ADDRESSES)]),
    default: '',
    allowed: 'an http or https URL without query and user',
    meaning: 'The only source of absolute URLs; derived from host and port when empty.',
  },
  CTGOV_BASE_URL: {
    schema: z.url({ protocol: /^https?$/ }),
    default: 'https://clinicaltrials.gov/api/v2',
    allowed: 'an http or https URL',
    meaning: 'The registry’s API.',
  },
  CTGOV_USER_AGENT: {
    schema: z.union([z.literal(''), z.string().regex(/^[\u0020-\u007e]{3,200}$/)]),
    default: '',
    allowed: 'printable ASCII',
    meaning: 'Who we say we are; `uab-all-trials/<version> (+<PUBLIC_URL>)` when empty.',
  },
  INSTITUTION_FILE: {
    schema: z.string().min(1),
    default: 'institutions/uab-all.json',
    allowed: 'a path',
    meaning: 'The institution pack.',
  },
  DATA_DIR: {
    schema: z.string().refine((path) => path === '' || mayBeFolder(path)),
    default: './data',
    allowed: 'a folder',
    meaning: 'Saved snapshots; empty keeps nothing on disk.',
  },
  REDIS_URL: {
    schema: z.union([z.literal(''), z.url({ protocol: /^rediss?$/ })]),
    default: '',
    allowed: 'a redis or rediss URL',
    meaning:
      'Redis or Valkey shared by all replicas, of which one then asks the registry; empty: each for itself.',
  },
  SYNC_INTERVAL_SECONDS: {
    schema: wholeNumber(0, 604_800),
    default: '3600',
    allowed: '0 to 604800',
    meaning: 'How often the registry is asked for its version (±10 %); 0 = only at the start.',
  },
  STALE_AFTER_SECONDS: {
    schema: wholeNumber(1, 31_536_000),
    default: '21600',
    allowed: '1 to 31536000',
    meaning: '`stale` is true when the last successful check is older.',
  },
  BUNDLED_SAMPLE: {
    schema: z.enum(['serve', 'refuse']),
    default: 'serve',
    allowed: 'serve, refuse',
    meaning: '`refuse` (in the image): never answer from the bundled sample.',
  },
  RATE_LIMIT_PER_MINUTE: {
    schema: wholeNumber(0, 10_000_000),
    default: '600',
    allowed: '0 to 10000000',
    meaning: 'Requests a minute per client; 0 = off.',
  },
  TRUST_PROXY: {
    schema: z
      .string()
      .refine((text) => text.split(',').every((cidr) => cidr === '' || isNetwork(cidr.trim()))),
    default: '',
    allowed: 'a list of CIDRs',
    meaning: 'Proxies whose `X-Forwarded-For` is believed.',
  },
  FRAME_ANCESTORS: {
    schema: z.string().regex(/^[A-Za-z0-9'*:/. -]{1,1000}$/),
    default: "'self'",
    allowed: 'a CSP source list',
    meaning: 'Who may frame the embed page.',
  },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    default: 'info',
    allowed: 'fatal, error, warn, info, debug, trace, silent',
    meaning: 'How much is logged.',
  },
} as const;
export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** There is nothing else in its place. Whether it can be written is another question: who cannot save can serve. */
function mayBeFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOTDIR';
  }
}

/** A setting that cannot be used; the message is one line that names it, what was read and what is allowed. */
export class SettingWrong extends Error {
  override readonly name = 'SettingWrong';
}

/**
 * Reads all settings from an environment.
 * @throws SettingWrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const read = (name: SettingName): unknown => {
    const { schema, default: fallback, allowed } = SETTINGS[name];
    const given = environment[name] ?? fallback;
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    // The URL of a store holds its password.
    const shown = name === 'REDIS_URL' ? 'not one' : `"${given.slice(0, 100).replace(/\s+/g, ' ')}"`;
    throw new SettingWrong(`${name} is ${shown}; allowed: ${allowed}`);
  };
  const names = Object.keys(SETTINGS) as SettingName[];
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Config;
}
