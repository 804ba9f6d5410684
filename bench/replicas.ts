import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createBalancer, HEALTH_EVERY_MS } from '../tests/support/balancer.ts';
import { startRedisServer } from '../tests/support/redis-server.ts';
import { startRegistryStandIn } from '../tests/support/registry-stand-in.ts';
import { startServiceProcess, type ServiceProcess } from '../tests/support/service-process.ts';
import { startTcpFaultProxy } from '../tests/support/tcp-fault-proxy.ts';

/**
 * `npm run bench:replicas`: three real services and a real Redis under load, while the leader is killed in the middle
 * of a sync, Redis is killed, flaps, one replica is cut off, and all three are rolled. Prints, for each phase, the
 * requests that failed, what the registry was asked, and how long a new list took to be on every replica; ends with 1
 * when a request failed or the replicas differ. Needs `redis-server`.
 */

const REPLICAS = 3;
const CLIENTS = 8;
const PATHS = [
  '/v1/trials?ageGroup=child&phase=3',
  '/v1/trials?limit=5',
  '/v1/trials/NCT03959085',
  '/v1/excluded',
];
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const { studies } = JSON.parse(await readFile('sample/studies.json', 'utf8')) as { studies: unknown[] };
const registry = await startRegistryStandIn({ studies });
const redis = await startRedisServer();
const lines = await Promise.all(
  Array.from({ length: REPLICAS }, async () => startTcpFaultProxy({ upstream: { port: redis.port } })),
);
const folder = await mkdtemp(join(tmpdir(), 'replicas-'));
const start = async (replica: number, port = '0'): Promise<ServiceProcess> =>
  startServiceProcess({
    CTGOV_BASE_URL: registry.baseUrl,
    DATA_DIR: join(folder, String(replica)),
    REDIS_URL: `redis://127.0.0.1:${lines[replica]?.port}`,
    PUBLIC_URL: 'https://trials.example',
    BUNDLED_SAMPLE: 'refuse',
    RATE_LIMIT_PER_MINUTE: '0',
    SYNC_INTERVAL_SECONDS: '5',
    LOG_LEVEL: 'info',
    PORT: port,
  });
const replicas: ServiceProcess[] = [];
for (let replica = 0; replica < REPLICAS; replica++) replicas.push(await start(replica));
const portOf = (replica: number): string => String(replicas[replica]?.port);
const ask = async (
  replica: number,
  path: string,
): Promise<{ status: number; etag: string; body: string }> => {
  const answer = await fetch(`http://127.0.0.1:${portOf(replica)}${path}`);
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', body: await answer.text() };
};
const stateOf = async (replica: number) => {
  const { body } = await ask(replica, '/health/ready');
  return JSON.parse(body) as {
    snapshot: { sourceDataTimestamp: string } | null;
    sync: { role: string; state: string };
  };
};
const everybody = Array.from({ length: REPLICAS }, (_, replica) => replica);
const until = async (condition: () => Promise<boolean>): Promise<number> => {
  const startedMs = performance.now();
  while (!(await condition().catch(() => false))) {
    if (performance.now() - startedMs > 60_000) {
      for (const replica of everybody) print(JSON.stringify(await stateOf(replica).catch(String)));
      throw new Error('it did not happen within a minute');
    }
    await delay(50);
  }
  return performance.now() - startedMs;
};
const findLeader = async (): Promise<number> => {
  let leader = -1;
  await until(async () => {
    const roles = await Promise.all(everybody.map(async (one) => (await stateOf(one)).sync.role));
    leader = roles.indexOf('leader');
    return roles.filter((role) => role === 'leader').length === 1;
  });
  return leader;
};
/** Later than what the stand-in begins with: older data would be held back. */
let day = Date.UTC(2026, 11, 1);
/** A new dataset; its stamp, and how long it takes until every given replica shows it. */
const renew = async (asked: readonly number[] = everybody): Promise<number> => {
  day += 86_400_000;
  const stamp = new Date(day).toISOString().slice(0, 19);
  registry.setStudies(studies.slice((day / 86_400_000) % 3));
  registry.refresh(stamp);
  return until(async () => {
    const states = await Promise.all(asked.map(stateOf));
    return states.every(({ snapshot }) => snapshot?.sourceDataTimestamp === stamp);
  });
};
const differing = async (): Promise<string[]> => {
  const wrong: string[] = [];
  for (const path of PATHS) {
    const isEqual = async (): Promise<boolean> => {
      const answers = await Promise.all(everybody.map(async (replica) => ask(replica, path)));
      return new Set(answers.map(({ etag, body }) => etag + body)).size === 1;
    };
    // A confirmation is on its way for a moment after each check of the registry.
    if (
      !(await until(isEqual).then(
        () => true,
        () => false,
      ))
    )
      wrong.push(path);
  }
  return wrong;
};

await until(async () =>
  (await Promise.all(everybody.map(stateOf))).every(({ snapshot }) => snapshot !== null),
);
const balancer = createBalancer(
  everybody.map((replica) => `http://127.0.0.1:${portOf(replica)}`),
  { retries: true },
);
while (!everybody.every((replica) => balancer.isReady(replica))) await delay(HEALTH_EVERY_MS);

