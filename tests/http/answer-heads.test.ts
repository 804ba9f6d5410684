import { expect, test } from 'vitest';
import { createAnswerHead, createCommonHead } from '../../src/http/answer-heads.ts';

const COMMON = createCommonHead(200, ['x-content-type-options', 'nosniff']);

test('a head says the same to the system and to Node', () => {
  const head = createAnswerHead(COMMON, ['etag', '"a"', 'link', '<b>']);
  expect(head.commonText).toBe('HTTP/1.1 200 OK\r\nx-content-type-options: nosniff\r\n');
  expect(head.ownText).toBe('etag: "a"\r\nlink: <b>\r\n');
  expect(head.fields()).toEqual(['x-content-type-options', 'nosniff', 'etag', '"a"', 'link', '<b>']);
  expect(createCommonHead(304, []).text).toBe('HTTP/1.1 304 Not Modified\r\n');
});

test('what may not stand in a header is in no head', () => {
  const twoInOne = ['link', '<a>\r\nset-cookie: b'];
  expect(() => createAnswerHead(COMMON, twoInOne)).toThrow('Invalid character in header content');
  expect(() => createCommonHead(200, twoInOne)).toThrow('Invalid character in header content');
});
