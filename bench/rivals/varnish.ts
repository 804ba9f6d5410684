import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort, findProgram, SERVER_CORE, startPinned, waitForAnswer } from '../pinned-processes.ts';
import type { Rival, Surroundings } from './rival.ts';

/** Varnish before the service, its memory as cache. Its own gzip is off, so that brotli passes as it came. */
export async function startVarnish({ folder, answers, servicePort }: Surroundings): Promise<Rival> {
  const port = await findFreePort();
  const own = join(folder, 'varnish');
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  const rules = join(own, 'rules.vcl');
  await writeFile(rules, `vcl 4.1;\nbackend service { .host = "127.0.0.1"; .port = "${servicePort}"; }\n`);
  const child = startPinned(
    findProgram('varnishd') ?? 'varnishd',
    ['-F', '-j', 'none', '-n', join(own, 'work'), '-a', `127.0.0.1:${port}`, '-f', rules].concat([
      '-s',
      'malloc,64m',
      '-p',
      'http_gzip_support=off',
    ]),
    { core: SERVER_CORE, logFile: join(own, 'output.log') },
  );
  await waitForAnswer(port, answers.list.path, child);
  return { name: 'varnish', child, port, questions: answers };
}
