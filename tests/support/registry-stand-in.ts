import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { matchesEssie } from './registry/essie-match.ts';
import { EssieError, parseEssie } from './registry/essie-parser.ts';
import { createFaultSwitches, playFault, type FaultSwitches } from './registry/faults.ts';
import { findStudyField, projectStudy, valuesAt } from './registry/study-fields.ts';

/** A request as it came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** A running stand-in of the registry: the slice of its API v2 that we use, over studies of the caller's. */
export interface RegistryStandIn {
  /** `http://127.0.0.1:<port>/api/v2` */
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  readonly faults: FaultSwitches;
  setStudies(studies: readonly unknown[]): void;
  /** Searches no longer return these; asked for by number they are there. */
  hideFromSearch(nctIds: readonly string[]): void;
  /** From now on that tag, whatever the data. */
  setEtag(tag: string): void;
  /** A new dataset: another timestamp, day and tag. */
  refresh(dataTimestamp: string): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

type Json = Record<string, unknown>;

const BASE = '/api/v2';
const LONGEST_URL = 8_192;
const STATUSES = new Set(
  'ACTIVE_NOT_RECRUITING COMPLETED ENROLLING_BY_INVITATION NOT_YET_RECRUITING RECRUITING SUSPENDED TERMINATED WITHDRAWN AVAILABLE NO_LONGER_AVAILABLE TEMPORARILY_NOT_AVAILABLE APPROVED_FOR_MARKETING WITHHELD UNKNOWN'.split(
    ' ',
  ),
);
/** Areas and the labels that errors name them by. */
const QUERY_AREAS: Readonly<Record<string, { area: string; label: string }>> = {
  'query.cond': { area: 'ConditionSearch', label: 'Conditions or disease' },
  'query.term': { area: 'BasicSearch', label: 'Other terms' },
  'query.locn': { area: 'LocationSearch', label: 'Location terms' },
  'query.titles': { area: 'TitleSearch', label: 'Title / acronym' },
  'filter.advanced': { area: 'BasicSearch', label: 'advanced filter' },
};
const PARAMETERS = new Set([
  ...Object.keys(QUERY_AREAS),
  ...'format markupFormat filter.overallStatus filter.ids fields sort countTotal pageSize pageToken'.split(
    ' ',
  ),
]);
const CLASSIC_NAMES = new Set(['ConditionList', 'InterventionList', 'LocationList']);
const NCT_IDS_ONLY = /^\s*NCT\d{8}(?:[\s,]+NCT\d{8})*\s*$/i;

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=UTF-8', body });
const json = (body: string, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  type: 'application/json',
  body,
  headers,
});
const splitList = (value: string): string[] => value.split(/[,|]/);
const nctIdOf = (study: unknown): string =>
  String(valuesAt(study, ['protocolSection', 'identificationModule', 'nctId'])[0]);

