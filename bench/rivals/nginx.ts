import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { findFreePort, findProgram, SERVER_CORE, startPinned, waitForAnswer } from '../pinned-processes.ts';
import { readTag } from './node-rivals.ts';
import type { Rival, Surroundings } from './rival.ts';

/** nginx with one worker and without a log, as it is fastest: files, or a cache before the service. */

async function startNginx(
  name: 'nginxStatic' | 'nginxProxy',
  { folder }: Surroundings,
  makeServer: (port: number, own: string) => { before: string; inside: string },
): Promise<{ child: Rival['child']; port: number; own: string }> {
  const port = await findFreePort();
  const own = join(folder, name);
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  const { before, inside } = makeServer(port, own);
  // As root its worker would be somebody who may not read the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  await writeFile(
    join(own, 'nginx.conf'),
    `${user}
worker_processes 1;
daemon off;
pid ${own}/nginx.pid;
error_log ${own}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=100;
  client_body_temp_path ${own}/body;
  proxy_temp_path ${own}/proxy;
  fastcgi_temp_path ${own}/fastcgi;
  uwsgi_temp_path ${own}/uwsgi;
  scgi_temp_path ${own}/scgi;
  ${before}
  server {
    listen 127.0.0.1:${port};
    ${inside}
  }
}
`,
  );
  const given = ['-c', join(own, 'nginx.conf'), '-p', own, '-e', join(own, 'error.log')];
  const child = startPinned(findProgram('nginx') ?? 'nginx', given, {
    core: SERVER_CORE,
    logFile: join(own, 'output.log'),
  });
  return { child, port, own };
}

export async function startNginxStatic(surroundings: Surroundings): Promise<Rival> {
  const { answers } = surroundings;
  const { child, port } = await startNginx('nginxStatic', surroundings, (_port, own) => ({
    before: '',
    inside: `root ${own}; default_type "application/json; charset=utf-8";
    location = /listBrotli { add_header content-encoding br; }`,
  }));
  const own = join(surroundings.folder, 'nginxStatic');
  for (const name of ['list', 'listBrotli', 'trial'] as const)
    await writeFile(join(own, name), Buffer.from(answers[name].body, 'base64'));
  await waitForAnswer(port, '/list', child);
  const etag = await readTag(port, '/list');
  return {
    name: 'nginxStatic',
    child,
    port,
    questions: {
      list: { path: '/list', headers: {} },
      listBrotli: { path: '/listBrotli', headers: {} },
      trial: { path: '/trial', headers: {} },
      notModified: { path: '/list', headers: { 'if-none-match': etag } },
    },
  };
}

export async function startNginxProxy(surroundings: Surroundings): Promise<Rival> {
  const { answers, servicePort } = surroundings;
  const { child, port } = await startNginx('nginxProxy', surroundings, (_port, own) => ({
    before: `proxy_cache_path ${own}/cache keys_zone=answers:10m;`,
    inside: `location / {
      proxy_pass http://127.0.0.1:${servicePort};
      proxy_cache answers;
      proxy_cache_use_stale updating;
      proxy_cache_background_update on;
      proxy_set_header accept-encoding $http_accept_encoding;
    }`,
  }));
  await waitForAnswer(port, answers.list.path, child);
  return { name: 'nginxProxy', child, port, questions: answers };
}
