import type { ChildProcess } from 'node:child_process';

/** What all rivals are asked: the same bytes, each at its own address. */
export const CASES = ['list', 'listBrotli', 'trial', 'notModified'] as const;
export type CaseName = (typeof CASES)[number];

export const CASE_TITLES: Readonly<Record<CaseName, string>> = {
  list: 'list, identity',
  listBrotli: 'list, brotli',
  trial: 'trial, identity',
  notModified: 'list, 304',
};

export interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A running server. */
export interface Rival {
  readonly name: RivalName;
  readonly child: ChildProcess;
  readonly port: number;
  readonly questions: Readonly<Record<CaseName, Question>>;
  /** Where it writes a line for each answer; emptied between runs. */
  readonly logFile?: string;
}

export const RIVAL_TITLES = {
  service: 'this service',
  raw: 'raw `node:http`',
  plugins: 'Fastify with plugins',
  nginxStatic: 'nginx, static file',
  nginxProxy: 'nginx, proxy_cache',
  varnish: 'Varnish',
} as const;
export type RivalName = keyof typeof RIVAL_TITLES;

/** An answer of the service as it was sent. */
export interface CapturedAnswer extends Question {
  readonly status: number;
  /** Names and values in turn, without what differs from answer to answer. */
  readonly head: readonly string[];
  readonly body: string;
}
export type CapturedAnswers = Readonly<Record<CaseName, CapturedAnswer>>;

/** What every rival needs to know. */
export interface Surroundings {
  readonly folder: string;
  readonly answersFile: string;
  readonly answers: CapturedAnswers;
  readonly servicePort: number;
}
