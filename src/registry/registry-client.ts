import type { LookupFunction } from 'node:net';
import { Pool, type Dispatcher } from 'undici';
import { z } from 'zod';
import { systemClock, type Clock } from './clock.ts';
import { fetchText, type TextAnswer } from './fetch-text.ts';
import { createPacer } from './pace-requests.ts';
import {
  RegistryBusy,
  RegistryContractBroken,
  RegistryRefused,
  RegistryUnreachable,
} from './registry-errors.ts';
import { retryRequest } from './retry-request.ts';
import {
  walkStudies,
  type RegistryVersion,
  type StudyPage,
  type StudyQuery,
  type StudyWalk,
  type WalkProgress,
} from './walk-studies.ts';

/** Every bound of the client; milliseconds and bytes. */
export interface RegistryLimits {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly idleBodyMs: number;
  readonly requestMs: number;
  readonly walkMs: number;
  readonly bodyBytes: number;
  readonly spacingMs: number;
  readonly pageSize: number;
  readonly pages: number;
  readonly retries: number;
  readonly shortestRetryMs: number;
  readonly longestRetryMs: number;
}

export const REGISTRY_LIMITS: RegistryLimits = {
  connectMs: 3_000,
  headersMs: 10_000,
  idleBodyMs: 10_000,
  requestMs: 30_000,
  walkMs: 120_000,
  bodyBytes: 64 * 1024 * 1024,
  spacingMs: 1_000,
  pageSize: 200,
  pages: 50,
  retries: 2,
  shortestRetryMs: 500,
  longestRetryMs: 8_000,
};

/** About 8 KB of request line is where the registry's front refuses with 414. */
const LONGEST_PATH_BYTES = 7_500;

/** What a caller may want to know of the requests that a call makes. */
export interface RequestHooks {
  readonly signal?: AbortSignal;
  readonly onSend?: () => void;
  /** The registry asked to wait, or refused us: told at once, so that it can be written down before anything else. */
  readonly onPause?: (reason: 'busy' | 'refused', durationMs: number) => void;
}

/** A refusal at the edge is deterministic; half an hour is what the next try waits at least. */
const REFUSED_PAUSE_MS = 30 * 60_000;

export interface RegistryClient {
  /**
   * Asks which dataset the registry serves.
   * @throws RegistryError; an abort passes through
   */
  fetchVersion(
    options?: RequestHooks & { etag?: string | null },
  ): Promise<{ changed: true; version: RegistryVersion } | { changed: false }>;
  /**
   * Fetches every study of the queries as one consistent dataset.
   * @throws RegistryError; an abort passes through
   */
  walkStudies(
    queries: readonly StudyQuery[],
    options?: RequestHooks & {
      onPage?: (progress: WalkProgress) => void;
      followUp?: (found: ReadonlySet<string>) => readonly StudyQuery[];
    },
  ): Promise<StudyWalk>;
  close(): Promise<void>;
}

/** Every answer of ours shows the timestamp, so a text that is none must not come through. */
const VersionAnswer = z.looseObject({
  apiVersion: z.string(),
  dataTimestamp: z.iso.datetime({ local: true }).optional(),
});
/** Tokens have about 90 characters; a longer one would make the next request too long, which is not our fault. */
const PageToken = z.string().regex(/^[!-~]{1,500}$/);
const PageAnswer = z.looseObject({
  studies: z.array(z.unknown()),
  totalCount: z.int().min(0).optional(),
  nextPageToken: PageToken.optional(),
});

interface Tagged<Value> {
  readonly value: Value;
  readonly etag: string | null;
}

