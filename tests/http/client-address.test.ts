import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientFinder } from '../../src/http/client-address.ts';

const ask = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    connection: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test('without trusted proxies it is the connection, whatever is forwarded', () => {
  const find = createClientFinder([]);
  expect(find(ask('203.0.113.7', '198.51.100.1'))).toBe('203.0.113.7');
  expect(find(ask(undefined))).toBeNull();
});

test('behind trusted proxies it is the last address that none of them has', () => {
  const find = createClientFinder(['10.0.0.0/8']);
  expect(find(ask('10.1.2.3', '198.51.100.1'))).toBe('198.51.100.1');
  expect(find(ask('10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9'))).toBe('198.51.100.1');
  expect(find(ask('203.0.113.7', '198.51.100.1'))).toBe('203.0.113.7');
});

test('all addresses of one IPv6 network are one client, and an IPv4 address is itself in either form', () => {
  const find = createClientFinder([]);
  expect(find(ask('2001:db8:1:2:3:4:5:6'))).toBe(find(ask('2001:db8:1:2:ffff::1')));
  expect(find(ask('2001:db8:1:2::1'))).not.toBe(find(ask('2001:db8:1:3::1')));
  expect(find(ask('::ffff:203.0.113.7'))).toBe('203.0.113.7');
});

test('a proxy that forwards no address does not end the process', () => {
  const find = createClientFinder(['10.0.0.0/8']);
  for (const nonsense of ['', ',', 'unknown', '::garbage::', '[2001:db8::1]:443', '203.0.113.7:1234'])
    expect(typeof find(ask('10.1.2.3', nonsense))).toBe('string');
});

test('a client whose proxy forwards the port as well is one client on all its connections', () => {
  const find = createClientFinder(['10.0.0.0/8']);
  expect(find(ask('10.1.2.3', '203.0.113.7:1234'))).toBe('203.0.113.7');
  expect(find(ask('10.1.2.3', '[2001:db8::1]:443'))).toBe(find(ask('10.1.2.3', '2001:db8::1')));
});
