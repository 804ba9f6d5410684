import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  anyJson,
  anyPairs,
  edgesOf,
  encoders,
  formatPairs,
  hostileTexts,
  isAllowed,
  unknownNames,
  validQuestions,
} from '../support/fuzz-inputs.ts';
import {
  expectDocumented,
  expectKnownProblem,
  openapiOperations,
  operationOf,
  validatorOf,
  type Operation,
  type SeenAnswer,
} from '../support/openapi-check.ts';
import { sendBytes, sendRaw } from '../support/raw-request.ts';
import { sampleSnapshot } from '../support/sample.ts';
import { buildTestApp } from '../support/test-app.ts';

/**
 * Inputs made from the OpenAPI document, every answer held to it. `FUZZ_RUNS` (runs of each property) makes it
 * longer, `FUZZ_SEED` repeats a failure, `npm run fuzz` sends some 50,000 requests.
 */
const { FUZZ_RUNS, FUZZ_SEED, MODE } = process.env;
const numRuns = Number(FUZZ_RUNS ?? (MODE === 'fuzz' ? 3_000 : 60));
const settings = { numRuns, ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }) };
const timeout = 30_000 + numRuns * 200;
const assertAll = async <Input>(
  inputs: fc.Arbitrary<Input>,
  holds: (input: Input) => Promise<void>,
): Promise<void> => fc.assert(fc.asyncProperty(inputs, holds), settings);

const LONGEST_URL = 2_048;
const LONGEST_BODY = 4_096;
const LONGEST_ID = operationOf('getTrial').parameters?.[0]?.schema.maxLength ?? 0;
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
const CROSS_ORIGIN = { 'access-control-allow-origin': '*' };

const app = await buildTestApp();
const port = Number(new URL(await app.server.listen({ port: 0, host: '127.0.0.1' })).port);
afterAll(async () => app.server.close());

const list = operationOf('listTrials');
const search = operationOf('searchTrials');
const filters = list.parameters ?? [];
const bodySchema = search.requestBody?.content['application/json']?.schema ?? {};
const nctIds = sampleSnapshot.trials.map(({ nctId }) => nctId);
const questions = validQuestions(filters, [...nctIds, 'leukemia', 'CAR-T', 'Pädiatrie']);
const reading = openapiOperations.filter(({ method, path }) => method === 'get' && !path.includes('{'));
const asking = fc.constantFrom(...reading.filter(({ path }) => path !== '/v1/trials'));

type Question = ReadonlyMap<string, readonly string[]>;
const pairsOf = (question: Question): [string, string][] =>
  [...question].map(([name, values]) => [name, values.join(',')]);
const urlOf = (path: string, question: Question): string => {
  const query = new URLSearchParams(pairsOf(question)).toString();
  return query === '' ? path : `${path}?${query}`;
};
const bodyOf = (question: Question): Record<string, unknown> =>
  Object.fromEntries(
    [...question].map(([name, values]) => {
      const type = filters.find((one) => one.name === name)?.schema.type;
      return [name, type === 'array' ? values : type === 'integer' ? Number(values[0]) : values[0]];
    }),
  );
const get = async (url: string, headers: Record<string, string> = {}) => app.server.inject({ url, headers });
const post = async (payload: string, headers: Record<string, string> = {}) =>
  app.server.inject({
    method: 'POST',
    url: '/v1/trials/search',
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });

/** What holds for every answer of every operation; the kind of problem is returned. */
function expectContract(operation: Operation, answer: SeenAnswer): string | null {
  expect(answer.headers).toMatchObject({ ...SECURITY_HEADERS, ...CROSS_ORIGIN });
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.headers).not.toHaveProperty('set-cookie');
  return expectBody(operation, answer);
}

/** The part of it that also holds for what Fastify refuses before any hook. */
function expectBody(operation: Operation, answer: SeenAnswer): string | null {
  expect(answer.statusCode).toBeGreaterThanOrEqual(200);
  expect(answer.statusCode).toBeLessThan(500);
  expectDocumented(operation, answer);
  return expectKnownProblem(operation, answer);
}
/** What may come of a query by the document alone; null for an answer. */
function expectedOf(url: string, query: string): (string | null)[] {
  const names = [...new URLSearchParams(query).keys()];
  if (url.length > LONGEST_URL) return ['uri-too-long'];
  if (!names.every((name) => filters.some((one) => one.name === name))) return ['unknown-parameter'];
  return isAllowed(filters, query) ? [null, 'invalid-parameter'] : ['invalid-parameter'];
}

