import { Dispatcher } from 'undici';
import { buildStudyQueries } from '../../src/registry/study-query.ts';
import { pack } from '../support/sample.ts';
import type { SteppedClock } from '../support/stepped-clock.ts';
import { makeStudyState, STATUSES, writeStudy, type StudyState } from './made-up-studies.ts';
import type { Random } from './random.ts';

export const ANSWER_FAULTS = [
  'server_error',
  'bad_gateway',
  'busy',
  'busy_until',
  'busy_503',
  'too_many',
  'forbidden',
  'page',
  'bad_request',
  'truncated',
  'cut_off',
  'empty',
  'network',
  'other_shape',
] as const;
export const PAGE_FAULTS = [
  'repeated_token',
  'expired_token',
  'wrong_total',
  'no_total',
  'mixed_days',
  'refresh_in_walk',
] as const;
export interface RegistryFault {
  readonly kind: (typeof ANSWER_FAULTS)[number] | (typeof PAGE_FAULTS)[number];
  readonly times: number;
  readonly retryAfterSeconds: number;
}

const isPageFault = (kind: RegistryFault['kind']): kind is (typeof PAGE_FAULTS)[number] =>
  (PAGE_FAULTS as readonly string[]).includes(kind);

export const STUDY_CHANGES = [
  'status',
  'status',
  'title',
  'new_day',
  'remove',
  'add',
  'unreadable',
  'move_away',
  'hide',
  'merge',
  'vanish',
  'empty',
  'all_statuses',
  'many',
  'older',
  'recover',
  'recover',
  'recover',
] as const;
export type StudyChange = (typeof STUDY_CHANGES)[number];

/** What somebody who watches the registry's door sees. */
export interface Door {
  onRequest(life: number): void;
  onAnswer(life: number, answer: { path: string; status: number }): void;
  /** Nobody may ask again before that much time has passed. */
  onPause(life: number, durationMs: number): void;
}

export interface MadeUpRegistry {
  /** The way of one process to the registry; `isAlive` tells whether anybody is still there to ask. */
  connect(life: number, isAlive: () => boolean): Dispatcher;
  change(change: StudyChange, pick: number): void;
  setFault(fault: RegistryFault | null): void;
  /** Every number that was ever given out. */
  readonly numbers: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cutOff?: boolean;
}

const BASE_STUDIES = 12;
const MOST_STUDIES = 40;
const REFUSED_PAUSE_MS = 30 * 60_000;
const FIRST_DAY = Date.parse('2026-11-20T00:00:00Z');
const DAY = 86_400_000;
const [named, criteria] = buildStudyQueries(pack);
const isQuestion = (query: URLSearchParams, question: typeof named): boolean =>
  ['query.cond', 'filter.advanced'].every((name) => query.get(name) === (question?.parameters[name] ?? null));

