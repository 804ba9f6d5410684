import { connect } from 'node:net';
import { openapiOperations } from './openapi-check.ts';
import { formatRequest, sendBytes, type RawRequest } from './raw-request.ts';

/** Requests that carry a word of their own in every place that a client can fill (P14). */

const STEM = 'kanarienvogel';
/** Four decimals and above 60, so that no time of day and no duration looks like it. */
export const CANARY_AGE = '97.4219';
/** Of the block that is kept for documentation (RFC 5737), forged as the client's own. */
export const CANARY_ADDRESS = '203.0.113.77';
const SECRETS = [STEM, CANARY_AGE, CANARY_ADDRESS, `${CANARY_AGE}y`];

let planted = 0;
/** A word that no other text holds and that says by its number where it was planted. */
const canary = (): string => `${STEM}${(planted += 1)}`;

/** The excerpts of a text that hold anything a client said, also percent-encoded, in Base64, or as a list of bytes. */
export function findLeaks(text: string): string[] {
  const readable = [text, decodePercent(text), ...decodeWords(text), ...decodeBytes(text)];
  return readable.flatMap((one) =>
    SECRETS.flatMap((secret) => {
      const at = one.toLowerCase().indexOf(secret);
      return at === -1 ? [] : [one.slice(Math.max(0, at - 60), at + secret.length + 20)];
    }),
  );
}

function decodePercent(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCodePoint(Number.parseInt(code.slice(1), 16)));
}

function decodeWords(text: string): string[] {
  const words = text.match(/[\w+/-]{16,400}/g) ?? [];
  return words.map((word) => Buffer.from(word, 'base64url').toString('latin1'));
}

/** Buffers are logged as `[71,69,84]`, for example the packet of a request that Node could not parse. */
function decodeBytes(text: string): string[] {
  const lists = text.match(/\[\d{1,3}(?:,\d{1,3}){7,}\]/g) ?? [];
  return lists.map((list) => Buffer.from(JSON.parse(list) as number[]).toString('latin1'));
}

/** Headers by which a client says who it is, where it comes from and what it reads. */
const CLIENT_HEADERS = [
  'user-agent',
  'referer',
  'cookie',
  'authorization',
  'accept',
  'accept-language',
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'origin',
  'x-request-id',
  'x-correlation-id',
  'traceparent',
  'from',
  'range',
  'x-forwarded-host',
  'x-forwarded-proto',
  'forwarded',
  'x-real-ip',
  'access-control-request-headers',
  'te',
  'x-http-method-override',
];

const clientHeaders = (): Record<string, string> => ({
  ...Object.fromEntries(CLIENT_HEADERS.map((name) => [name, canary()])),
  host: `${canary()}.example`,
  'x-forwarded-for': CANARY_ADDRESS,
});

function queriesOfOperations(): RawRequest[] {
  return openapiOperations.flatMap(({ method, path, operation }) => {
    const target = path.replace(/\{.+\}/, 'NCT03914625');
    const verb = method.toUpperCase();
    const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
    return [
      ...named.map(({ name }) => ({ method: verb, target: `${target}?${name}=${canary()}` })),
      ...named.map(({ name }) => ({ method: verb, target: `${target}?${name}=${CANARY_AGE}y` })),
      { method: verb, target: `${target}?${canary()}=${canary()}` },
      { method: verb, target: path.replace(/\{.+\}/, canary()) },
      { method: verb, target },
      { method: 'HEAD', target: `${target}?q=${canary()}` },
    ];
  });
}

function oddTargets(): RawRequest[] {
  const targets = [
    `/v1/trials?q=${canary()}&age=${CANARY_AGE}y&limit=2`,
    `/${canary()}`,
    `/problems/${canary()}`,
    `/docs/${canary()}`,
    `/docs/static/${canary()}`,
    `/docs/static/..%2f..%2f${canary()}`,
    `/openapi.json?${canary()}`,
    `/v1/trials/%zz${canary()}`,
    `/v1/trials/${canary()}${'x'.repeat(120)}`,
    `/v1/trials?q=${canary()}${'x'.repeat(2_048)}`,
    `/v1/trials#${canary()}`,
    `/v1/trials??${canary()}`,
    `//${canary()}/v1/trials`,
    `http://${canary()}.example/v1/trials?q=${canary()}`,
  ];
  const methods = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'];
  return [
    ...targets.map((target) => ({ method: 'GET', target })),
    ...methods.map((method) => ({ method, target: `/v1/trials/${canary()}?${canary()}` })),
  ];
}