function withoutOwn(headers: Readonly<Record<string, unknown>>, also: readonly string[] = []) {
  const own = new Set(['date', 'x-request-id', 'connection', 'keep-alive', ...also]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)));
}

describe('a query', { timeout }, () => {
  test('of right values is answered, and its links can be followed', async () => {
    await assertAll(questions, async (question) => {
      const url = urlOf('/v1/trials', question);
      const answer = await get(url);
      expect(expectContract(list, answer)).toBe(url.length > LONGEST_URL ? 'uri-too-long' : null);
      if (answer.statusCode !== 200) return;
      const { links, total } = answer.json<{ links: { self: string; next: string | null }; total: number }>();
      for (const link of [links.self, links.next].filter((one) => one !== null)) {
        const followed = await get(link.replace('https://trials.example', ''));
        expect(expectContract(list, followed)).toBeNull();
        expect(followed.json<{ total: number }>().total).toBe(total);
      }
    });
  });

  test.each(filters)('takes $name up to its edges and nothing beyond', async ({ name, schema }) => {
    const { allowed, refused } = edgesOf(schema);
    const ask = async (value: string) => get(`/v1/trials?${new URLSearchParams([[name, value]]).toString()}`);
    for (const value of allowed)
      expect([value, expectContract(list, await ask(value))]).toEqual([value, null]);
    for (const value of refused)
      expect([value, expectContract(list, await ask(value))]).toEqual([value, 'invalid-parameter']);
    expect(refused.length).toBeGreaterThan(0);
  });

  test('of any values, as bytes on a socket, is answered as documented or refused for what is wrong', async () => {
    const inputs = fc.tuple(anyPairs(filters, { unknown: true }), encoders);
    await assertAll(inputs, async ([pairs, encode]) => {
      const query = formatPairs(pairs, encode);
      const target = `/v1/trials?${query}`;
      const answer = await sendRaw(port, { method: 'GET', target });
      // Node's parser refuses what is over 8 KB with its headers before the application sees it.
      if (target.length > 7_000 && answer.statusCode === 431) return;
      const problem = expectContract(list, answer);
      expect(expectedOf(target, query)).toContain(problem);
    });
  });

  test('with nearly right values of known names is answered as documented', async () => {
    const inputs = fc.tuple(anyPairs(filters, { unknown: false }), encoders);
    await assertAll(inputs, async ([pairs, encode]) => {
      const query = formatPairs(pairs, encode).replaceAll('#', '%23');
      const url = `/v1/trials?${query}`;
      expect(expectedOf(url, query)).toContain(expectContract(list, await get(url)));
    });
  });

  test('with an unknown name among right values is always refused for it', async () => {
    const names = unknownNames(filters);
    await assertAll(fc.tuple(questions, names, fc.nat()), async ([question, name, at]) => {
      const pairs = pairsOf(question);
      pairs.splice(at % (pairs.length + 1), 0, [name, 'x']);
      const url = `/v1/trials?${new URLSearchParams(pairs).toString()}`;
      const expected = url.length > LONGEST_URL ? 'uri-too-long' : 'unknown-parameter';
      expect(expectContract(list, await get(url))).toBe(expected);
    });
  });

  test.each(['#phase=9', '?phase=3#phase=9', '?limit=1?', '?#'])(
    'as odd as %s is refused, not cut short in silence',
    async (query) => {
      const answer = await sendRaw(port, { method: 'GET', target: `/v1/trials${query}` });
      expect(expectContract(list, answer)).not.toBeNull();
    },
  );

  test('has its second question mark as a part of a value', async () => {
    const answer = await sendRaw(port, { method: 'GET', target: '/v1/trials?q=leukemia?phase=9' });
    expect(expectContract(list, answer)).toBeNull();
    expect(JSON.parse(answer.body)).toMatchObject({ query: { q: '9 leukemia phase' } });
  });

  test('to an operation that takes none is refused', async () => {
    await assertAll(
      fc.tuple(asking, unknownNames([]), hostileTexts),
      async ([{ path, operation }, name, value]) => {
        const url = `${path}?${new URLSearchParams([[name, value]]).toString()}`;
        const expected = url.length > LONGEST_URL ? 'uri-too-long' : 'unknown-parameter';
        expect(expectContract(operation, await get(url))).toBe(expected);
        expect(expectContract(operation, await get(path))).toBeNull();
      },
    );
  });
});

