import { expect, test } from 'vitest';
import { HOSTILE_TEXT, snapshotWithText } from '../support/hostile-trial.ts';
import { buildTestApp } from '../support/test-app.ts';

const NCT = 'NCT03959085';
const HTML = { accept: 'text/html' };
const hostile = await buildTestApp({ snapshot: snapshotWithText(NCT, HOSTILE_TEXT) });
const harmless = await buildTestApp({ snapshot: snapshotWithText(NCT, ' word ') });

/** All tags with the names of their attributes: what a text must never change. */
function tagsOf(page: string): string[] {
  return [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
}

const PAGES = [
  '/',
  '/?lang=es&age=8',
  '/?view=clinician',
  `/trials/${NCT}`,
  `/trials/${NCT}?lang=es`,
  '/about',
  '/sitemap.xml',
];

test.each(PAGES)('the registry’s texts stay texts on %s', async (url) => {
  const [page, plain] = await Promise.all([hostile.server.inject(url), harmless.server.inject(url)]);
  expect([page.statusCode, plain.statusCode]).toEqual([200, 200]);
  expect(tagsOf(page.body)).toEqual(tagsOf(plain.body));
  expect(page.body).not.toMatch(/<img|alert\(3\)<\/script/i);
  for (const [, address = ''] of page.body.matchAll(/(?:href|src|action)="([^"]*)"/g))
    expect(address).toMatch(/^(?:\/|#|https:\/\/|mailto:|tel:|data:,$)/);
});

test('the trial’s page says every hostile text, escaped', async () => {
  const { body } = await hostile.server.inject(`/trials/${NCT}`);
  for (const start of ['Summary', 'Description', 'Reason', 'ACRONYM', 'Name', 'Place'])
    expect(body).toContain(`${start} &quot;&gt;&lt;img src=x onerror=alert(1)&gt;`);
});

test.each(['/trials/%22%3E%3Cimg%20src=x%3E', '/%3Cscript%3Ealert(1)%3C/script%3E?lang=%22%3E'])(
  'an address is not repeated: %s',
  async (url) => {
    const { statusCode, body } = await hostile.server.inject({ url, headers: HTML });
    expect(statusCode).toBeGreaterThanOrEqual(400);
    expect(body).not.toMatch(/img src|alert/);
  },
);

test('what was typed as an age stays a text', async () => {
  const { body } = await hostile.server.inject(`/?age=${encodeURIComponent('"><img src=x>')}`);
  expect(body).toContain('value="&quot;&gt;&lt;img src=x&gt;"');
});

test('structured data are JSON that no text can end', async () => {
  const { body } = await hostile.server.inject(`/trials/${NCT}`);
  const [, data = ''] = /<script type="application\/ld\+json">([^<]*)<\/script>/.exec(body) ?? [];
  const trial = JSON.parse(data) as { name: string; url: string };
  expect(trial.name).toContain(HOSTILE_TEXT);
  expect(trial.url).toBe(`https://trials.example/trials/${NCT}`);
});
