import { expect, test } from 'vitest';
import { createAnswerHead, createCommonHead } from '../../src/http/answer-heads.ts';

const COMMON = createCommonHead(['x-content-type-options', 'nosniff']);

test('a head says the same to the system and to Node', () => {
  const head = createAnswerHead(200, COMMON, () => ['etag', '"a"', 'link', '<b>']);
  expect(head.commonText).toBe('HTTP/1.1 200 OK\r\nx-content-type-options: nosniff\r\n');
  expect(head.ownText).toBe('etag: "a"\r\nlink: <b>\r\n');
  expect(head.fields()).toEqual(['x-content-type-options', 'nosniff', 'etag', '"a"', 'link', '<b>']);
  expect(createAnswerHead(304, COMMON, () => []).commonText).toContain('HTTP/1.1 304 Not Modified\r\n');
});

test('what may not stand in a header is in no head', () => {
  const twoInOne = (): string[] => ['link', '<a>\r\nset-cookie: b'];
  expect(() => createAnswerHead(200, COMMON, twoInOne)).toThrow('Invalid character in header content');
  expect(() => createCommonHead(twoInOne())).toThrow('Invalid character in header content');
});
