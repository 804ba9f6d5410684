import { expect, test } from 'vitest';
import { ENGLISH } from '../../src/web/words/english.ts';
import { renderContactLine } from '../../src/web/trial-parts.ts';
import { buildTestApp } from '../support/test-app.ts';

function linksOf(contact: { phone?: string; email?: string }): (string | undefined)[] {
  const whole = { name: null, role: null, phone: null, phoneExt: null, email: null, ...contact };
  const text = renderContactLine(whole, ENGLISH).toString();
  return [...text.matchAll(/href="([^"]*)"/g)].map(([, address]) => address);
}

test.each([
  ['205-638-9285', 'tel:+12056389285'],
  ['1 (205) 638-9285', 'tel:+12056389285'],
  ['+49 30 5550100', 'tel:+49305550100'],
  ['205-555-0200', 'tel:+12055550200'],
  ['205-555-0175', undefined],
  ['+1 205 555 0100', undefined],
  ['(205) 555-0199', undefined],
  ['555-0123', undefined],
])('the telephone %s leads to %s', (phone, address) => expect(linksOf({ phone })[0]).toBe(address));

test.each([
  ['team@uab.edu', 'mailto:team@uab.edu'],
  ['team@example.health', 'mailto:team@example.health'],
  ['contact100@example.org', undefined],
  ['contact@trials.example', undefined],
  ['contact@mail.EXAMPLE.com', undefined],
])('the address %s leads to %s', (email, address) => expect(linksOf({ email })[0]).toBe(address));

test('of the bundled sample only our own numbers can be called, and the masked ones are read', async () => {
  const { server } = await buildTestApp({ bundled: true });
  const ours = ['href="tel:+12056389285"', 'href="tel:+12059340220"'];
  for (const [url, callable] of [
    ['/', ours],
    ['/?view=clinician', ours],
    ['/embed/v1/list.html', ours],
    ['/trials/NCT00898755', []],
  ] as const) {
    const { body } = await server.inject(url);
    expect(body, url).toContain('205-555-01');
    expect([...new Set(body.match(/href="(?:tel|mailto):[^"]*"/g))].toSorted(), url).toEqual(callable);
  }
  await server.close();
});
