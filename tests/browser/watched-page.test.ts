import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../support/listen.ts';
import { layoutShifts } from './support/layout-shifts.ts';
import { useVisits } from './support/visits.ts';

/** The watch itself: a fault that it does not see would be seen by no test. */

const visits = useVisits();
let elsewhere: { port: number; close: () => Promise<unknown> };
beforeAll(async () => {
  elsewhere = await listen(createServer((_request, response) => response.end('')));
});
afterAll(async () => elsewhere.close());

test('sees errors and refusals of the policy', async () => {
  const { page, watch } = await visits.open('/');
  await page.evaluate(() => {
    globalThis.console.error('said');
    setTimeout(() => {
      throw new Error('thrown');
    });
    document.body.setAttribute('style', 'color: red');
  });
  const expected = [/^error: said/, /^page error: Error: thrown/, /^policy: style-src-attr refused inline/];
  await expect
    .poll(() => expected.filter((fault) => !watch.faults.some((seen) => fault.test(seen))))
    .toEqual([]);
  await page.context().close();
  watch.faults.length = 0;
});

test('sees a request to somebody else', async () => {
  const { page, watch } = await visits.open('/', { bypassCSP: true });
  await page.evaluate((address) => {
    new Image().src = address;
  }, `http://127.0.0.1:${elsewhere.port}/pixel`);
  await expect.poll(() => watch.faults.join()).toContain('request to another origin');
  await page.context().close();
  watch.faults.length = 0;
});

test('sees a shift that nobody asked for', async () => {
  const { page } = await visits.open('/');
  expect(await layoutShifts(page)).toEqual([]);
  await page.evaluate(() =>
    document.body.prepend(Object.assign(document.createElement('h2'), { textContent: 'Ad' })),
  );
  expect(await layoutShifts(page)).not.toEqual([]);
});