/** The same question said otherwise: names, values and words in another order, lists in both forms, values doubled. */
const variations = questions.chain((question) => {
  const entries = [...question].map(([name, values]) => {
    const type = filters.find((one) => one.name === name)?.schema.type;
    if (type !== 'array')
      return fc.constantFrom(...respell(name, values[0] ?? '')).map((text) => [[name, text]]);
    return fc
      .tuple(fc.shuffledSubarray([...values], { minLength: values.length }), fc.boolean(), fc.boolean())
      .map(([shuffled, doubled, repeated]) => {
        const given = doubled && shuffled.length <= 10 ? [...shuffled, ...shuffled] : shuffled;
        return repeated ? given.map((value) => [name, value]) : [[name, given.join(',')]];
      });
  });
  return fc
    .tuple(...entries)
    .chain((groups) => fc.shuffledSubarray(groups, { minLength: groups.length }))
    .map((groups) => ({
      question,
      query: new URLSearchParams(groups.flat() as [string, string][]).toString(),
    }));
});
function respell(name: string, text: string): string[] {
  if (name === 'q')
    return [text, text.toLowerCase(), text.toUpperCase(), text.split(' ').toReversed().join('  ')];
  if (name === 'limit') return [text, `00${text}`];
  if (name.startsWith('age'))
    return /\dy?$/.test(text) ? [text.replace('y', ''), `${text.replace('y', '')} Years`] : [text];
  return [text];
}

describe('equal questions', { timeout }, () => {
  test('give equal bytes and one tag', async () => {
    await assertAll(variations, async ({ question, query }) => {
      const url = urlOf('/v1/trials', question);
      if (Math.max(url.length, query.length + 12) > LONGEST_URL) return;
      const [one, other] = [await get(url), await get(`/v1/trials?${query}`)];
      expect([one.statusCode, other.statusCode]).toEqual([200, 200]);
      expect(other.body).toBe(one.body);
      expect(other.headers.etag).toBe(one.headers.etag);
    });
  });

  test('by GET and by POST find the same trials', async () => {
    await assertAll(questions, async (question) => {
      const url = urlOf('/v1/trials', question);
      const body = JSON.stringify(bodyOf(question));
      if (url.length > LONGEST_URL || body.length > LONGEST_BODY) return;
      const answers = [await get(url), await post(body)];
      expect(expectContract(search, answers[1] as SeenAnswer)).toBeNull();
      const [one, other] = answers.map((answer) =>
        answer.json<{ data: { nctId: string }[]; total: number; query: unknown }>(),
      );
      expect(other?.data.map(({ nctId }) => nctId)).toEqual(one?.data.map(({ nctId }) => nctId));
      expect([other?.total, other?.query]).toEqual([one?.total, one?.query]);
    });
  });

  test('in any spelling of an NCT number lead to one record', async () => {
    const operations = fc.constantFrom(['getTrial', ''] as const, ['getProvenance', '/provenance'] as const);
    const prefixes = fc.constantFrom('NCT', 'nct', 'Nct', 'NCT000', 'nCT0');
    await assertAll(
      fc.tuple(operations, prefixes, fc.constantFrom(...nctIds)),
      async ([[id, path], prefix, nctId]) => {
        const answer = await get(`/v1/trials/${prefix}${nctId.slice(3)}${path}`);
        expect(expectContract(operationOf(id), answer)).toBeNull();
        const canonical = `https://trials.example/v1/trials/${nctId}${path}`;
        const isCanonical = prefix === 'NCT';
        expect(answer.statusCode).toBe(isCanonical ? 200 : 308);
        expect(answer.headers.location).toBe(isCanonical ? undefined : canonical);
      },
    );
  });
});