/** Starts a stand-in on a free port of the loopback. */
export async function startRegistryStandIn(options: {
  studies: readonly unknown[];
  dataTimestamp?: string;
  port?: number;
}): Promise<RegistryStandIn> {
  let { studies } = options;
  let dataTimestamp = options.dataTimestamp ?? '2026-11-20T09:00:04';
  let hidden: ReadonlySet<string> = new Set();
  const requests: SeenRequest[] = [];
  const faults = createFaultSwitches();
  let fixedEtag: string | null = null;
  const etag = (): string => fixedEtag ?? `"883b003/0.34.1/${dataTimestamp.replace(/\W/g, '')}"`;

  const answerVersion = (request: IncomingMessage): Answer => {
    const headers = { etag: etag() };
    if (request.headers['if-none-match'] === etag() && fixedEtag === null)
      return { status: 304, type: '', body: '', headers };
    return json(`{\n  "apiVersion" : "2.0.5",\n  "dataTimestamp" : "${dataTimestamp}"\n}`, headers);
  };

  const answerStudy = (id: string): Answer => {
    const digits = /^nct0*([1-9]\d{0,7})$/i.exec(id)?.[1];
    if (digits === undefined)
      throw new Refusal(400, `Invalid value in parameter \`nctId\`: ${id} has incorrect format`);
    const nctId = `NCT${digits.padStart(8, '0')}`;
    const study = studies.find((one) => nctIdOf(one) === nctId);
    if (study !== undefined) return json(JSON.stringify(asServed(study, dataTimestamp)));
    const merged = studies.find((one) => aliasesOf(one).includes(nctId));
    if (merged !== undefined)
      return { ...text(301, ''), headers: { location: `${BASE}/studies/${nctIdOf(merged)}` } };
    throw new Refusal(404, `NCT number ${nctId} not found`);
  };

  const answerStudies = (query: URLSearchParams): Answer => {
    checkParameters(query);
    const fault = faults.takePageFault('/studies');
    const offset = readToken(query.get('pageToken'));
    if (fault === 'expired-token' && offset > 0) throw new Refusal(400, 'Invalid page token');
    const searched = query.has('filter.ids')
      ? studies
      : studies.filter((study) => !hidden.has(nctIdOf(study)));
    const found = orderStudies(selectStudies(searched, query), query.get('sort'));
    const size = readPageSize(query.get('pageSize'));
    const page = found.slice(offset, offset + size);
    const fields = readFields(query.get('fields'));
    const rows = page.map((study, index) => {
      const day = fault === 'mixed-days' && index === 0 ? '2000-01-01T00:00:00' : dataTimestamp;
      const served = asServed(study, day);
      return JSON.stringify(fields === null ? served : projectStudy(served, fields));
    });
    if (fault === 'doubled-study' && rows[0] !== undefined) rows.push(rows[0]);
    const counted = query.get('countTotal') === 'true' && offset === 0 && fault !== 'no-total';
    const total = found.length + (fault === 'wrong-total' ? 5 : 0);
    const next = fault === 'repeated-token' ? offset + 1 : page.length === size ? offset + size : null;
    const token =
      fault === 'endless-tokens'
        ? formatToken(offset + 1)
        : next === null
          ? null
          : formatToken(fault === 'repeated-token' ? 1 : next);
    if (fault === 'refresh-in-walk') dataTimestamp = bumpDay(dataTimestamp);
    const head = counted ? `"totalCount":${total},` : '';
    const tail = token === null ? '' : `,"nextPageToken":"${token}"`;
    return json(`{${head}"studies":[\n${rows.join(',\n')}\n]${tail}}`, { etag: etag() });
  };

  const answer = (request: IncomingMessage, url: URL): Answer => {
    if (request.method === 'OPTIONS') return text(403, '');
    if ((request.url ?? '').length > LONGEST_URL)
      return {
        status: 414,
        type: 'text/html',
        body: '<html><head><title>414 Request-URI Too Large</title></head></html>',
      };
    const path = url.pathname.slice(BASE.length);
    try {
      if (path === '/version') return answerVersion(request);
      if (path === '/studies') return answerStudies(url.searchParams);
      if (path.startsWith('/studies/'))
        return answerStudy(decodeURIComponent(path.slice('/studies/'.length)));
      return text(404, 'Not found');
    } catch (error) {
      if (error instanceof Refusal) return text(error.status, error.message);
      throw error;
    }
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    requests.push({
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    });
    const fault = faults.takeAnswerFault(url.pathname);
    if (fault) playFault(fault, response);
    else send(answer(request, url), request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}${BASE}`,
    requests,
    faults,
    setEtag(tag) {
      fixedEtag = tag;
    },
    hideFromSearch(nctIds) {
      hidden = new Set(nctIds);
    },
    setStudies(given) {
      studies = given;
    },
    refresh(timestamp) {
      dataTimestamp = timestamp;
    },
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  const zipped = answer.body !== '' && (request.headers['accept-encoding'] ?? '').includes('gzip');
  response.writeHead(answer.status, {
    ...(answer.type !== '' && { 'content-type': answer.type }),
    ...(zipped && { 'content-encoding': 'gzip' }),
    ...answer.headers,
  });
  response.end(zipped ? gzipSync(answer.body) : answer.body);
}

/** Every study carries the day of the dataset, and says whether it has results. */
function asServed(study: unknown, dataTimestamp: string): Json {
  const given = study as { derivedSection?: Json };
  const derived = given.derivedSection ?? {};
  const misc = (derived['miscInfoModule'] ?? {}) as Json;
  return {
    hasResults: false,
    ...(study as Json),
    derivedSection: { ...derived, miscInfoModule: { ...misc, versionHolder: dataTimestamp.slice(0, 10) } },
  };
}

function aliasesOf(study: unknown): string[] {
  return valuesAt(study, ['protocolSection', 'identificationModule', 'nctIdAliases']).map(String);
}

function bumpDay(dataTimestamp: string): string {
  const next = new Date(Date.parse(`${dataTimestamp}Z`) + 86_400_000);
  return next.toISOString().slice(0, 19);
}

function checkParameters(query: URLSearchParams): void {
  for (const name of query.keys())
    if (!PARAMETERS.has(name)) throw new Refusal(400, `\`${name}\` is unknown parameter`);
  for (const status of splitList(query.get('filter.overallStatus') ?? '').filter(Boolean))
    if (!STATUSES.has(status))
      throw new Refusal(400, `Invalid value in parameter \`overallStatus\`: \`${status}\``);
  if ((query.get('format') ?? 'json') !== 'json')
    throw new Refusal(400, 'the stand-in does not implement this format');
}

