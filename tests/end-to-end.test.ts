import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRegistryStandIn, type RegistryStandIn } from './support/registry-stand-in.ts';
import { sampleStudies } from './support/sample.ts';
import { runCommand, startServiceProcess, type ServiceProcess } from './support/service-process.ts';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9/api/v2';
const WHOLE_PROGRAM = { timeout: 60_000 };

let registry: RegistryStandIn;
let folder: string;
let environment: Record<string, string>;
const services: ServiceProcess[] = [];
beforeEach(async () => {
  registry = await startRegistryStandIn({ studies: sampleStudies });
  folder = await mkdtemp(join(tmpdir(), 'uab-all-trials-'));
  environment = { CTGOV_BASE_URL: registry.baseUrl, DATA_DIR: folder, BUNDLED_SAMPLE: 'refuse' };
});
afterEach(async () => {
  for (const service of services.splice(0)) if (service.child.exitCode === null) await service.stop();
  await registry.close();
  await rm(folder, { recursive: true });
});

const start = async (more: Record<string, string> = {}): Promise<ServiceProcess> => {
  const service = await startServiceProcess({ ...environment, ...more });
  services.push(service);
  return service;
};
const change = (studies: readonly unknown[], day: string): void => {
  registry.setStudies(studies);
  registry.refresh(`${day}T09:00:04`);
};
const saved = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('snapshot-'));

test(
  'empty start, sync, filtered lists, the registry changes, the list changes, a restart without network',
  WHOLE_PROGRAM,
  async () => {
    const service = await start({ SYNC_INTERVAL_SECONDS: '1' });
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
    change(
      changed.filter(({ protocolSection }) => protocolSection.identificationModule.nctId !== 'NCT03914625'),
      '2026-11-21',
    );
    await service.waitFor(/Published 25 trials: 0 added, 1 gone/);
    const second = await service.list('?ageGroup=child&phase=3');
    expect(second.data.find(({ nctId }) => nctId === 'NCT03959085')?.availability).toBe('closed');
    const gone = await fetch(`${service.address}/v1/trials/NCT03914625`);
    expect([gone.status, ((await gone.json()) as { detail: string }).detail]).toEqual([
      410,
      expect.stringContaining('The registry no longer has a study of this number.'),
    ]);
    expect(await service.stop()).toBe(0);

    await registry.close();
    const again = await start();
    expect((await again.list()).meta).toMatchObject({
      source: 'saved',
      sourceDataTimestamp: '2026-11-21T09:00:04',
    });
    expect((await fetch(`${again.address}/v1/trials/NCT03914625`)).status).toBe(410);
  },
);

describe('npm run sync', () => {
  const sync = async (...given: string[]) => runCommand('src/sync-once.ts', given, environment);

  test('shows pages and changes in plain lines, holds back, accepts', WHOLE_PROGRAM, async () => {
    const first = await sync();
    expect(first.output.slice(0, 4)).toEqual([
      'named: page 1, 23 of 23 studies',
      expect.stringMatching(/^criteria: page 1, /),
      expect.stringMatching(/^baskets: page 1, /),
      'Published 26 trials: 26 added, 0 gone, 0 changed.',
    ]);
    expect(first.output[4]).toMatch(/^\+ NCT\d{8} /);
    expect([first.code, first.errors]).toEqual([0, []]);
    change(sampleStudies.slice(0, 20), '2026-11-21');
    const held = await sync();
    expect(held.code).toBe(2);
    expect(held.output.join('\n')).toMatch(/^Held back \(1 of 3 syncs agree\): /m);
    expect(held.output.join('\n')).toMatch(/^! \d+ trials after 26; at least 80 % are expected\.$/m);
    const accepted = await sync('--accept');
    expect(accepted.code).toBe(0);
    expect(accepted.output[0]).toMatch(/^Published \d+ trials: 0 added, \d+ gone, 0 changed\.$/);
    expect((await sync('--accept')).output).toEqual(['No list is held back.']);
  });

  test('asks the service that has the folder', WHOLE_PROGRAM, async () => {
    const service = await start();
    await service.waitFor(/Published 26 trials/);
    const { total } = await service.list();
    change(sampleStudies.slice(0, 20), '2026-11-21');
    const held = await sync();
    expect(held.output[0]).toBe(
      `The service (process ${service.child.pid}) has DATA_DIR and is asked to do it.`,
    );
    expect(held.code).toBe(2);
    const meta = (await (await fetch(`${service.address}/v1/meta`)).json()) as {
      sync: { state: string; held: { agreed: number } };
      held: { diff: { gone: unknown[] } };
    };
    expect(meta.sync).toMatchObject({ state: 'held', held: { agreed: 1, needed: 3 } });
    expect((await service.list()).total).toBe(total);
    expect((await sync('--accept')).code).toBe(0);
    expect((await service.list()).total).toBeLessThan(total);
    expect(meta.held.diff.gone.length).toBeGreaterThan(5);
  });

  test('fails with 1 and says why; a wrong argument is 64', WHOLE_PROGRAM, async () => {
    registry.faults.add({ kind: 'refused' });
    const failed = await sync();
    expect([failed.code, failed.output]).toEqual([
      1,
      [
        expect.stringMatching(/^The sync failed \(refused\): /),
        expect.stringMatching(/The list before is kept\.$/),
      ],
    ]);
    const paused = await sync();
    expect([paused.code, paused.output]).toEqual([
      1,
      [expect.stringMatching(/^Nothing was asked: the registry refused us, until .+ at least\.$/)],
    ]);
    expect((await sync('--force')).code).toBe(64);
  });
});

