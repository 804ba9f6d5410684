import { afterAll, expect, test } from 'vitest';
import { fill, WORDS } from '../../src/web/words/words.ts';
import { buildTestApp } from '../support/test-app.ts';

const app = await buildTestApp();
afterAll(async () => app.server.close());

async function open(url: string): Promise<string> {
  const answer = await app.server.inject({ url });
  expect(answer.statusCode, url).toBe(200);
  return answer.body;
}

/** Rows that are shown, by the number of their checkbox. */
function shownIn(page: string): string[] {
  return page
    .split('<tbody')
    .slice(1)
    .filter((row) => !/^[^>]*\shidden\s*>/.test(row.replace(/data-trial="[^"]*"/, '')))
    .map((row) => /name="trials"\s+value="(NCT\d{8})"/.exec(row)?.[1] ?? '');
}

test.each([
  '',
  'age=34&setting=relapsed&genomic=ph_positive',
  'ageGroup=child&phase=2&sort=title',
  'q=blinatumomab',
])('without a script the table shows what the service lists: %s', async (query) => {
  const page = await open(`/?view=clinician&${query}`);
  const list = await app.server.inject({ url: `/v1/trials?limit=200&${query}` });
  const listed = list.json<{ data: { nctId: string }[] }>().data.map(({ nctId }) => nctId);
  expect(listed.length).toBeGreaterThan(0);
  expect(shownIn(page)).toEqual(listed);
});

test('what is set can be taken back by a link, and an order by its column', async () => {
  const page = await open('/?view=clinician&ageGroup=child&phase=2&sort=availability&sort=title');
  const link = /href="([^"]*)"\s+data-drop="phase=2"/.exec(page)?.[1] ?? '';
  expect(link.replaceAll('&amp;', '&')).toBe('/?view=clinician&ageGroup=child&sort=title');
  expect(page).toMatch(/data-head="title"\s+aria-sort="ascending"/);
  expect(page).toMatch(/value="-title"\s+data-sort="title"/);
});

test('the verdict comes with the sentence that says so, in the words of the registry', async () => {
  const page = await open('/?view=clinician&lineage=t&match=does_not_fit');
  expect(page).toContain('<span class="verdict" data-fit="does_not_fit">Does not fit</span>');
  expect(page).toMatch(/<q lang="en">[^<]+<\/q>/);
});

test('an age that cannot be read filters nothing and is shown again', async () => {
  const page = await open('/?view=clinician&age=%3Cb%3Eold');
  expect(page).toContain('value="&lt;b&gt;old"');
  expect(page).not.toContain('<b>old');
  expect(shownIn(page)).toEqual(shownIn(await open('/?view=clinician')));
});

test('both views lead to each other', async () => {
  for (const url of ['/', '/?view=clinician']) {
    const page = await open(url);
    expect(page.match(/aria-current="page"/g), url).toHaveLength(1);
    expect(page).toContain('href="/?view=clinician"');
  }
});

test.each([
  ['NCT03959085,NCT03007147', 2, []],
  ['nct03959085&trials=NCT03007147', 2, []],
  ['NCT03959085', 1, ['Choose at least 2 trials to compare.']],
  ['', 0, ['Choose at least 2 trials to compare.']],
  ['NCT03959085,NCT99999999', 1, ['Not on our list: NCT99999999.', 'Choose at least 2']],
  ['<b>,NCT03959085,NCT03007147', 2, []],
  ['NCT03959085,NCT03007147,NCT03739814,NCT05776134,NCT06317662', 4, ['at most 4 trials']],
])('compares %s', async (trials, count, told) => {
  const page = await open(`/compare?trials=${trials}`);
  expect(page.split('</thead>')[0]?.match(/<th role="columnheader" scope="col"><a /g) ?? []).toHaveLength(
    count,
  );
  for (const text of told) expect(page).toContain(text);
  expect(page.includes('class="error"')).toBe(told.length > 0);
  expect(page).not.toContain('<b>');
});

test.each([
  '/compare',
  '/compare?trials=',
  '/compare?trials=NCT03959085',
  '/compare?lang=es&trials=NCT99999999',
])('too few trials are answered with what to do and where: %s', async (url) => {
  const page = await open(url);
  const isSpanish = url.includes('lang=es');
  const { compare, clinician } = WORDS[isSpanish ? 'es' : 'en'];
  expect(page).toContain(fill(compare.howTo, { button: clinician.compare }));
  expect(page).toContain(`href="/?view=clinician${isSpanish ? '&amp;lang=es' : ''}#results"`);
  expect(page.includes(compare.unknownHelp)).toBe(url.includes('NCT99999999'));
});

test('what a record does not say is a value of the comparison, and exclusions are quoted', async () => {
  const page = await open('/compare?trials=NCT04726241,NCT03509961');
  expect(page).toContain('<td role="cell">Not stated</td>');
  expect(page).toMatch(/Named as excluded, KMT2A \(MLL\) rearranged:\s*<q lang="en">[^<]*KMT2A[^<]*<\/q>/);
});

test('whom no trial is left to is told whom to call, with the numbers', async () => {
  const page = await open('/?view=clinician&q=zzzzqq');
  const nothing = /data-nothing>[\s\S]*?<\/section>/.exec(page)?.[0] ?? '';
  for (const phone of ['205-638-9285', '205-934-0220'])
    expect(nothing).toMatch(new RegExp(`<a href="tel:[^"]+">${phone}</a>`));
});
