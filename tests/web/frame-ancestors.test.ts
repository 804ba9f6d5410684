import { expect, test } from 'vitest';
import { isFrameAncestor } from '../../src/web/frame-ancestors.ts';

const OWN = 'https://trials.example';

test.each([
  ["'self'", OWN],
  ["'self' https://www.uab.example", 'https://www.uab.example'],
  ['https://*.uab.example', 'https://www.uab.example'],
  ['https://*.uab.example', 'https://a.b.uab.example'],
  ['www.uab.example', 'https://www.uab.example'],
  ['http://www.uab.example', 'https://www.uab.example'],
  ['https://www.uab.example:8443', 'https://www.uab.example:8443'],
  ['https://www.uab.example:*', 'https://www.uab.example:8443'],
  ['https://WWW.UAB.example/', 'https://www.uab.example'],
  ['https:', 'https://www.uab.example'],
  ['*', 'http://www.uab.example'],
  ['https://*', 'https://www.uab.example'],
  ['https://*:*', 'https://www.uab.example:8443'],
  ['*:443', 'https://www.uab.example'],
  ["'SELF'", OWN],
])('%s lets %s frame us', (sources, origin) => expect(isFrameAncestor(sources, origin, OWN)).toBe(true));

test.each([
  ["'none'", OWN],
  ["'self'", 'https://www.uab.example'],
  ['https://*.uab.example', 'https://uab.example'],
  ['https://*.uab.example', 'https://evil-uab.example'],
  ['https://www.uab.example', 'http://www.uab.example'],
  ['https://www.uab.example', 'https://www.uab.example.evil.example'],
  ['https://www.uab.example', 'https://www.uab.example:8443'],
  ['www.uab.example', 'http://www.uab.example'],
  ['*', 'null'],
  ['*', '*'],
  ['*', ''],
  ['*', 'javascript:1'],
  ['*', 'https://www.uab.example/path'],
  ['https:', 'http://www.uab.example'],
  ['https://*', 'http://www.uab.example'],
  ['https://*', 'https://www.uab.example:8443'],
  ["'SELF'", 'https://www.uab.example'],
])('%s does not let %s', (sources, origin) => expect(isFrameAncestor(sources, origin, OWN)).toBe(false));
