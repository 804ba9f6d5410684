import { expect, test } from 'vitest';
import { buildTestApp, type TestApp } from '../support/test-app.ts';

/** What a page is made of may be left from other pages; no page may differ for it. */

const LANGUAGES = ['', 'lang=es'];
const QUESTIONS = [
  '',
  'age=8',
  'age=8m&phase=2',
  'setting=relapsed,refractory',
  'site=coa&ageGroup=child',
  'lineage=b&genomic=ph_positive&match=fits,check,does_not_fit',
  'q=blinatumomab',
  'sort=title',
];
const VIEWS = ['', 'view=clinician'];
const LISTS = VIEWS.flatMap((view) =>
  LANGUAGES.flatMap((language) =>
    QUESTIONS.map((question) => `/?${[view, question, language].filter((part) => part !== '').join('&')}`),
  ),
);
const EMBEDS = VIEWS.flatMap((view) =>
  ['', 'headingLevel=3', 'lang=es&phase=2'].flatMap((asked) =>
    ['/embed/v1/', '/embed/v1/list.html'].map((path) => `${path}?${view}&${asked}`),
  ),
);

async function ask({ server }: TestApp, url: string, encoding: string): Promise<string> {
  const { rawPayload, headers } = await server.inject({ url, headers: { 'accept-encoding': encoding } });
  return `${headers.etag} ${rawPayload.toString('base64')}`;
}

test('every page is the same whatever was asked or prepared before it', async () => {
  const used = await buildTestApp();
  used.preparation.start();
  await used.preparation.settled();
  const urls = [...LISTS, '/widget/', ...EMBEDS];
  const answers = new Map<string, string>();
  for (const url of urls) answers.set(url, await ask(used, url, 'identity'));
  // Some are enough: all of them came by before, and it takes a while to build a service for each.
  for (const url of urls.filter((_url, place) => place % 5 === 0))
    expect(answers.get(url) === (await ask(await buildTestApp(), url, 'identity')), url).toBe(true);
  await used.preparation.stop();
});

test('a page that was prepared has the bytes and tags of one that was not, in every coding', async () => {
  const [prepared, asked] = [await buildTestApp(), await buildTestApp()];
  prepared.preparation.start();
  await prepared.preparation.settled();
  for (const url of ['/', '/?view=clinician', '/?lang=es', '/?view=clinician&lang=es', '/v1/trials'])
    for (const encoding of ['gzip', 'identity', 'br'])
      expect((await ask(prepared, url, encoding)) === (await ask(asked, url, encoding)), url).toBe(true);
  await prepared.preparation.stop();
});

test('after another check the pages say so, as those of a service that knows no other', async () => {
  const DAY = '2026-11-25T09:00:00.000Z';
  const used = await buildTestApp();
  const urls = ['/', '/?view=clinician&lang=es', '/?age=8&lang=es', '/embed/v1/list.html'];
  const before = [];
  for (const url of urls) before.push(await ask(used, url, 'identity'));
  used.catalog.confirm(DAY);
  const fresh = await buildTestApp();
  fresh.catalog.confirm(DAY);
  for (const [place, url] of urls.entries()) {
    const now = await ask(used, url, 'identity');
    expect(now === before[place], url).toBe(false);
    expect(now === (await ask(fresh, url, 'identity')), url).toBe(true);
  }
});
