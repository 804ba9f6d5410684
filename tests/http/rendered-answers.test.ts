import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  createFragment,
  createShortFragment,
  groupParts,
  lendBody,
  type Part,
} from '../../src/http/answer-bodies.ts';
import { createAnswerCache } from '../../src/http/answer-cache.ts';
import {
  ENCODINGS,
  headOf,
  keptBytesOf,
  prepareAnswer,
  renderParts,
  renderText,
  represent,
  type Encoding,
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
  const made = new Map(order.map((encoding) => [encoding, represent(answer, encoding)] as const));
  for (const [encoding, asked] of made) {
    const alone = represent(render(), encoding);
    expect(bytesOf(asked.body).equals(bytesOf(alone.body))).toBe(true);
    expect(asked.etag).toBe(alone.etag);
  }
  expect(bytesOf((made.get('identity') as Representation).body).toString()).toBe(TEXT);
  expect(made.get('identity')).toBe(represent(answer, 'identity'));
});

test('preparing changes neither bytes nor tags, and keeps what most ask for alone', async () => {
  const answer = render();
  await prepareAnswer(answer);
  expect(keptBytesOf(answer)).toBe(represent(answer, 'br').body.length);
  for (const encoding of ['br', 'gzip', 'identity'] as const) {
    const [prepared, asked] = [represent(answer, encoding), represent(render(), encoding)];
    expect([prepared.etag, bytesOf(prepared.body).equals(bytesOf(asked.body))]).toEqual([asked.etag, true]);
  }
});

test('a body that is too long to be packed at once is packed into the same bytes beside', async () => {
  const long = TEXT.repeat(100);
  const answer = renderText(long, { ...RULES, packing: 'quickly' });
  await prepareAnswer(answer);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 0 };
  expect(bytesOf(represent(answer, 'br').body).equals(brotliCompressSync(long, { params }))).toBe(true);
  expect(bytesOf(represent(answer, 'identity').body).toString() === long).toBe(true);
});

test('a form that somebody asks for while it is made beside stays as it was sent', async () => {
  const answer = renderText(TEXT.repeat(100), { ...RULES, packing: 'quickly' });
  const prepared = prepareAnswer(answer);
  const asked = represent(answer, 'br');
  await prepared;
  expect(represent(answer, 'br')).toBe(asked);
});

test('packed forms are the body', () => {
  const answer = render();
  expect(brotliDecompressSync(bytesOf(represent(answer, 'br').body)).toString()).toBe(TEXT);
  expect(gunzipSync(bytesOf(represent(answer, 'gzip').body)).toString()).toBe(TEXT);
});

test('a small body has one form, which is kept', async () => {
  const answer = renderText('short', RULES);
  await prepareAnswer(answer);
  expect(represent(answer, 'br')).toBe(represent(answer, 'identity'));
  expect(keptBytesOf(answer)).toBe(5);
});

test('a cache holds as many answers as fit in the forms that were asked for', () => {
  const maxBytes = 4 * TEXT.length;
  const hold = (ask: (answer: RenderedAnswer) => void): number => {
    const cache = createAnswerCache({ maxBytes });
    const keys = Array.from({ length: 40 }, (_, number) => `key ${number}`);
    for (const key of keys) ask(cache.getOrRender(key, render).answer);
    return keys.filter((key) => cache.find(key) !== undefined).length;
  };
  const packed = represent(render(), 'br').body.length;
  expect(hold((answer) => void represent(answer, 'identity'))).toBe(3);
  expect(hold((answer) => void represent(answer, 'br'))).toBeGreaterThan(3);
  expect(hold((answer) => void represent(answer, 'br'))).toBeLessThanOrEqual(maxBytes / packed);
  expect(hold((answer) => void [represent(answer, 'br'), represent(answer, 'identity')])).toBeLessThan(4);
});

test('what was made is kept: what was prepared is not packed again', async () => {
  const answer = render();
  await prepareAnswer(answer);
  const [brotli, gzip] = [represent(answer, 'br'), represent(answer, 'gzip')];
  await prepareAnswer(answer);
  expect(represent(answer, 'br')).toBe(brotli);
  expect(represent(answer, 'gzip')).toBe(gzip);
});