const traffic = { isOver: false, answers: 0, failures: [] as string[] };
const client = async (index: number): Promise<void> => {
  for (let request = index; !traffic.isOver; request++) {
    const path = PATHS[request % PATHS.length] ?? '/';
    try {
      const { statusCode, body } = await balancer.request(path);
      await body.dump();
      if (statusCode === 200) traffic.answers++;
      else traffic.failures.push(`${statusCode} ${path}`);
    } catch (error) {
      traffic.failures.push(`${(error as Error).message} ${path}`);
    }
    await delay(20);
  }
};
const load = Promise.all(Array.from({ length: CLIENTS }, async (_, index) => client(index)));

let failed = 0;
let wrong = 0;
const phase = async (name: string, play: () => Promise<string>): Promise<void> => {
  const before = {
    retried: balancer.retried,
    answers: traffic.answers,
    failures: traffic.failures.length,
    requests: registry.requests.length,
  };
  const startedMs = performance.now();
  const told = await play();
  const minutes = (performance.now() - startedMs) / 60_000;
  const failures = traffic.failures.slice(before.failures);
  const different = await differing();
  failed += failures.length;
  wrong += different.length;
  const asked = (registry.requests.length - before.requests) / minutes;
  print(
    `| ${name} | ${traffic.answers - before.answers} | ${failures.length} | ${balancer.retried - before.retried} | ${asked.toFixed(0)} | ${told} | ${different.length === 0 ? 'equal' : different.join(' ')} |`,
  );
  for (const failure of new Set(failures)) print(`  ${failure}`);
};
const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;

print('The registry is asked every 5 s here instead of every hour.');
print('');
print(
  '| phase | answers 200 | failed | tried twice | registry requests a minute | new list on every replica after | bodies and tags |',
);
print('|---|---|---|---|---|---|---|');
await phase('nothing happens', async () => seconds(await renew()));
await phase('the leader is killed in the middle of a sync', async () => {
  const leader = await findLeader();
  const port = portOf(leader);
  registry.faults.add({ kind: 'silence', path: '/studies', times: 1 });
  day += 86_400_000;
  registry.refresh(new Date(day).toISOString().slice(0, 19));
  await until(async () => (await stateOf(leader)).sync.state === 'walking');
  // A balancer takes it out first, as an orchestrator does; that it dies without a word is for the others to notice.
  const others = everybody.filter((replica) => replica !== leader);
  await (replicas[leader] as ServiceProcess).stop('SIGKILL');
  const taken = await until(async () => {
    const roles = await Promise.all(others.map(async (one) => (await stateOf(one)).sync.role));
    return roles.includes('leader');
  });
  const tookMs = await renew(others);
  replicas[leader] = await start(leader, port);
  while (!balancer.isReady(leader)) await delay(HEALTH_EVERY_MS);
  return `${seconds(tookMs)}; another led after ${seconds(taken)}`;
});
await phase('Redis is killed and started again, empty', async () => {
  await redis.kill();
  await delay(5_000);
  await redis.start();
  await findLeader();
  return seconds(await renew());
});
await phase('Redis flaps, ten times in ten seconds', async () => {
  for (let time = 0; time < 10; time++) {
    for (const line of lines) await line.down();
    await delay(500);
    for (const line of lines) await line.up();
    await delay(500);
  }
  await findLeader();
  return seconds(await renew());
});
await phase('one replica is cut off from Redis and comes back', async () => {
  const leader = await findLeader();
  const cutOff = everybody.find((replica) => replica !== leader) ?? 0;
  await lines[cutOff]?.down();
  const tookMs = await renew(everybody.filter((replica) => replica !== cutOff));
  await lines[cutOff]?.up();
  const back = await until(async () => {
    const states = await Promise.all(everybody.map(stateOf));
    return new Set(states.map(({ snapshot }) => snapshot?.sourceDataTimestamp)).size === 1;
  });
  return `${seconds(tookMs)}; the one cut off ${seconds(back)} after it was back`;
});
await phase('all three are rolled', async () => {
  for (const replica of everybody) {
    const port = portOf(replica);
    const code = await replicas[replica]?.stop('SIGTERM');
    if (code !== 0) traffic.failures.push(`exit ${code}`);
    replicas[replica] = await start(replica, port);
    while (!balancer.isReady(replica)) await delay(HEALTH_EVERY_MS);
  }
  return seconds(await renew());
});
traffic.isOver = true;
await load;
await balancer.close();
await Promise.all(replicas.map(async (replica) => replica.stop('SIGINT')));
await Promise.all(lines.map(async (line) => line.close()));
await redis.close();
await registry.close();
await rm(folder, { recursive: true });
print('');
print(`${traffic.answers} answers, ${failed} failed, ${wrong} that differ between replicas`);
process.exitCode = failed === 0 && wrong === 0 ? 0 : 1;
