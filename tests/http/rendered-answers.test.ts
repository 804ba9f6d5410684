import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createAnswerCache, renderText, type RenderedAnswer } from '../../src/http/rendered-answers.ts';

const RULES = { cacheControl: 'no-store' };
const TEXT = Array.from({ length: 5_000 }, (_, number) => `line ${number * 7919}`).join('\n');

const render = (): RenderedAnswer => renderText(TEXT, RULES);

test.each([
  [['br', 'identity']],
  [['gzip', 'identity']],
  [['identity', 'br']],
  [['br', 'gzip', 'identity']],
] as const)('the same bytes and tags in whatever order they are asked for: %j', (order) => {
  const answer = render();
  const made = new Map(order.map((encoding) => [encoding, answer.represent(encoding)] as const));
  for (const [encoding, { bytes, etag }] of made) {
    const alone = render().represent(encoding);
    expect(bytes.equals(alone.bytes)).toBe(true);
    expect(etag).toBe(alone.etag);
  }
  expect(made.get('identity')?.bytes.toString()).toBe(TEXT);
  expect(made.get('identity')).toBe(answer.represent('identity'));
});

test('preparing changes neither bytes nor tags, and keeps what most ask for alone', async () => {
  const answer = render();
  await answer.prepare();
  expect(answer.keptBytes).toBe(answer.represent('br').bytes.length);
  for (const encoding of ['br', 'gzip', 'identity'] as const) {
    const [prepared, asked] = [answer.represent(encoding), render().represent(encoding)];
    expect([prepared.etag, prepared.bytes.equals(asked.bytes)]).toEqual([asked.etag, true]);
  }
});

test('a body that is too long to be packed at once is packed into the same bytes beside', async () => {
  const long = TEXT.repeat(100);
  const answer = renderText(long, { ...RULES, packing: 'quickly' });
  await answer.prepare();
  const params = { [constants.BROTLI_PARAM_QUALITY]: 0 };
  expect(answer.represent('br').bytes.equals(brotliCompressSync(long, { params }))).toBe(true);
  expect(answer.represent('identity').bytes.toString() === long).toBe(true);
});

test('packed forms are the body', () => {
  const answer = render();
  expect(brotliDecompressSync(answer.represent('br').bytes).toString()).toBe(TEXT);
  expect(gunzipSync(answer.represent('gzip').bytes).toString()).toBe(TEXT);
});

test('a small body has one form, which is kept', async () => {
  const answer = renderText('short', RULES);
  await answer.prepare();
  expect(answer.represent('br')).toBe(answer.represent('identity'));
  expect(answer.keptBytes).toBe(5);
});

test('a cache holds as many answers as fit in the forms that were asked for', () => {
  const maxBytes = 4 * TEXT.length;
  const hold = (ask: (answer: RenderedAnswer) => void): number => {
    const cache = createAnswerCache({ maxBytes });
    const keys = Array.from({ length: 40 }, (_, number) => `key ${number}`);
    for (const key of keys) ask(cache.getOrRender(key, render).answer);
    return keys.filter((key) => cache.find(key) !== undefined).length;
  };
  const packed = render().represent('br').bytes.length;
  expect(hold((answer) => void answer.represent('identity'))).toBe(3);
  expect(hold((answer) => void answer.represent('br'))).toBeGreaterThan(3);
  expect(hold((answer) => void answer.represent('br'))).toBeLessThanOrEqual(maxBytes / packed);
  expect(hold((answer) => void [answer.represent('br'), answer.represent('identity')])).toBeLessThan(4);
});

test('what was made is kept: what was prepared is not packed again', async () => {
  const answer = render();
  await answer.prepare();
  const [brotli, gzip] = [answer.represent('br'), answer.represent('gzip')];
  await answer.prepare();
  expect(answer.represent('br')).toBe(brotli);
  expect(answer.represent('gzip')).toBe(gzip);
});