/** A registry without sockets that answers in the clock's time: `/version` and three searches over made-up studies. */
export function createMadeUpRegistry(options: {
  clock: SteppedClock;
  random: Random;
  door: Door;
}): MadeUpRegistry {
  const { clock, random, door } = options;
  const numbers: string[] = [];
  const makeNext = (): StudyState => {
    const made = makeStudyState(numbers.length + 1);
    numbers.push(made.nctId);
    return made;
  };
  const base = Array.from({ length: BASE_STUDIES }, makeNext);
  let studies = structuredClone(base);
  let before = studies;
  let day = 0;
  let generation = 0;
  let fault: { fault: RegistryFault; left: number } | null = null;

  const stamp = (): string => `${new Date(FIRST_DAY + day * DAY).toISOString().slice(0, 10)}T09:00:04`;
  const etag = (): string => `"made-up/${stamp()}/${generation}"`;
  const json = (value: unknown): Answer => ({
    status: 200,
    body: JSON.stringify(value),
    headers: { 'content-type': 'application/json', etag: etag() },
  });
  const takeFault = (path: string): RegistryFault | null => {
    if (fault === null || fault.left <= 0) return null;
    if (isPageFault(fault.fault.kind) && path !== '/studies') return null;
    fault.left--;
    return fault.fault;
  };

  const answerFault = ({ kind, retryAfterSeconds }: RegistryFault): Answer | null => {
    if (isPageFault(kind) || kind === 'network') return null;
    const busy = (status: number, retryAfter: string): Answer => ({
      status,
      body: '',
      headers: { 'retry-after': retryAfter },
    });
    switch (kind) {
      case 'server_error':
        return { status: 500, body: '' };
      case 'bad_gateway':
        return { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } };
      case 'busy':
        return busy(429, String(retryAfterSeconds));
      case 'busy_503':
        return busy(503, String(retryAfterSeconds));
      case 'busy_until':
        return busy(429, new Date(clock.nowMs() + retryAfterSeconds * 1000).toUTCString());
      case 'too_many':
        return { status: 429, body: '' };
      case 'forbidden':
        return { status: 403, body: '<html>403', headers: { 'content-type': 'text/html' } };
      case 'page':
        return { status: 200, body: '<html>Maintenance', headers: { 'content-type': 'text/html' } };
      case 'bad_request':
        return { status: 400, body: 'Invalid' };
      case 'truncated':
        return { status: 200, body: '{"studies":[{"proto', headers: { 'content-type': 'application/json' } };
      case 'cut_off':
        return { ...json({ studies: [] }), cutOff: true };
      case 'empty':
        return { status: 200, body: '', headers: { 'content-type': 'application/json' } };
      case 'other_shape':
        return json({ message: 'hello' });
      default:
        return kind satisfies never;
    }
  };

  const select = (query: URLSearchParams): StudyState[] => {
    const ids = query.get('filter.ids')?.split(',');
    if (ids !== undefined)
      return studies.filter(({ nctId, aliases }) => ids.some((id) => id === nctId || aliases.includes(id)));
    const searched = studies.filter(({ hidden, away }) => !hidden && !away);
    if (isQuestion(query, named)) return searched;
    return isQuestion(query, criteria) ? searched.filter((_study, index) => index % 3 === 0) : [];
  };

  const answerStudies = (query: URLSearchParams, kind: RegistryFault['kind'] | null): Answer => {
    const size = Number(query.get('pageSize'));
    const offset = Number(query.get('pageToken') ?? '0');
    if (kind === 'expired_token' && offset > 0) return { status: 400, body: 'Invalid page token' };
    const found = select(query);
    const rows = found.slice(offset, offset + size).map((state, index) => {
      const holder = kind === 'mixed_days' && index === 0 ? '2000-01-01' : stamp().slice(0, 10);
      return writeStudy(state, holder);
    });
    const next = kind === 'repeated_token' ? 1 : offset + size < found.length ? offset + size : null;
    const total = found.length + (kind === 'wrong_total' ? 3 : 0);
    const answer = json({
      ...(offset === 0 && kind !== 'no_total' && { totalCount: total }),
      studies: rows,
      ...(next !== null && { nextPageToken: String(next) }),
    });
    if (kind === 'refresh_in_walk') day++;
    return answer;
  };

  const answer = (path: string, headers: Record<string, unknown>): Answer | 'network' => {
    const url = new URL(path, 'http://registry');
    const taken = takeFault(url.pathname);
    if (taken?.kind === 'network') return 'network';
    const faulty = taken === null ? null : answerFault(taken);
    if (faulty !== null) return faulty;
    if (url.pathname === '/studies') return answerStudies(url.searchParams, taken?.kind ?? null);
    if (headers['if-none-match'] === etag()) return { status: 304, body: '', headers: { etag: etag() } };
    return json({ apiVersion: '2.0.5', dataTimestamp: stamp() });
  };

  /** By RFC 9110, section 10.2.3, and by the half hour that a refusal is to be left alone for. */
  const pauseOf = ({ status, headers = {} }: Answer): number | null => {
    const retryAfter = headers['retry-after'];
    const refused = status === 403 || (status === 200 && headers['content-type'] === 'text/html');
    if (refused) return REFUSED_PAUSE_MS;
    if (retryAfter === undefined) return null;
    const seconds = Number(retryAfter);
    return Number.isNaN(seconds) ? Date.parse(retryAfter) - clock.nowMs() : seconds * 1000;
  };

  const connect = (life: number, isAlive: () => boolean): Dispatcher =>
    Object.assign(new Dispatcher(), {
      destroy: async () => undefined,
      dispatch({ path, headers }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
        const hungUp = new AbortController();
        const controller = {
          aborted: false,
          paused: false,
          reason: null as Error | null,
          rawHeaders: [],
          rawTrailers: [],
          pause: () => undefined,
          resume: () => undefined,
          abort(reason: Error) {
            if (controller.aborted) return;
            controller.aborted = true;
            controller.reason = reason;
            hungUp.abort();
            handler.onResponseError?.(controller, reason);
          },
        };
        if (!isAlive()) {
          handler.onResponseError?.(controller, new Error('the process is dead'));
          return true;
        }
        handler.onRequestStart?.(controller, null);
        if (controller.aborted) return true;
        door.onRequest(life);
        const reply = (): void => {
          const given = answer(path, headers as Record<string, unknown>);
          door.onAnswer(life, { path, status: given === 'network' ? 0 : given.cutOff ? 0 : given.status });
          if (given === 'network') {
            handler.onResponseError?.(controller, new Error('ECONNRESET'));
            return;
          }
          const pauseMs = pauseOf(given);
          if (pauseMs !== null) door.onPause(life, pauseMs);
          handler.onResponseStart?.(controller, given.status, { ...given.headers }, '');
          if (given.body !== '') handler.onResponseData?.(controller, Buffer.from(given.body));
          if (given.cutOff) handler.onResponseError?.(controller, new Error('ECONNRESET'));
          else handler.onResponseEnd?.(controller, {});
        };
        void clock
          .sleep(random.between(20, 900), hungUp.signal)
          .then(reply, () => door.onAnswer(life, { path, status: 0 }));
        return true;
      },
    });

  const change = (kind: StudyChange, pick: number): void => {
    const chosen = Math.floor(pick * studies.length);
    const next = structuredClone(studies);
    const one = next[chosen];
    const earlier = before;
    before = studies;
    switch (kind) {
      case 'status':
        if (one)
          one.status = STATUSES[(STATUSES.indexOf(one.status as never) + 1) % STATUSES.length] as string;
        break;
      case 'title':
        if (one) one.edition++;
        break;
      case 'remove':
        next.splice(chosen, 1);
        break;
      case 'add':
        if (next.length < MOST_STUDIES) next.push(makeNext());
        break;
      case 'unreadable':
        if (one) one.unreadable = !one.unreadable;
        break;
      case 'move_away':
        if (one) one.away = !one.away;
        break;
      case 'hide':
        if (one) one.hidden = !one.hidden;
        break;
      case 'merge': {
        const [gone] = next.splice(chosen, 1);
        const target = next[chosen] ?? next[0];
        if (gone && target) target.aliases.push(gone.nctId, ...gone.aliases);
        break;
      }
      case 'vanish':
        next.splice(0, Math.ceil(next.length * 0.4));
        break;
      case 'empty':
        next.splice(0);
        break;
      case 'all_statuses':
        for (const study of next) study.status = STATUSES[Math.floor(pick * STATUSES.length)] as string;
        break;
      case 'many':
        while (next.length < Math.min(MOST_STUDIES, studies.length * 2)) next.push(makeNext());
        break;
      case 'older':
        day -= 2;
        generation++;
        studies = pick < 0.5 ? structuredClone(earlier) : next;
        return;
      case 'recover':
        next.splice(0, next.length, ...structuredClone(base));
        break;
      case 'new_day':
        break;
      default:
        kind satisfies never;
    }
    studies = next;
    day++;
    generation++;
  };

  return {
    connect,
    change,
    setFault(given) {
      fault = given === null ? null : { fault: given, left: given.times };
    },
    numbers,
  };
}
