import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { readConfig, SETTINGS } from '../../src/config.ts';
import { BUILT_ENVIRONMENT } from '../support/start-command.ts';

/** What the ways to deploy share: the Dockerfile as it is read, the settings, the routes. */

const text = await readFile('Dockerfile', 'utf8');
const instructions = text
  .replace(/^\s*#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .flatMap((line) => {
    const [, word = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return word === '' ? [] : [{ word, rest }];
  });

/** What follows an instruction, each time it is there. */
const every = (word: string): string[] =>
  instructions.filter((one) => one.word === word).map(({ rest }) => rest);
const last = (word: string): string => every(word).at(-1) ?? '';

export const dockerfile = {
  every,
  last,
  environment: Object.fromEntries(
    every('ENV').flatMap((rest) => rest.split(' ').map((pair) => pair.split('=') as [string, string])),
  ) as Readonly<Record<string, string>>,
  port: Number(last('EXPOSE')),
  user: Number(last('USER').split(':')[0]),
};

export const { version, optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
  version: string;
  optionalDependencies: Readonly<Record<string, string>>;
};

/** Node and the C library read the others. */
const KNOWN = new Set([...Object.keys(SETTINGS), 'NODE_ENV', ...Object.keys(BUILT_ENVIRONMENT)]);

/** Every name is a setting, and the service would start with these values. */
export function checkSettings(environment: Readonly<Record<string, string>>): void {
  expect(Object.keys(environment).filter((name) => !KNOWN.has(name))).toEqual([]);
  expect(() => readConfig(environment)).not.toThrow();
}

/** The paths of the OpenAPI document, as patterns. */
export async function listPaths(server: FastifyInstance): Promise<string[]> {
  const document = (await server.inject('/openapi.json')).json<{ paths: object }>();
  return Object.keys(document.paths);
}

/** Whether a path, or something below it, is answered. */
export async function isServed(server: FastifyInstance, path: string): Promise<boolean> {
  const paths = await listPaths(server);
  if (paths.some((one) => one === path || one.startsWith(`${path.replace(/\/$/, '')}/`))) return true;
  // Files of pages are in no document; the page that uses most of them names them.
  if ((await server.inject('/widget/')).body.includes(`="${path}/`)) return true;
  const answers = await Promise.all([server.inject(path), server.inject(`${path}/`)]);
  return answers.some(({ statusCode }) => statusCode !== 404);
}
