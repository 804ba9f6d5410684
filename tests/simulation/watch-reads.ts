import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LightMyRequestResponse } from 'fastify';
import type { SteppedClock } from '../support/stepped-clock.ts';
import type { READS } from './plan.ts';
import type { Accepted } from './watch-list.ts';

/** One reader: asks, and holds every answer against all answers before it and against what should be served. */
export interface WatchReads {
  readonly reads: number;
  read(what: (typeof READS)[number], pick: number): Promise<void>;
  /** A list whose answer may be of the list before or after, because a sync is at work. */
  readMeanwhile(): Promise<void>;
  walk(fresh: boolean): Promise<void>;
}

export interface ReadsOptions {
  readonly clock: SteppedClock;
  readonly report: (problem: string) => void;
  readonly get: (url: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>;
  readonly served: () => Accepted | null;
  readonly numbers: () => readonly string[];
  /** True when the list must say that it is stale. */
  readonly mustBeStale: () => boolean;
}

interface Row {
  readonly nctId: string;
  readonly availability: string;
  readonly [field: string]: unknown;
}
interface ListAnswer {
  readonly data: readonly Row[];
  readonly total: number;
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly meta: { readonly snapshotId: string; readonly stale: boolean };
  readonly cursors: { readonly next: string | null };
}

const document = JSON.parse(
  await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
) as { paths: Record<string, { get?: { responses: Record<string, unknown> } }> };
const QUERIES = [
  '',
  '?limit=3',
  '?ageGroup=child',
  '?availability=open',
  '?q=leukemia',
  '?site=childrens',
  '?sort=title',
];
const DAY = 86_400_000;
const hash = (text: string): string => createHash('sha256').update(text).digest('base64');

export function createWatchReads(options: ReadsOptions): WatchReads {
  const { clock, report, get } = options;
  /** By address and edition, and by tag: the answer's hash. */
  const answers = new Map<string, string>();
  const bodies = new Map<string, string>();
  /** By snapshot and number, the trial. */
  const trials = new Map<string, string>();
  /** By snapshot, its whole list. */
  const lists = new Map<string, readonly Row[]>();
  let walked: { snapshotId: string; next: string; ids: string[]; total: number } | null = null;
  let reads = 0;

  const remember = (known: Map<string, string>, key: string, value: string, problem: string): void => {
    const before = known.get(key);
    if (before !== undefined && before !== value) report(`${problem}: ${key}`);
    known.set(key, value);
  };

  const ask = async (pattern: string, url: string): Promise<LightMyRequestResponse> => {
    reads++;
    // A list that comes while the answer is on its way is too late for it.
    const loaded = options.served() !== null;
    const response = await get(url);
    const { statusCode } = response;
    if (!document.paths[pattern]?.get?.responses[statusCode])
      report(`${url} answered ${statusCode}, which is not documented`);
    if (statusCode >= 500 && !(statusCode === 503 && !loaded))
      report(`${url} answered ${statusCode}, and ${loaded ? 'there is a list' : 'there is none'}`);
    return response;
  };

  const checkMeta = (url: string, response: LightMyRequestResponse, strict: boolean): void => {
    const { meta } = response.json<Pick<ListAnswer, 'meta'>>();
    // Who has left is no part of an edition: 90 days end by the clock.
    const { gone } = response.json<{ gone?: unknown }>();
    const edition = JSON.stringify([meta, gone ?? null]);
    const print = hash(response.body);
    const tag = String(response.headers.etag);
    remember(answers, `${url} ${edition}`, print, 'one question and one edition, two answers');
    remember(bodies, tag, print, 'one ETag, two bodies');
    if (!strict) return;
    if (meta.snapshotId !== options.served()?.id)
      report(`${url} is of list ${meta.snapshotId}, and ${options.served()?.id ?? 'none'} was published`);
    if (!meta.stale && options.mustBeStale())
      report(`${url} is not stale, and the last check was over 6 hours ago`);
  };

  const checkList = (
    url: string,
    { data, total, facets, meta }: ListAnswer,
    expected: Accepted | null,
  ): void => {
    const query = new URL(url, 'http://service').searchParams;
    const limit = Number(query.get('limit') ?? '50');
    if (data.length > total || (total <= limit && data.length !== total && !query.has('cursor')))
      report(`${url} has ${data.length} trials of ${total}`);
    for (const row of data) checkRow(meta.snapshotId, row);
    if (query.size > 0) return;
    lists.set(meta.snapshotId, data);
    if (expected !== null && expected.id === meta.snapshotId) {
      const listed = data.map(({ nctId }) => nctId).toSorted();
      if (listed.join() !== [...expected.trials.keys()].toSorted().join())
        report(`${url} lists other trials than were published as ${meta.snapshotId}`);
    }
    const counts = facets['availability'] ?? {};
    const counted = Object.groupBy(data, ({ availability }) => availability);
    for (const [value, count] of Object.entries(counts))
      if (count !== (counted[value]?.length ?? 0)) report(`${url} counts ${count} trials that are ${value}`);
  };

  const checkRow = (snapshotId: string, row: Row): void => {
    const detail = trials.get(`${snapshotId} ${row.nctId}`);
    if (detail === undefined) return;
    const trial = JSON.parse(detail) as Record<string, unknown>;
    for (const field of ['briefTitle', 'overallStatus', 'availability', 'source', 'notices'])
      if (JSON.stringify(row[field]) !== JSON.stringify(trial[field]))
        report(`${row.nctId} has two values of ${field} in list ${snapshotId}`);
  };

  const readList = async (query: string, strict: boolean): Promise<void> => {
    const url = `/v1/trials${query}`;
    const response = await ask('/v1/trials', url);
    if (response.statusCode !== 200) {
      if (response.statusCode !== 503) report(`${url} answered ${response.statusCode}`);
      return;
    }
    checkMeta(url, response, strict);
    checkList(url, response.json(), options.served());
    if (!strict) return;
    const again = await get(url, { 'if-none-match': String(response.headers.etag) });
    if (again.statusCode !== 304 || again.body !== '')
      report(`${url} answered ${again.statusCode} to its own ETag`);
  };

  const expectedStatus = (nctId: string): readonly number[] => {
    const served = options.served();
    if (served === null) return [503];
    if (served.trials.has(nctId)) return [200];
    if (served.aliases.has(nctId)) return [308];
    const goneMs = served.gone.get(nctId);
    if (goneMs === undefined) return [404];
    // Wall time may jump by a day and a half, so that about the 90th day it is either.
    const ageMs = clock.nowMs() - goneMs;
    return ageMs < 86 * DAY ? [410] : [410, 404];
  };

  const readTrial = async (nctId: string): Promise<void> => {
    const url = `/v1/trials/${nctId}`;
    const expected = expectedStatus(nctId);
    const response = await ask('/v1/trials/{nctId}', url);
    const { statusCode } = response;
    if (!expected.includes(statusCode))
      report(`${url} answered ${statusCode} instead of ${expected.join(' or ')}`);
    if (statusCode === 410 && !/left the list on .*\. \S/.test(response.json<{ detail: string }>().detail))
      report(`${url} does not say why the trial is gone`);
    if (statusCode !== 200) return;
    checkMeta(url, response, true);
    const { data, meta } = response.json<{ data: Row; meta: ListAnswer['meta'] }>();
    remember(
      trials,
      `${meta.snapshotId} ${nctId}`,
      JSON.stringify(data),
      'one list, two versions of a trial',
    );
    const row = lists.get(meta.snapshotId)?.find((one) => one.nctId === nctId);
    if (row !== undefined) checkRow(meta.snapshotId, row);
    const fields = options.served()?.trials.get(nctId);
    for (const [field, value] of fields ?? [])
      if (JSON.stringify(data[field]) !== value) report(`${url} has another ${field} than was published`);
  };

  const readState = async (url: '/health/ready' | '/v1/meta'): Promise<void> => {
    const response = await ask(url, url);
    const served = options.served();
    if (served === null ? response.statusCode !== 503 : response.statusCode !== 200)
      report(`${url} answered ${response.statusCode}`);
    if (served === null) return;
    const { snapshot } = response.json<{ snapshot: { id: string; stale: boolean; trials: number } }>();
    if (snapshot.id !== served.id || snapshot.trials !== served.trials.size)
      report(`${url} speaks of list ${snapshot.id} of ${snapshot.trials} trials`);
    if (!snapshot.stale && options.mustBeStale())
      report(`${url} is not stale, and the last check was over 6 hours ago`);
  };

  const pickOf = (choices: readonly string[], pick: number): string | undefined =>
    choices[Math.floor(pick * choices.length)];

  return {
    get reads() {
      return reads;
    },
    readMeanwhile: async () => readList('', false),
    async read(what, pick) {
      switch (what) {
        case 'list':
          return readList(pickOf(QUERIES, pick) ?? '', true);
        case 'trial':
          return readTrial(pickOf(options.numbers(), pick) ?? 'NCT00000001');
        case 'gone':
          return readTrial(pickOf([...(options.served()?.gone.keys() ?? [])], pick) ?? 'NCT00000001');
        case 'never':
          return readTrial('NCT00000001');
        case 'ready':
          return readState('/health/ready');
        case 'meta':
          return readState('/v1/meta');
        case 'excluded': {
          const response = await ask('/v1/excluded', '/v1/excluded');
          if (response.statusCode === 200) checkMeta('/v1/excluded', response, true);
          return undefined;
        }
        default:
          return what satisfies never;
      }
    },
    async walk(fresh) {
      if (fresh) walked = null;
      const url = walked === null ? '/v1/trials?limit=4' : `/v1/trials?limit=4&cursor=${walked.next}`;
      const response = await ask('/v1/trials', url);
      if (response.statusCode !== 200) {
        const { type } = response.json<{ type: string }>();
        const ended = walked !== null && type.endsWith('/cursor-expired');
        if (response.statusCode !== 503 && !ended) report(`a walk ended with ${response.statusCode} ${type}`);
        walked = null;
        return;
      }
      const { data, total, meta, cursors } = response.json<ListAnswer>();
      if (walked !== null && (walked.snapshotId !== meta.snapshotId || walked.total !== total))
        report(`a walk of list ${walked.snapshotId} went on in ${meta.snapshotId}`);
      const ids = [...(walked?.ids ?? []), ...data.map(({ nctId }) => nctId)];
      if (cursors.next === null && new Set(ids).size !== total)
        report(`a walk of ${total} trials brought ${new Set(ids).size}`);
      walked = cursors.next === null ? null : { snapshotId: meta.snapshotId, next: cursors.next, ids, total };
    },
  };
}