describe('of parts', () => {
  const LINES = TEXT.split(/(?<=\n)/);
  const [BEGIN, REST] = [LINES.slice(0, 2_000).join(''), LINES.slice(2_000).join('')];
  const renderInParts = (): RenderedAnswer => renderParts(['', createFragment(BEGIN), REST], RULES);
  /** Where the bytes were that were shown. */
  const lend = (representation: Representation, isDone = true): Buffer => {
    const shown: Buffer[] = [];
    lendBody(representation.body, (bytes) => {
      shown.push(bytes);
      return isDone;
    });
    return shown[0] as Buffer;
  };

  test('the same bytes as in one piece, however they are asked for', () => {
    for (const encoding of ['identity', 'br', 'gzip'] as const) {
      const asked = represent(renderInParts(), encoding);
      const whole = bytesOf(represent(render(), encoding).body);
      expect(asked.body.length).toBe(whole.length);
      for (let time = 0; time < 3; time++) expect(lend(asked).equals(whole)).toBe(true);
      expect(bytesOf(asked.body).equals(whole)).toBe(true);
      expect(bytesOf(represent(renderInParts(), encoding).body).equals(whole)).toBe(true);
    }
  });

  test('a form that was made after another was lent has the same bytes', () => {
    const answer = renderInParts();
    lend(represent(answer, 'identity'));
    for (const encoding of ['br', 'gzip', 'identity'] as const)
      expect(
        bytesOf(represent(answer, encoding).body).equals(bytesOf(represent(render(), encoding).body)),
      ).toBe(true);
  });

  test('who asks first is lent bytes, and who asks again makes them be kept', () => {
    const [one, other] = [represent(renderInParts(), 'identity'), represent(renderInParts(), 'identity')];
    const lent = lend(one);
    expect(lend(other).buffer).toBe(lent.buffer);
    expect(lend(one)).toBe(bytesOf(one.body));
    expect(bytesOf(one.body).buffer).not.toBe(lent.buffer);
    expect(bytesOf(one.body).buffer.byteLength).toBe(TEXT.length);
  });

  test('who is lent bytes after they were made is shown these', () => {
    const made = represent(renderInParts(), 'identity');
    const bytes = bytesOf(made.body);
    expect(lend(made)).toBe(bytes);
    expect(bytes.toString()).toBe(TEXT);
  });

  test('bytes that are under way are not changed by the next answer', () => {
    const underWay = lend(represent(renderInParts(), 'identity'), false);
    lend(represent(renderParts([REST, BEGIN], RULES), 'identity'));
    expect(underWay.toString()).toBe(TEXT);
  });

  test('what is packed has nothing to do with what is lent', () => {
    const packed = bytesOf(represent(renderInParts(), 'br').body);
    const before = Buffer.from(packed);
    represent(renderParts([REST, BEGIN], RULES), 'br');
    expect(packed.equals(before)).toBe(true);
  });

  test.each(['br', 'gzip'] as const)('what is packed holds no memory but its own: %s', (encoding) => {
    const packed = bytesOf(represent(renderParts([LINES.slice(0, 500).join('')], RULES), encoding).body);
    expect(packed.buffer.byteLength).toBe(packed.length);
  });

  test('weighs what its bytes would, made or not, until it is packed alone', () => {
    const [plain, packed] = [renderInParts(), renderInParts()];
    expect(keptBytesOf(plain)).toBe(TEXT.length);
    for (let time = 0; time < 2; time++) lend(represent(plain, 'identity'));
    expect(keptBytesOf(plain)).toBe(TEXT.length);
    let told = 0;
    packed.keeper = { weighAgain: () => told++ };
    expect(keptBytesOf(packed)).toBe(TEXT.length);
    expect(represent(packed, 'br').body.length).toBe(keptBytesOf(packed));
    expect(told).toBe(1);
  });

  test('a tag is that of the texts and of what stands for each fragment', () => {
    const tagOf = (...parts: Part[]): string => represent(renderParts(parts, RULES), 'identity').etag;
    expect(tagOf(createShortFragment('a'), 'b')).toBe(tagOf('ab'));
    expect(tagOf(createFragment('a'), 'b')).toBe(tagOf(createFragment('a'), createShortFragment('b')));
    const tags = [tagOf('ab'), tagOf(createFragment('a'), 'b'), tagOf('a', createFragment('b'))];
    expect(new Set(tags).size).toBe(3);
  });
});

