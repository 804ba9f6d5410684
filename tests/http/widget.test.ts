import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildWebFiles } from '../../tools/build-web-files.ts';
import { ENGLISH } from '../../src/web/words/english.ts';
import { buildTestApp } from '../support/test-app.ts';

const PUBLIC_URL = 'https://trials.example';
const JS = 'uab-all-trials.js';
const CSS = 'uab-all-trials.css';

let server: FastifyInstance;
beforeAll(async () => {
  ({ server } = await buildTestApp({ frameAncestors: "'self' https://*.uab.example" }));
});
afterAll(async () => server.close());
const get = async (url: string, headers = {}) => server.inject({ url, headers });

/** Budgets of the specification, compressed as hard as can be. */
test.each([
  ['widget.js', 15_000],
  ['widget.css', 5_000],
])('%s has at most %i bytes', async (name, budget) => {
  const text = (await buildWebFiles()).get(name) as string;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  const { length } = brotliCompressSync(text, { params });
  expect(length).toBeGreaterThan(500);
  expect(length).toBeLessThanOrEqual(budget);
});

describe('files', () => {
  test('are immutable by version, move under 1, and are for pages of any origin', async () => {
    for (const [name, contentType] of [
      [JS, 'text/javascript; charset=utf-8'],
      [CSS, 'text/css; charset=utf-8'],
    ] as const) {
      const fixed = await get(`/widget/1.0.0/${name}`, { origin: 'https://www.uab.example' });
      const moving = await get(`/widget/1/${name}`, { origin: 'https://www.uab.example' });
      expect(fixed.body).toBe(moving.body);
      for (const { headers, statusCode } of [fixed, moving]) {
        expect(statusCode).toBe(200);
        expect(headers).toMatchObject({
          'content-type': contentType,
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
        });
      }
      expect(fixed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(moving.headers['cache-control']).toMatch(/^public, max-age=300,/);
    }
    expect((await get(`/widget/0.0.1/${JS}`)).statusCode).toBe(404);
  });

  test('are as the manifest says', async () => {
    const { version, files } = (await get('/widget/manifest.json')).json<{
      version: string;
      files: Record<string, { path: string; integrity: string; bytes: number; brotliBytes: number }>;
    }>();
    expect(version).toBe('1.0.0');
    expect(Object.keys(files)).toEqual([JS, CSS]);
    for (const { path, integrity, bytes, brotliBytes } of Object.values(files)) {
      const { rawPayload } = await get(path);
      expect(integrity).toBe(`sha384-${createHash('sha384').update(rawPayload).digest('base64')}`);
      expect(bytes).toBe(rawPayload.length);
      expect(brotliBytes).toBe(brotliCompressSync(rawPayload).length);
    }
  });
});

test.each([
  ['/widget', '/widget/'],
  ['/widget?lang=es', '/widget/?lang=es'],
  ['/embed', '/widget/'],
  ['/embed/', '/widget/'],
  ['/embed/v1', '/embed/v1/'],
  ['/embed/v1?view=clinician&phase=2,3', '/embed/v1/?view=clinician&phase=2%2C3'],
  ['/embed/v1?"><b>é', '/embed/v1/?%22%3E%3Cb%3E%C3%A9='],
])('%s leads to %s', async (url, location) => {
  const { statusCode, headers } = await get(url);
  expect([statusCode, headers.location]).toEqual([308, `${PUBLIC_URL}${location}`]);
  expect((await get(location)).statusCode).toBe(200);
});

describe('the fragment', () => {
  test('has no script, no style attribute and no relative address', async () => {
    for (const view of ['patient', 'clinician']) {
      const { body, headers } = await get(`/embed/v1/list.html?view=${view}`);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(body).toMatch(/^<uab-all-trials\s[^>]*><template shadowrootmode="open"/);
      expect(body).not.toMatch(/<script|\sstyle=|\son[a-z]+=/);
      const addresses = [...body.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, address]) => address);
      expect(addresses.length).toBeGreaterThan(50);
      expect(addresses.filter((one) => !/^(?:https?:\/\/|tel:|mailto:|#)/.test(one ?? ''))).toEqual([]);
    }
  });

  test.each([
    ['', 2],
    ['?headingLevel=1', 1],
    ['?headingLevel=6', 6],
    ['?headingLevel=0', 2],
    ['?headingLevel=7', 2],
    ['?headingLevel=x&view=x&lang=xx&phase=9&site=nowhere&unknown=1', 2],
  ])('%s begins at level %i', async (query, level) => {
    const { body } = await get(`/embed/v1/list.html${query}`);
    const levels = [...body.matchAll(/<h([1-6]) class="group-title"/g)].map(([, digit]) => Number(digit));
    expect([...new Set(levels)]).toEqual([level]);
    expect(body).toContain(`<h${Math.min(level + 1, 6)} class="trial-title"`);
    expect(body).toContain(`heading-level="${level}"`);
    expect(body).toContain('view="patient"');
    expect(body).toContain('lang="en"');
  });

  test('takes presets, and nothing that a reader types', async () => {
    const { body } = await get('/embed/v1/list.html?phase=2,3&ageGroup=child&age=8&q=canary');
    expect(body).toMatch(/^<uab-all-trials[^>]* age-group="child"[^>]* phase="2 3"/);
    expect(body).not.toContain('canary');
  });
});

test('the frame may be framed by whom the operator names, and by nobody else', async () => {
  const { headers, body } = await get('/embed/v1/?parent=https://evil.example');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'self' https://*.uab.example;");
  expect(headers['content-security-policy']).toContain("trusted-types 'none'");
  expect(body).toContain('data-frame-ancestors="&#39;self&#39; https://*.uab.example"');
  expect(body).not.toContain('evil');
});

describe('the documentation', () => {
  test('has every custom property', async () => {
    const css = await readFile('src/web/styles/tokens.css', 'utf8');
    const names = new Set([...css.matchAll(/--(uab-[a-z-]+)/g)].map(([, name]) => name as string));
    expect(Object.keys(ENGLISH.widgetPage.propertyMeanings).toSorted()).toEqual([...names].toSorted());
  });

  test('has every part', async () => {
    const documented = new Set(Object.keys(ENGLISH.widgetPage.parts));
    for (const view of ['patient', 'clinician']) {
      const { body } = await get(`/embed/v1/list.html?view=${view}`);
      const parts = [...body.matchAll(/\spart="([^"]+)"/g)].map(([, name]) => name as string);
      expect(parts).toContain('title');
      expect([...new Set(parts)].filter((name) => !documented.has(name))).toEqual([]);
    }
  });

  test('shows the hash of the script, and code for this address', async () => {
    const { body } = await get('/widget/');
    const { body: script } = await get(`/widget/1.0.0/${JS}`);
    expect(body).toContain(createHash('sha384').update(script).digest('base64'));
    expect(body).toContain(`src=&quot;${PUBLIC_URL}/widget/1.0.0/${JS}&quot;`);
  });
});
