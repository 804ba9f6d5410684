import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { renderText } from '../../src/http/rendered-answers.ts';

const TEXT = 'acute lymphoblastic leukemia, relapsed or refractory\n'.repeat(100);
const render = () => renderText(TEXT, { cacheControl: 'no-cache' });

test('a body is packed into the same bytes, prepared or not, and whatever was asked first', async () => {
  const [prepared, other] = [render(), render()];
  await prepared.prepare();
  const gzip = other.represent('gzip').bytes;
  const brotli = other.represent('br').bytes;
  expect(prepared.represent('br').bytes).toEqual(brotli);
  expect(prepared.represent('gzip').bytes).toEqual(gzip);
  expect(gunzipSync(gzip).toString()).toBe(TEXT);
  expect(brotliDecompressSync(brotli).toString()).toBe(TEXT);
});

test('what was made is kept: what was prepared is not packed again', async () => {
  const answer = render();
  await answer.prepare();
  const [brotli, gzip] = [answer.represent('br'), answer.represent('gzip')];
  await answer.prepare();
  expect(answer.represent('br')).toBe(brotli);
  expect(answer.represent('gzip')).toBe(gzip);
});