describe('that begin with a group, for hardly anybody', () => {
  const RARE = { ...RULES, packing: 'quickly' } as const;
  const BEGIN = TEXT.slice(0, 30_000);
  const REST = TEXT.slice(30_000, 31_000);
  const group = groupParts([createFragment(BEGIN.slice(0, 9_000)), BEGIN.slice(9_000)]);
  const renderBehind = (rest = REST, begin = group): RenderedAnswer => renderParts([begin, rest], RARE);
  const packed = (answer: RenderedAnswer, encoding: Encoding): Buffer =>
    bytesOf(represent(answer, encoding).body);

  test.each(fc.sample(fc.shuffledSubarray([...ENCODINGS], { minLength: 2 }), { numRuns: 10, seed: 1 }))(
    'have the same bytes in whatever order they are asked for: %s, %s, %s',
    (...order) => {
      const answer = renderBehind();
      for (const encoding of order.filter((one) => one !== undefined)) {
        for (let time = 0; time < 2; time++) lendBody(represent(answer, encoding).body, () => true);
        const alone = renderParts([groupParts([BEGIN]), REST], RARE);
        expect(packed(answer, encoding).equals(packed(alone, encoding))).toBe(true);
      }
      expect(brotliDecompressSync(packed(answer, 'br')).toString()).toBe(BEGIN + REST);
      expect(gunzipSync(packed(answer, 'gzip')).toString()).toBe(BEGIN + REST);
      expect(packed(answer, 'identity').toString()).toBe(BEGIN + REST);
    },
  );

  test('the group is packed once for all of them', () => {
    const own = groupParts([BEGIN]);
    for (const encoding of ['br', 'gzip'] as const) {
      represent(renderBehind('{"age":"8y"}', own), encoding);
      const made = own.packed[encoding];
      represent(renderBehind('{"age":"9y"}', own), encoding);
      expect(made).not.toBeNull();
      expect(own.packed[encoding]).toBe(made);
    }
  });

  test('what is kept of a form holds no memory but its own', () => {
    const answer = renderBehind();
    const { body } = represent(answer, 'br');
    for (let time = 0; time < 2; time++) lendBody(body, () => true);
    expect(bytesOf(body).buffer.byteLength).toBe(body.length);
    const afterIdentity = renderBehind();
    for (let time = 0; time < 2; time++) lendBody(represent(afterIdentity, 'identity').body, () => true);
    const { held } = represent(afterIdentity, 'br').body;
    const sizes = [...held].map((part) =>
      typeof part === 'object' && 'bytes' in part ? part.bytes.buffer.byteLength : 0,
    );
    expect(sizes).toHaveLength(4);
    // A piece that small buffers are cut from would be larger.
    expect(Math.max(...sizes)).toBeLessThan(group.length / 2);
  });

  test('preparing makes the same bytes, however long they are', async () => {
    const long = groupParts([TEXT.repeat(100)]);
    const answer = renderBehind(REST, long);
    await prepareAnswer(answer);
    expect(packed(answer, 'br').equals(packed(renderBehind(REST, long), 'br'))).toBe(true);
  });

  test('those that many ask for are packed as a whole', () => {
    const common = renderParts([group, REST], RULES);
    expect(packed(common, 'br').equals(packed(renderText(BEGIN + REST, RULES), 'br'))).toBe(true);
  });
});

test('what hardly anybody asks for twice is kept from the second time on', () => {
  const cache = createAnswerCache({ maxBytes: 1_000_000 });
  const ask = (key: string) => {
    const { answer, hit } = cache.getOrRender(key, render, { isRare: true });
    return { hit, isKept: answer.keeper !== null };
  };
  expect(ask('a')).toEqual({ hit: false, isKept: false });
  expect(ask('b')).toEqual({ hit: false, isKept: false });
  expect(ask('a')).toEqual({ hit: false, isKept: true });
  expect(ask('a')).toEqual({ hit: true, isKept: true });
  expect(cache.find('b')).toBeUndefined();
});

test('a head is kept for who asks again, since hardly any list is asked for twice', () => {
  const representation = represent(render(), 'br');
  for (const status of [200, 304] as const) {
    const [first, second] = [headOf(representation, status), headOf(representation, status)];
    expect(second).not.toBe(first);
    expect(second.ownText).toBe(first.ownText);
    expect(headOf(representation, status)).toBe(second);
  }
});
