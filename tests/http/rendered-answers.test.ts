import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFragment, createShortFragment, type Part } from '../../src/http/answer-bodies.ts';
import {
  createAnswerCache,
  renderParts,
  renderText,
  type RenderedAnswer,
  type Representation,
} from '../../src/http/rendered-answers.ts';

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
  for (const [encoding, asked] of made) {
    const alone = render().represent(encoding);
    expect(asked.bytes().equals(alone.bytes())).toBe(true);
    expect(asked.etag).toBe(alone.etag);
  }
  expect(made.get('identity')?.bytes().toString()).toBe(TEXT);
  expect(made.get('identity')).toBe(answer.represent('identity'));
});

test('preparing changes neither bytes nor tags, and keeps what most ask for alone', async () => {
  const answer = render();
  await answer.prepare();
  expect(answer.keptBytes()).toBe(answer.represent('br').length);
  for (const encoding of ['br', 'gzip', 'identity'] as const) {
    const [prepared, asked] = [answer.represent(encoding), render().represent(encoding)];
    expect([prepared.etag, prepared.bytes().equals(asked.bytes())]).toEqual([asked.etag, true]);
  }
});

test('a body that is too long to be packed at once is packed into the same bytes beside', async () => {
  const long = TEXT.repeat(100);
  const answer = renderText(long, { ...RULES, packing: 'quickly' });
  await answer.prepare();
  const params = { [constants.BROTLI_PARAM_QUALITY]: 0 };
  expect(answer.represent('br').bytes().equals(brotliCompressSync(long, { params }))).toBe(true);
  expect(answer.represent('identity').bytes().toString() === long).toBe(true);
});

test('packed forms are the body', () => {
  const answer = render();
  expect(brotliDecompressSync(answer.represent('br').bytes()).toString()).toBe(TEXT);
  expect(gunzipSync(answer.represent('gzip').bytes()).toString()).toBe(TEXT);
});

test('a small body has one form, which is kept', async () => {
  const answer = renderText('short', RULES);
  await answer.prepare();
  expect(answer.represent('br')).toBe(answer.represent('identity'));
  expect(answer.keptBytes()).toBe(5);
});

test('a cache holds as many answers as fit in the forms that were asked for', () => {
  const maxBytes = 4 * TEXT.length;
  const hold = (ask: (answer: RenderedAnswer) => void): number => {
    const cache = createAnswerCache({ maxBytes });
    const keys = Array.from({ length: 40 }, (_, number) => `key ${number}`);
    for (const key of keys) ask(cache.getOrRender(key, render).answer);
    return keys.filter((key) => cache.find(key) !== undefined).length;
  };
  const packed = render().represent('br').length;
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

describe('of parts', () => {
  const LINES = TEXT.split(/(?<=\n)/);
  const [BEGIN, REST] = [LINES.slice(0, 2_000).join(''), LINES.slice(2_000).join('')];
  const renderInParts = (): RenderedAnswer => renderParts(['', createFragment(BEGIN), REST], RULES);
  /** Where the bytes were that were shown. */
  const lend = (representation: Representation, isDone = true): Buffer => {
    const shown: Buffer[] = [];
    representation.lend((bytes) => {
      shown.push(bytes);
      return isDone;
    });
    return shown[0] as Buffer;
  };

  test('the same bytes as in one piece, however they are asked for', () => {
    for (const encoding of ['identity', 'br', 'gzip'] as const) {
      const asked = renderInParts().represent(encoding);
      const whole = render().represent(encoding).bytes();
      expect(asked.length).toBe(whole.length);
      for (let time = 0; time < 3; time++) expect(lend(asked).equals(whole)).toBe(true);
      expect(asked.bytes().equals(whole)).toBe(true);
      expect(renderInParts().represent(encoding).bytes().equals(whole)).toBe(true);
    }
  });

  test('a form that was made after another was lent has the same bytes', () => {
    const answer = renderInParts();
    lend(answer.represent('identity'));
    for (const encoding of ['br', 'gzip', 'identity'] as const)
      expect(answer.represent(encoding).bytes().equals(render().represent(encoding).bytes())).toBe(true);
  });

  test('who asks first is lent bytes, and who asks again makes them be kept', () => {
    const [one, other] = [renderInParts().represent('identity'), renderInParts().represent('identity')];
    const lent = lend(one);
    expect(lend(other).buffer).toBe(lent.buffer);
    expect(lend(one)).toBe(one.bytes());
    expect(one.bytes().buffer).not.toBe(lent.buffer);
    expect(one.bytes().buffer.byteLength).toBe(TEXT.length);
  });

  test('who is lent bytes after they were made is shown these', () => {
    const made = renderInParts().represent('identity');
    const bytes = made.bytes();
    expect(lend(made)).toBe(bytes);
    expect(bytes.toString()).toBe(TEXT);
  });

  test('bytes that are under way are not changed by the next answer', () => {
    const underWay = lend(renderInParts().represent('identity'), false);
    lend(renderParts([REST, BEGIN], RULES).represent('identity'));
    expect(underWay.toString()).toBe(TEXT);
  });

  test('what is packed has nothing to do with what is lent', () => {
    const packed = renderInParts().represent('br').bytes();
    const before = Buffer.from(packed);
    renderParts([REST, BEGIN], RULES).represent('br');
    expect(packed.equals(before)).toBe(true);
  });

  test.each(['br', 'gzip'] as const)('what is packed holds no memory but its own: %s', (encoding) => {
    const packed = renderParts([LINES.slice(0, 500).join('')], RULES)
      .represent(encoding)
      .bytes();
    expect(packed.buffer.byteLength).toBe(packed.length);
  });

  test('weighs what its bytes would, made or not, until it is packed alone', () => {
    const [plain, packed] = [renderInParts(), renderInParts()];
    expect(plain.keptBytes()).toBe(TEXT.length);
    for (let time = 0; time < 2; time++) lend(plain.represent('identity'));
    expect(plain.keptBytes()).toBe(TEXT.length);
    let told = 0;
    packed.watch(() => told++);
    expect(packed.keptBytes()).toBe(TEXT.length);
    expect(packed.represent('br').length).toBe(packed.keptBytes());
    expect(told).toBe(1);
  });

  test('a tag is that of the texts and of what stands for each fragment', () => {
    const tagOf = (...parts: Part[]): string => renderParts(parts, RULES).represent('identity').etag;
    expect(tagOf(createShortFragment('a'), 'b')).toBe(tagOf('ab'));
    expect(tagOf(createFragment('a'), 'b')).toBe(tagOf(createFragment('a'), createShortFragment('b')));
    const tags = [tagOf('ab'), tagOf(createFragment('a'), 'b'), tagOf('a', createFragment('b'))];
    expect(new Set(tags).size).toBe(3);
  });
});