describe('a path', { timeout }, () => {
  test('of any text is answered as documented', async () => {
    const ids = fc.oneof(
      fc.integer({ min: 0, max: 10 ** 9 }).map((digits) => `NCT${digits}`),
      fc
        .tuple(fc.constantFrom(...nctIds), fc.constantFrom('', ' ', '0', '\0', '.json', 'x'))
        .map((parts) => parts.join('')),
      fc.constantFrom('NCT00003914625', `NCT${'0'.repeat(40)}3914625`, 'NCT', 'NCT٠٣٩١٤٦٢٥', '..', '.'),
      hostileTexts,
    );
    const inputs = fc.tuple(
      ids,
      encoders,
      fc.constantFrom(['getTrial', ''] as const, ['getProvenance', '/provenance'] as const),
    );
    await assertAll(inputs, async ([id, encode, [operationId, path]]) => {
      const text = encode(id).replace(/[/?#]/g, encodeURIComponent);
      if (text === '') return;
      const operation = operationOf(operationId);
      const answer = await sendRaw(port, { method: 'GET', target: `/v1/trials/${text}${path}` });
      if (text.length > 7_000 && answer.statusCode === 431) return;
      expect(expectedOfPath(text)).toContain(expectContract(operation, answer));
    });
  });
});

test.each([
  ['broken percent-encoding', '/v1/trials/%zz', SECURITY_HEADERS],
  ['a path parameter over 100 characters', `/v1/trials/${'N'.repeat(101)}`, SECURITY_HEADERS],
  ['an address over 2,048 bytes', `/v1/trials?q=${'x'.repeat(LONGEST_URL)}`, CROSS_ORIGIN],
])('%s is answered with the headers of every answer', async (_, target, headers) => {
  expect((await sendRaw(port, { method: 'GET', target })).headers).toMatchObject(headers);
});
test('an operation that takes no query refuses what stands behind a second question mark', async () => {
  const answer = await sendRaw(port, { method: 'GET', target: '/v1/meta??x=1' });
  expect(answer.statusCode).toBe(400);
});

/** The parser ends the connection before the hooks run, and the rate limit then asks for an address that is gone. */
test('a request that ends as no HTTP is no fault of ours', async () => {
  const limited = await buildTestApp({ rateLimitPerMinute: 600 });
  const address = await limited.server.listen({ port: 0, host: '127.0.0.1' });
  const head = 'POST /v1/trials/search HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n';
  await sendBytes(Number(new URL(address).port), Buffer.from(`${head}zz`), { isWhole: false });
  await limited.server.close();
  expect(limited.logLines.filter((line) => line.includes('a request failed'))).toEqual([]);
});

function expectedOfPath(text: string): (string | null)[] {
  if (text.length > 100) return ['uri-too-long', 'invalid-parameter'];
  const fits = isDecodable(text) && decodeURIComponent(text).length <= LONGEST_ID;
  return fits ? [null, 'not-found', 'invalid-parameter'] : ['invalid-parameter'];
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

describe('a body', { timeout }, () => {
  const names = filters.map(({ name }) => name);
  const bodies = fc.oneof(
    fc.dictionary(fc.constantFrom(...names), anyJson, { maxKeys: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...names), unknownNames(filters)), anyJson, { maxKeys: 3 }),
    fc
      .tuple(questions, fc.constantFrom(...names), anyJson)
      .map(([question, name, value]) => ({ ...bodyOf(question), [name]: value })),
    anyPairs(filters, { unknown: true }).map((pairs) => Object.fromEntries(pairs)),
    anyJson,
  );

  test('of any JSON is answered as documented or refused for what is wrong', async () => {
    await assertAll(bodies, async (body) => {
      const payload = JSON.stringify(body);
      const isAllowedBody = validatorOf(bodySchema)(JSON.parse(payload));
      const expected = isAllowedBody
        ? [null, 'invalid-parameter']
        : ['invalid-parameter', 'unknown-parameter'];
      const isTooLarge = Buffer.byteLength(payload) > LONGEST_BODY;
      expect(isTooLarge ? ['payload-too-large'] : expected).toContain(
        expectContract(search, await post(payload)),
      );
    });
  });

  test('with an unknown name among right ones is always refused for it', async () => {
    await assertAll(fc.tuple(questions, unknownNames(filters)), async ([question, name]) => {
      const payload = JSON.stringify({ ...bodyOf(question), ...Object.fromEntries([[name, 'x']]) });
      if (Buffer.byteLength(payload) > LONGEST_BODY) return;
      // Fastify's parser refuses this one name before our rules can say what is wrong with it.
      const expected = name === '__proto__' ? 'invalid-parameter' : 'unknown-parameter';
      expect(expectContract(search, await post(payload))).toBe(expected);
    });
  });

  test('that is no JSON, or says it is something else, is refused, on a socket', async () => {
    const broken = fc.oneof(
      bodies.map((body) => `${JSON.stringify(body)}}`),
      bodies.map((body) => JSON.stringify(body).slice(0, -1)).filter((text) => !/^-?\d+$/.test(text)),
      fc.constantFrom(
        '',
        ' ',
        '\ufeff',
        '{"q":"a\0b"}',
        "{'q':1}",
        '{"q":}',
        '['.repeat(4_000),
        '{"q":'.repeat(800),
        '\0',
        'NaN',
      ),
    );
    const types = fc.constantFrom(
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json+x',
      'x',
      '',
    );
    await assertAll(fc.tuple(broken, types), async ([body, type]) => {
      const answer = await sendRaw(port, {
        method: 'POST',
        target: '/v1/trials/search',
        headers: { 'content-type': type },
        body,
      });
      expect(['invalid-parameter', 'payload-too-large', 'unsupported-media-type']).toContain(
        expectContract(search, answer),
      );
    });
  });
});

describe('an answer', { timeout }, () => {
  const urls = fc.oneof(
    questions.map((question) => ({ operation: list, url: urlOf('/v1/trials', question) })),
    asking.map(({ path, operation }) => ({ operation, url: path })),
    fc
      .constantFrom(...nctIds, 'NCT99999999', 'nct1', 'x')
      .map((id) => ({ operation: operationOf('getTrial'), url: `/v1/trials/${id}` })),
    anyPairs(filters, { unknown: true }).map((pairs) => ({
      operation: list,
      url: `/v1/trials?${formatPairs(pairs, (text) => encodeURIComponent(text.toWellFormed()))}`,
    })),
  );
  const encodings = fc.constantFrom(
    '',
    'identity',
    'gzip',
    'br',
    'gzip;q=0.5, br;q=0.1',
    '*',
    '*;q=0',
    'identity;q=0',
    'br;q=x,,;',
    'deflate',
    'x'.repeat(500),
  );

  test('to HEAD has the headers of GET and no body, on a socket', async () => {
    await assertAll(fc.tuple(urls, encodings), async ([{ operation, url }, encoding]) => {
      const headers = { 'accept-encoding': encoding };
      const whole = await sendRaw(port, { method: 'GET', target: url, headers });
      const head = await sendRaw(port, { method: 'HEAD', target: url, headers });
      // The metrics have counted the first request when the second asks for them.
      const own = operation.operationId === 'getMetrics' ? ['content-length'] : [];
      expect(head.body).toBe('');
      expect(head.statusCode).toBe(whole.statusCode);
      expect(withoutOwn(head.headers, own)).toEqual(withoutOwn(whole.headers, own));
    });
  });

  test('with a tag gives 304 for it, without a body or a length, on a socket', async () => {
    const conditions = fc.constantFrom<(etag: string) => string>(
      (etag) => etag,
      (etag) => `W/${etag}`,
      (etag) => `"other", ${etag} ,W/"x"`,
      () => '*',
    );
    await assertAll(fc.tuple(urls, encodings, conditions), async ([{ url }, encoding, condition]) => {
      const headers = { 'accept-encoding': encoding };
      const whole = await sendRaw(port, { method: 'GET', target: url, headers });
      const { etag } = whole.headers;
      expect(etag !== undefined).toBe(whole.statusCode === 200 && !/^\/(?:health|metrics)/.test(url));
      if (etag === undefined) return;
      const again = await sendRaw(port, {
        method: 'GET',
        target: url,
        headers: { ...headers, 'if-none-match': condition(etag as string) },
      });
      expect([again.statusCode, again.body]).toEqual([304, '']);
      expect(again.headers).not.toHaveProperty('content-length');
      expect(again.headers).not.toHaveProperty('content-type');
      for (const name of ['etag', 'vary', 'cache-control'])
        expect(again.headers[name]).toBe(whole.headers[name]);
      expect(again.headers).toMatchObject(SECURITY_HEADERS);
    });
  });

  test('is the same content in every encoding, each with a tag of its own', async () => {
    const odd = fc.stringMatching(/^[\u0020-\u007e]{0,60}$/);
    await assertAll(
      fc.tuple(urls, fc.oneof(encodings, odd), odd),
      async ([{ operation, url }, encoding, condition]) => {
        const plain = await get(url);
        const coded = await get(url, { 'accept-encoding': encoding, 'if-none-match': condition });
        if (coded.statusCode === 304) return;
        const used = coded.headers['content-encoding'] ?? 'identity';
        const bytes =
          used === 'br'
            ? brotliDecompressSync(coded.rawPayload)
            : used === 'gzip'
              ? gunzipSync(coded.rawPayload)
              : coded.rawPayload;
        expect(coded.headers.etag === plain.headers.etag).toBe(used === 'identity');
        expectContract(operation, {
          ...coded,
          headers: coded.headers,
          statusCode: coded.statusCode,
          body: bytes.toString(),
        });
        const mayDiffer = plain.headers.etag === undefined;
        expect(mayDiffer || bytes.toString() === plain.body).toBe(true);
      },
    );
  });
});
