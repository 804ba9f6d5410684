import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { startRegistryStandIn } from './support/registry-stand-in.ts';
import { sampleStudies } from './support/sample.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** The real program in a process of its own; resolves when it says where it serves. */
async function startService(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { PATH: process.env['PATH'], PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line);
  });
  const waitFor = async (pattern: RegExp): Promise<string> =>
    lines.find((line) => pattern.test(line)) ??
    new Promise((resolve) => {
      waiting.push({ pattern, resolve });
    });
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return code;
  };
  cleanups.push(stop);
  const address = (await waitFor(/^Serving at /)).replace('Serving at ', '');
  const list = async (query = '') =>
    (await (await fetch(`${address}/v1/trials${query}`)).json()) as {
      total: number;
      data: { nctId: string; availability: string }[];
      meta: { source: string; stale: boolean; sourceDataTimestamp: string };
    };
  return { address, list, waitFor, stop };
}

test(
  'empty start, sync, filtered lists, the registry changes, the list changes, a restart without network',
  { timeout: 60_000 },
  async () => {
    const registry = await startRegistryStandIn({ studies: sampleStudies });
    cleanups.push(async () => registry.close());
    const folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
    cleanups.push(async () => rm(folder, { recursive: true }));
    const environment = {
      CTGOV_BASE_URL: registry.baseUrl,
      DATA_DIR: folder,
      BUNDLED_SAMPLE: 'refuse',
      SYNC_INTERVAL_SECONDS: '1',
    };

    const service = await startService(environment);
    await service.waitFor(/Published 26 trials/);
    const first = await service.list('?ageGroup=child&phase=3');
    expect(first.meta).toMatchObject({
      source: 'registry',
      stale: false,
      sourceDataTimestamp: '2026-11-20T09:00:04',
    });
    expect(first.data.find(({ nctId }) => nctId === 'NCT03959085')?.availability).toBe('open');

    const changed = structuredClone(sampleStudies) as {
      protocolSection: { identificationModule: { nctId: string }; statusModule: Record<string, unknown> };
    }[];
    const closing = changed.find(
      ({ protocolSection }) => protocolSection.identificationModule.nctId === 'NCT03959085',
    );
    Object.assign(closing?.protocolSection.statusModule ?? {}, { overallStatus: 'COMPLETED' });
    registry.setStudies(
      changed.filter(({ protocolSection }) => protocolSection.identificationModule.nctId !== 'NCT03914625'),
    );
    registry.refresh('2026-11-21T09:00:04');
    await service.waitFor(/Published 25 trials: 0 added, 1 gone/);
    const second = await service.list('?ageGroup=child&phase=3');
    expect(second.data.find(({ nctId }) => nctId === 'NCT03959085')?.availability).toBe('closed');
    expect((await fetch(`${service.address}/v1/trials/NCT03914625`)).status).toBe(410);
    expect(await service.stop()).toBe(0);

    await registry.close();
    const again = await startService(environment);
    const saved = await again.list();
    expect(saved.meta).toMatchObject({ source: 'saved', sourceDataTimestamp: '2026-11-21T09:00:04' });
    expect((await fetch(`${again.address}/v1/trials/NCT03914625`)).status).toBe(410);
  },
);

test('without network and without a saved list, the sample is served and says so', async () => {
  const service = await startService({ CTGOV_BASE_URL: 'http://127.0.0.1:9/api/v2', DATA_DIR: '' });
  expect((await service.list()).meta).toMatchObject({ source: 'bundled', stale: true });
});

test.each([
  [{ PORT: 'x' }, 78, 'PORT is "x"; allowed: 0 to 65535'],
  [{ INSTITUTION_FILE: 'package.json' }, 78, 'INSTITUTION_FILE package.json has the wrong shape'],
])('a wrong setting %j ends the start with %d and one line', async (environment, code, line) => {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { PATH: process.env['PATH'], DATA_DIR: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  expect(exitCode).toBe(code);
  expect(text).toContain(line);
  expect(text.trimEnd().split('\n')).toHaveLength(1);
});
