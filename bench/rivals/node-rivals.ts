import { join } from 'node:path';
import process from 'node:process';
import { findFreePort, SERVER_CORE, startPinned, waitForAnswer } from '../pinned-processes.ts';
import type { Question, Rival, Surroundings } from './rival.ts';

const fileOf = (name: string): string => new URL(name, import.meta.url).pathname;

export async function startRaw({ answersFile }: Surroundings): Promise<Rival> {
  const port = await findFreePort();
  const child = startPinned(process.execPath, [fileOf('raw-http.ts'), answersFile, String(port)], {
    core: SERVER_CORE,
  });
  await waitForAnswer(port, '/list', child);
  const at = (path: string): Question => ({ path, headers: {} });
  return {
    name: 'raw',
    child,
    port,
    questions: {
      list: at('/list'),
      listBrotli: at('/listBrotli'),
      trial: at('/trial'),
      notModified: at('/notModified'),
    },
  };
}

export async function startPlugins({ answersFile, folder }: Surroundings): Promise<Rival> {
  const port = await findFreePort();
  const logFile = join(folder, 'plugins.log');
  const child = startPinned(process.execPath, [fileOf('plugin-stack.ts'), answersFile, String(port)], {
    core: SERVER_CORE,
    logFile,
  });
  await waitForAnswer(port, '/list', child);
  const etag = await readTag(port, '/list');
  return {
    name: 'plugins',
    child,
    port,
    logFile,
    questions: {
      list: { path: '/list', headers: {} },
      listBrotli: { path: '/list', headers: { 'accept-encoding': 'br' } },
      trial: { path: '/trial', headers: {} },
      notModified: { path: '/list', headers: { 'if-none-match': etag } },
    },
  };
}

export async function readTag(port: number, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { 'accept-encoding': 'identity' },
  });
  await answer.arrayBuffer();
  return answer.headers.get('etag') ?? '';
}