function bodies(): RawRequest[] {
  const json = { 'content-type': 'application/json' };
  const search = (body: string, headers: Record<string, string> = json): RawRequest => ({
    method: 'POST',
    target: '/v1/trials/search',
    headers: { ...clientHeaders(), ...headers },
    body,
  });
  return [
    search(JSON.stringify({ q: canary(), age: `${CANARY_AGE}y` })),
    search(JSON.stringify({ phase: [canary()], age: canary() })),
    search(JSON.stringify({ [canary()]: CANARY_AGE })),
    search(JSON.stringify({ cursor: canary() })),
    search(`{"q":"${canary()}`),
    search(canary()),
    search(`"${canary()}"`),
    search(`{"__proto__":{"${canary()}":1}}`),
    search(JSON.stringify({ q: canary().repeat(400) })),
    search(canary(), { 'content-type': 'text/plain' }),
    search(canary(), { 'content-type': canary() }),
    search(canary(), { 'content-type': `application/${canary()}` }),
    search(canary(), { 'content-type': 'multipart/form-data; boundary=x' }),
    { method: 'GET', target: '/v1/trials', headers: json, body: canary() },
  ];
}

/** What is no request at all, or ends in the middle of one. */
function malformed(): string[] {
  const host = 'host: x\r\nconnection: close\r\n';
  return [
    `GET /${canary()} HTTP/9.9\r\n${host}\r\n`,
    `GET /${canary()}\r\n\r\n`,
    `${canary().toUpperCase()} /${canary()} HTTP/1.1\r\n${host}\r\n`,
    `GET /${canary()} HTTP/1.1\r\nconnection: close\r\n\r\n`,
    `GET /${canary()} ${canary()} HTTP/1.1\r\n${host}\r\n`,
    `GET /\0${canary()} HTTP/1.1\r\n${host}\r\n`,
    `GET / HTTP/1.1\r\n${host}x\0y: ${canary()}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}${canary()}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}x: ${canary().repeat(800)}\r\n\r\n`,
    `GET /v1/trials HTTP/1.1\r\n${host}expect: ${canary()}\r\n\r\n`,
    `GET /v1/trials HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${canary()}\r\n\r\n`,
    `POST /v1/trials/search HTTP/1.1\r\n${host}content-length: ${canary()}\r\n\r\n`,
    `POST /v1/trials/search HTTP/1.1\r\n${host}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${canary()}`,
    `POST /v1/trials/search HTTP/1.1\r\n${host}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${canary()}`,
    `POST /v1/trials/search HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 999\r\n\r\n{"q":"${canary()}`,
    `POST /v1/trials/search HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 4\r\n\r\n{"q":"${canary()}"}`,
    `CONNECT ${canary()}.example:443 HTTP/1.1\r\n${host}\r\n`,
    `\u0016\u0003\u0001${canary()}`,
  ];
}

/** Sends every request to a port of the loopback and gives every answer as it came. */
export async function sendCanaries(port: number): Promise<string[]> {
  const wellFormed = [...queriesOfOperations(), ...oddTargets(), ...bodies()];
  const answers: string[] = [];
  for (const request of wellFormed)
    answers.push(await sendBytes(port, formatRequest({ headers: clientHeaders(), ...request })));
  await leaveEarly(port);
  return answers;
}

/** Sends what Node's parser refuses before the application sees it. */
export async function sendMalformed(port: number): Promise<string[]> {
  const answers: string[] = [];
  for (const text of malformed())
    answers.push(await sendBytes(port, Buffer.from(text, 'latin1'), { isWhole: false }));
  return answers;
}

/** Closes the connection as soon as the answer begins, so that its end is an error. */
async function leaveEarly(port: number): Promise<void> {
  const target = `/v1/trials?q=${canary()}`;
  await new Promise<void>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('data', () => socket.resetAndDestroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.write(formatRequest({ method: 'GET', target, headers: clientHeaders() }));
  });
}