function selectStudies(studies: readonly unknown[], query: URLSearchParams): unknown[] {
  const expressions = Object.entries(QUERY_AREAS).flatMap(([parameter, { area, label }]) => {
    const value = query.get(parameter);
    return value === null ? [] : [{ value, area, label }];
  });
  const idsOnly = expressions.find(({ value }) => NCT_IDS_ONLY.test(value));
  if (idsOnly) return studies.filter((study) => idsOnly.value.toUpperCase().includes(nctIdOf(study)));
  const ids = query.get('filter.ids');
  const statuses = splitList(query.get('filter.overallStatus') ?? '').filter(Boolean);
  const tests = expressions.map(({ value, area, label }) => essieTest(value, area, label));
  return studies.filter(
    (study) =>
      tests.every((test) => test(study)) &&
      (statuses.length === 0 || statuses.includes(statusOf(study))) &&
      (ids === null || splitList(ids).some((id) => nctIdOf(study) === id || aliasesOf(study).includes(id))),
  );
}

function statusOf(study: unknown): string {
  return String(valuesAt(study, ['protocolSection', 'statusModule', 'overallStatus'])[0]);
}

function essieTest(value: string, area: string, label: string): (study: unknown) => boolean {
  const refusing = <Result>(run: () => Result): Result => {
    try {
      return run();
    } catch (error) {
      if (error instanceof EssieError)
        throw new Refusal(400, `Error parsing query in ${label}: ${error.message}`);
      throw error;
    }
  };
  const parsed = refusing(() => parseEssie(value));
  refusing(() => matchesEssie(parsed, {}, area));
  return (study) => refusing(() => matchesEssie(parsed, study, area));
}

function orderStudies(studies: unknown[], sort: string | null): unknown[] {
  if (sort === null) return studies;
  const keys = splitList(sort).map((part) => {
    const [name = '', direction] = part.split(':');
    const field = findStudyField(name);
    if (field === null) throw new Refusal(400, `Parameter 'sort' contains invalid field name: '${name}'`);
    if (!/Date|int|Time/i.test(field.type)) throw new Refusal(400, 'Unsupported sort field type: text');
    return { field, down: direction !== 'asc' };
  });
  if (keys.length > 2) throw new Refusal(400, 'Too many sort fields');
  return studies.toSorted((one, other) => {
    for (const { field, down } of keys) {
      const [a, b] = [one, other].map((study) => valuesAt(study, field.path)[0]) as (
        | string
        | number
        | undefined
      )[];
      if (a === b) continue;
      if (a === undefined) return 1;
      if (b === undefined) return -1;
      const less = a < b;
      return less === down ? 1 : -1;
    }
    return 0;
  });
}

function readFields(fields: string | null) {
  if (fields === null) return null;
  return splitList(fields).map((name) => {
    if (CLASSIC_NAMES.has(name)) throw new Refusal(500, '');
    const field = findStudyField(name);
    if (field === null) throw new Refusal(400, `Parameter 'fields' contains invalid field name: '${name}'`);
    return field;
  });
}

function readPageSize(value: string | null): number {
  if (value !== null && !/^\d{1,9}$/.test(value))
    throw new Refusal(400, `Invalid value in parameter \`pageSize\`: \`${value}\``);
  return Math.min(1000, Number(value ?? 10) || 10);
}

/** A token binds an offset and nothing else: with another query it silently gives wrong data, as the registry's does. */
function formatToken(offset: number): string {
  return `ZVt07cGHkvI2wRk2CJf6_LL${Buffer.from(`offset=${offset};`.padEnd(48, '.')).toString('base64url')}`;
}

function readToken(token: string | null): number {
  if (token === null) return 0;
  const text = Buffer.from(token.slice('ZVt07cGHkvI2wRk2CJf6_LL'.length), 'base64url').toString('latin1');
  const offset = /^offset=(\d+);/.exec(text)?.[1];
  if (offset === undefined) throw new Refusal(400, 'Invalid page token');
  return Number(offset);
}
