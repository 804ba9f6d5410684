import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type Dispatcher } from 'undici';

/** One replica as a balancer sees it. */
interface Backend {
  readonly pool: Pool;
  ready: boolean;
}

/** Sends requests to replicas in turn. */
export interface Balancer {
  isReady(index: number): boolean;
  /** Requests that were tried twice. */
  readonly retried: number;
  request(path: string): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

export const HEALTH_EVERY_MS = 250;

/**
 * A balancer that asks for readiness. It never tries a request twice, unless `retries` is set: then it asks another
 * replica when a connection fails, as proxies do for what is safe to repeat.
 */
export function createBalancer(
  addresses: readonly string[],
  { retries = false }: { retries?: boolean } = {},
): Balancer {
  const backends: Backend[] = addresses.map((address) => ({
    pool: new Pool(address, { connections: 4 }),
    ready: true,
  }));
  const over = new AbortController();
  const watch = async (backend: Backend): Promise<void> => {
    while (!over.signal.aborted) {
      backend.ready = await backend.pool
        .request({ method: 'GET', path: '/health/ready' })
        .then(async ({ statusCode, body }) => {
          await body.dump();
          return statusCode === 200;
        })
        .catch(() => false);
      await delay(HEALTH_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const watching = Promise.all(backends.map(watch));
  let turn = 0;
  let retried = 0;
  return {
    get retried() {
      return retried;
    },
    isReady: (index) => backends[index]?.ready ?? false,
    async request(path) {
      const ready = backends.filter((one) => one.ready);
      const backend = ready[turn++ % ready.length];
      if (backend === undefined) throw new Error('no replica is ready');
      try {
        return await backend.pool.request({ method: 'GET', path });
      } catch (error) {
        const other = retries ? ready.find((one) => one !== backend) : undefined;
        if (other === undefined) throw error;
        retried++;
        return other.pool.request({ method: 'GET', path });
      }
    },
    async close() {
      over.abort();
      await watching;
      await Promise.all(backends.map(async ({ pool }) => pool.destroy()));
    },
  };
}
