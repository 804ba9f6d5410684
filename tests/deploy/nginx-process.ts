import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  request as startRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** The real nginx with the real configuration, on ports and folders of its own, before stand-ins of the replicas. */

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Not 127.0.0.1, which is everybody else's: whether it is told on can be seen. */
export const CLIENT_ADDRESS = '127.0.0.2';

export async function ask(port: number, path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body = '' } = question;
  const sent = startRequest({
    port,
    path,
    method,
    headers,
    host: '127.0.0.1',
    localAddress: CLIENT_ADDRESS,
    agent: false,
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** One replica: the application behind a door that can be shut, counts who comes, and shortens the life of answers. */
export interface Replica {
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Answers are fresh for a second instead of five minutes, so that a test can see them age. */
  shortLived: boolean;
  /** What a path answers instead of what the application says. */
  readonly overrides: Map<string, number>;
  shut(): Promise<void>;
}

export async function startReplica(app: FastifyInstance): Promise<Replica> {
  const seen: SeenRequest[] = [];
  const overrides = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers });
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const status = overrides.get(url);
      if (status !== undefined) {
        response.writeHead(status, { 'cache-control': 'no-store' }).end();
        return;
      }
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: headers as Record<string, string>,
        ...(chunks.length > 0 && { payload: Buffer.concat(chunks) }),
      });
      const cacheControl = answer.headers['cache-control'] ?? '';
      response.writeHead(answer.statusCode, {
        ...(answer.headers as Record<string, string>),
        'cache-control': replica.shortLived ? cacheControl.replace('max-age=300', 'max-age=1') : cacheControl,
      });
      response.end(answer.rawPayload);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const replica: Replica = {
    port: (server.address() as AddressInfo).port,
    seen,
    overrides,
    shortLived: false,
    async shut() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return replica;
}

export interface Nginx {
  readonly port: number;
  /** Everything that it wrote into its logs. */
  readLogs(): Promise<string>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 10_000;

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
}

/** Each of the texts must be there, or the test would try another configuration than the one that is shipped. */
function replaceAll(text: string, replacements: ReadonlyMap<string, string>): string {
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`nginx.conf has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

async function render(
  folder: string,
  replicas: readonly Replica[],
): Promise<{ file: string; ports: number[] }> {
  const ports = [await findFreePort(), await findFreePort()];
  const text = await readFile('deploy/nginx/nginx.conf', 'utf8');
  const rendered = replaceAll(
    text,
    new Map([
      [' /tmp/', ` ${folder}/`],
      ['/var/cache/nginx', join(folder, 'cache')],
      ['/dev/stdout', join(folder, 'access.log')],
      ['/dev/stderr', join(folder, 'error.log')],
      ['listen 8080', `listen 127.0.0.1:${ports[0]}`],
      ['listen 127.0.0.1:8081', `listen 127.0.0.1:${ports[1]}`],
      ...replicas.map(({ port }, index) => [`replica-${index + 1}:3000`, `127.0.0.1:${port}`] as const),
    ]),
  );
  // Started by root its workers would be somebody who cannot enter the folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  const file = join(folder, 'nginx.conf');
  await writeFile(file, user + rendered);
  return { file, ports };
}

export async function startNginx(replicas: readonly Replica[]): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-nginx-'));
  await mkdir(join(folder, 'cache'));
  const { file, ports } = await render(folder, replicas);
  const [port = 0, healthPort = 0] = ports;
  const tried = spawnSync('nginx', ['-t', '-e', 'stderr', '-c', file], { encoding: 'utf8' });
  if (tried.status !== 0 || /\[(?:warn|error|emerg)\]/.test(tried.stderr))
    throw new Error(`nginx -t: ${tried.error?.message ?? tried.stderr}`);
  const child = spawn('nginx', ['-e', 'stderr', '-c', file, '-g', 'daemon off;'], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  const untilMs = performance.now() + READY_WITHIN_MS;
  const isLive = async (): Promise<boolean> =>
    ask(healthPort, '/').then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await isLive())) {
    if (performance.now() > untilMs) throw new Error('nginx does not answer');
    await delay(20);
  }
  return {
    port,
    readLogs: async () =>
      (await readFile(join(folder, 'access.log'), 'utf8')) +
      (await readFile(join(folder, 'error.log'), 'utf8')),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