test(
  'two services in one folder both serve; the second saves once the first has gone',
  WHOLE_PROGRAM,
  async () => {
    const first = await start({ SYNC_INTERVAL_SECONDS: '1' });
    await first.waitFor(/Published 26 trials/);
    const second = await start({ SYNC_INTERVAL_SECONDS: '1' });
    await second.waitFor(/another process writes in DATA_DIR/);
    expect((await second.list()).meta.source).toBe('saved');
    expect(await first.stop()).toBe(0);
    change(sampleStudies.slice(1), '2026-11-21');
    await second.waitFor(/Published \d+ trials/);
    expect(await second.stop()).toBe(0);
    expect(await saved()).toHaveLength(2);
  },
);

test('SIGTERM while the registry hangs ends the process with 0', WHOLE_PROGRAM, async () => {
  registry.faults.add({ kind: 'silence' });
  const service = await start();
  await service.waitFor(/"to":"checking"/);
  expect(await service.stop('SIGTERM')).toBe(0);
  expect((await readdir(folder)).filter((name) => name.endsWith('.lock'))).toEqual([]);
});

test(
  'without network and without a saved list: 503 and Retry-After, and ready later without a restart',
  WHOLE_PROGRAM,
  async () => {
    registry.faults.add({ kind: 'status', status: 429, retryAfter: '1', times: 2 });
    const service = await start({ SYNC_INTERVAL_SECONDS: '1' });
    const early = await fetch(`${service.address}/v1/trials`);
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '30']);
    expect((await fetch(`${service.address}/health/ready`)).status).toBe(503);
    await service.waitFor(/Published 26 trials/);
    expect((await fetch(`${service.address}/health/ready`)).status).toBe(200);
  },
);

test(
  'without network and without a saved list, the sample is served and says so',
  WHOLE_PROGRAM,
  async () => {
    const service = await start({ CTGOV_BASE_URL: NOWHERE, DATA_DIR: '', BUNDLED_SAMPLE: 'serve' });
    expect((await service.list()).meta).toMatchObject({ source: 'bundled', stale: true });
  },
);

test.each([
  [{ PORT: 'x' }, 78, 'PORT is "x"; allowed: 0 to 65535'],
  [{ INSTITUTION_FILE: 'package.json' }, 78, 'INSTITUTION_FILE package.json has the wrong shape'],
])('a wrong setting %j ends the start with %d and one line', WHOLE_PROGRAM, async (wrong, code, line) => {
  const ended = await runCommand('src/main.ts', [], { DATA_DIR: '', ...wrong });
  expect([ended.code, ended.errors]).toEqual([code, [expect.stringContaining(line)]]);
});

test(
  'a port in use ends the start with 69 and one line, and leaves the data to who starts next',
  WHOLE_PROGRAM,
  async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      other.once('listening', resolve);
    });
    const { port } = other.address() as AddressInfo;
    const ended = await runCommand('src/main.ts', [], { DATA_DIR: folder, PORT: String(port) });
    expect([ended.code, ended.errors]).toEqual([69, ['PORT is in use by another program; set another one']]);
    expect(await readdir(folder)).not.toContain('writer.lock');
    other.close();
  },
);

test('a host that nobody knows ends the start with 69 and a line that names it', WHOLE_PROGRAM, async () => {
  const ended = await runCommand('src/main.ts', [], { DATA_DIR: '', HOST: 'nohost.invalid' });
  expect([ended.code, ended.errors]).toEqual([
    69,
    [expect.stringMatching(/^HOST nohost\.invalid and PORT \d+ cannot be listened at: /)],
  ]);
});
