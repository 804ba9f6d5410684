import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GUARD } from '../src/catalog/guards.ts';
import { SYNC_FAILURE_CODES } from '../src/catalog/sync-failure.ts';
import { SYNC_STATES } from '../src/catalog/sync-state.ts';
import { SETTINGS } from '../src/config.ts';
import { buildTestApp } from './support/test-app.ts';

/** Documents that name what the code no longer has are worse than none. */

const files = ['README.md', 'SECURITY.md', 'PRIVACY.md'];
for await (const file of glob('docs/**/*.md')) files.push(file);
const documents = await Promise.all(
  files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })),
);
const operations = await readFile('docs/operations.md', 'utf8');
const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };

const namesIn = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? '')),
];

/** The rows of all tables, by what stands in their first column. */
const explained = new Map(
  operations.split('\n').flatMap((line) => {
    const [, name, ...cells] = /^\| `([a-z_]+)` \| (.+) \|$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, cells.join('')] as const];
  }),
);

describe.each(documents)('$file', ({ file, text }) => {
  test('names commands that exist', () => {
    const known = new Set(Object.keys(scripts));
    const named = namesIn(text, /npm run (?:-s )?([a-z][a-z:]*)/g);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('names files that exist', () => {
    const named = namesIn(text, /`((?:src|tests|tools|docs|institutions)\/[^`\s*<]*)`/g);
    const missing = named.filter((path) => !existsSync(path));
    expect(missing).toEqual([]);
  });

  test('links to files that exist', () => {
    const targets = namesIn(text, /\]\((?![a-z]+:|#)([^)#\s]+)/g).map((link) => join(dirname(file), link));
    const missing = targets.filter((path) => !existsSync(path));
    expect(missing).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  test('has every metric of /metrics, and no other', async () => {
    const { server } = await buildTestApp();
    const given = namesIn((await server.inject('/metrics')).body, /^# TYPE (\S+) /gm);
    const named = namesIn(operations, /\b(uab_all_trials_[a-z_]+)/g);
    const isOf = (name: string): boolean => given.includes(name.replace(/_(?:bucket|sum|count)$/, ''));
    expect(given.length).toBeGreaterThan(10);
    expect(given.filter((name) => !explained.has(name))).toEqual([]);
    expect(named.filter((name) => !isOf(name))).toEqual([]);
  });

  test.each([...SYNC_STATES, ...Object.keys(GUARD), ...SYNC_FAILURE_CODES])('explains %s', (code) => {
    expect(explained.get(code)).toMatch(/\w{3}/);
  });

  test('names settings that exist', () => {
    const known = new Set([...Object.keys(SETTINGS), 'SIGTERM', 'SIGINT', 'SIGKILL']);
    const named = namesIn(operations, /`([A-Z][A-Z_]{3,})(?:=[^`]*)?`/g);
    expect(named).toContain('DATA_DIR');
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('what SECURITY.md says of the headers is what is sent', async () => {
  const { server } = await buildTestApp();
  const security = await readFile('SECURITY.md', 'utf8');
  const line = security.split('\n').find((one) => one.startsWith('On every answer of a route')) ?? '';
  const told = namesIn(line, /`([A-Z][A-Za-z-]+: [^`]+)`/g).map((header) => header.split(': '));
  expect(told).toHaveLength(5);
  for (const url of ['/v1/trials', '/v1/trials?x=1', '/health/live', '/nowhere']) {
    const { headers } = await server.inject({ url, headers: { origin: 'https://hospital.example' } });
    for (const [name = '', value] of told) expect(headers[name.toLowerCase()], `${url} ${name}`).toBe(value);
    expect(headers['set-cookie']).toBeUndefined();
  }
});

test('every test that SECURITY.md and PRIVACY.md lean on is there, by file and by name', async () => {
  for (const file of ['SECURITY.md', 'PRIVACY.md']) {
    const text = await readFile(file, 'utf8');
    for (const [, path = '', name = ''] of text.matchAll(/`(tests\/[^`]+)` "([^"]+)"/g))
      expect(await readFile(path, 'utf8'), `${file}: ${name}`).toContain(name);
  }
});