/** What goes with every request of one call; the deadline is in monotonic milliseconds. */
interface Sending extends RequestHooks {
  readonly deadlineMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Creates the one client of the registry: one connection, one request in flight, at most one a second. */
export function createRegistryClient(options: {
  baseUrl: string;
  userAgent: string;
  limits?: Partial<RegistryLimits>;
  clock?: Clock;
  random?: () => number;
  /** How names are looked up; the system's way when absent. */
  lookup?: LookupFunction;
  /** In place of the pool of one connection; closed with the client. */
  dispatcher?: Dispatcher;
}): RegistryClient {
  const { baseUrl, userAgent, clock = systemClock, random = Math.random, lookup } = options;
  const limits = { ...REGISTRY_LIMITS, ...options.limits };
  const base = new URL(baseUrl);
  // HTTP/1.1 is the configuration with evidence at the registry's edge; HTTP/2 with this client is untried.
  const dispatcher =
    options.dispatcher ??
    new Pool(base.origin, {
      connections: 1,
      pipelining: 1,
      allowH2: false,
      // Said aloud, because otherwise NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would relax it.
      connect: { timeout: limits.connectMs, rejectUnauthorized: true, ...(lookup && { lookup }) },
    });
  const pacer = createPacer({ clock, spacingMs: limits.spacingMs });
  const policy = {
    retries: limits.retries,
    shortestMs: limits.shortestRetryMs,
    longestMs: limits.longestRetryMs,
  };

  const getText = async (path: string, sending: Sending): Promise<TextAnswer> => {
    const leftMs = sending.deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) throw new RegistryUnreachable(`The registry took more than ${limits.walkMs} ms`);
    sending.onSend?.();
    try {
      return await fetchText({
        dispatcher,
        origin: base.origin,
        path,
        headers: { 'user-agent': userAgent, ...sending.headers },
        limits: { ...limits, requestMs: Math.ceil(Math.min(limits.requestMs, leftMs)) },
        nowMs: () => clock.nowMs(),
        signal: sending.signal,
      });
    } catch (error) {
      if (error instanceof RegistryBusy) {
        pacer.pause(error.retryAfterMs);
        sending.onPause?.('busy', error.retryAfterMs);
      }
      if (error instanceof RegistryRefused) sending.onPause?.('refused', REFUSED_PAUSE_MS);
      throw error;
    }
  };

  /** `value` is `null` when nothing has changed (304). */
  const getJson = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    sending: Sending,
  ): Promise<Tagged<z.infer<Schema> | null>> => {
    const fullPath = `${base.pathname.replace(/\/$/, '')}${path}`;
    if (fullPath.length > LONGEST_PATH_BYTES)
      throw new Error(`A registry query of ${fullPath.length} bytes is too long`);
    const attempt = async () => {
      const answer = await getText(fullPath, sending);
      return { value: answer.status === 304 ? null : parseAnswer(schema, answer), etag: answer.etag };
    };
    return retryRequest(async () => pacer.run(attempt, sending), { ...sending, policy, clock, random });
  };

  /** Asks without a condition, so that there is something to read. */
  const getWhole = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    sending: Sending,
  ): Promise<Tagged<z.infer<Schema>>> => {
    const { value, etag } = await getJson(schema, path, sending);
    if (value === null) throw new RegistryContractBroken('304 without a condition', 304);
    return { value, etag };
  };

  const fetchVersion = async (sending: Sending): Promise<RegistryVersion> =>
    readVersion(await getWhole(VersionAnswer, '/version', sending));

  const fetchVersionUnless = async (known: string, sending: Sending): Promise<RegistryVersion | null> => {
    const headers = { 'if-none-match': known };
    const { value, etag } = await getJson(VersionAnswer, '/version', { ...sending, headers });
    return value === null ? null : readVersion({ value, etag });
  };

  const fetchPage = async (
    parameters: Readonly<Record<string, string>>,
    sending: Sending,
  ): Promise<StudyPage> => {
    const path = `/studies?${new URLSearchParams(parameters).toString()}`;
    return (await getWhole(PageAnswer, path, sending)).value;
  };

  return {
    fetchVersion: async ({ etag, ...hooks } = {}) => {
      const sending = { ...hooks, deadlineMs: clock.monotonicMs() + limits.walkMs };
      const version = etag ? await fetchVersionUnless(etag, sending) : await fetchVersion(sending);
      return version === null ? { changed: false } : { changed: true, version };
    },
    walkStudies: async (queries, { onPage, followUp, ...hooks } = {}) => {
      let requests = 0;
      const sending: Sending = {
        ...hooks,
        deadlineMs: clock.monotonicMs() + limits.walkMs,
        onSend: () => {
          requests++;
          hooks.onSend?.();
        },
      };
      const walk = await walkStudies(queries, {
        limits,
        onPage,
        followUp,
        fetchPage: async (parameters) => fetchPage(parameters, sending),
        fetchVersion: async () => fetchVersion(sending),
      });
      return { ...walk, requests };
    },
    close: async () => dispatcher.destroy(),
  };
}

function readVersion({ value, etag }: Tagged<z.infer<typeof VersionAnswer>>): RegistryVersion {
  const { apiVersion, dataTimestamp = null } = value;
  return { apiVersion, dataTimestamp, etag };
}

/** JSON that cannot be read was cut off on its way and is worth another try; a wrong type or shape is not. */
function parseAnswer<Schema extends z.ZodType>(schema: Schema, answer: TextAnswer): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch (error) {
    const details = { cause: error, upstreamText: answer.text };
    if (answer.type.includes('json'))
      throw new RegistryUnreachable('The registry sent unreadable JSON', details);
    throw new RegistryContractBroken('The registry sent something other than JSON', 0, details);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RegistryContractBroken('The registry sent an unexpected shape', 0, { cause: parsed.error });
}
